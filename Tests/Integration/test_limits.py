"""Every bound says what it does when it is reached, and nothing else suffers."""

import json

import pytest

from support.bridge import scored
from support.client import RawClient, reset, step
from support.deadline import eventually


@pytest.fixture
def limited(bridges, probe):
    def start(target: str = "scores.py:length", *, worker=None, **limits):
        return bridges(scored(probe, target), limits=limits, **({"worker": worker} if worker else {}))

    return start


def test_no_more_sessions_than_allowed(limited):
    bridge = limited(sessions_max=2)
    with RawClient(bridge.url) as first, RawClient(bridge.url) as second:
        for client in (first, second):
            client.call(reset())
        with pytest.raises(AssertionError, match="503"):
            RawClient(bridge.url)
        assert first.call(step("ab"))["data"]["reward"] == 0.2
        second.close()

        def admitted():
            try:
                with RawClient(bridge.url) as third:
                    return third.call(reset())["type"] == "observation"
            except AssertionError:
                return False

        eventually(admitted, "room for another session")


def test_a_reply_too_large_to_score_is_a_failed_reward(limited):
    bridge = limited(score_max_bytes="64KiB")
    with RawClient(bridge.url) as client:
        client.call(reset())
        assert client.call(step("ab", size=1000))["data"]["reward"] == 0.2
        reply = client.call(step("ab", reward=0.7, size=100_000))
        assert (reply["type"], reply["data"]["code"]) == ("error", "REWARD_FAILED")
    assert [row["kind"] for row in bridge.rows(2)] == [None, "too_large"]


@pytest.mark.parametrize("in_flight", [1, 2, 64])
def test_more_requests_than_may_be_in_flight_wait(limited, in_flight):
    bridge = limited("scores.py:Running", in_flight=in_flight)
    with RawClient(bridge.url) as client:
        client.send(reset())
        for _ in range(300):
            client.send(step("x"))
        client.receive()
        assert [json.loads(client.receive())["data"]["reward"] for _ in range(300)] == [float(n) for n in range(1, 301)]


def test_a_reader_that_is_slow_gets_everything_in_order(limited):
    bridge = limited("scores.py:Running", memory_max="64MiB")
    with RawClient(bridge.url) as slow, RawClient(bridge.url) as lively:
        for client in (slow, lively):
            client.call(reset())
        for _ in range(40):
            slow.send(step("x", size=500_000))
        for turn in range(1, 21):
            assert lively.call(step("y"))["data"]["reward"] == float(turn)
        assert [json.loads(slow.receive())["data"]["reward"] for _ in range(40)] == [float(n) for n in range(1, 41)]


def test_a_full_queue_is_overloaded_and_kills_nobody(limited):
    """One worker that takes its time, and room for few: the others are told so at once."""
    bridge = limited("scores.py:slowly", worker={"workers": 1, "spares": 0, "in_flight": 1, "queue_max": 2})
    clients = [RawClient(bridge.url) for _ in range(12)]
    for client in clients:
        client.call(reset())
    for client in clients:
        client.send(step("x"))
    replies = [json.loads(client.receive()) for client in clients]
    assert any(reply["type"] == "observation" and reply["data"]["reward"] == 1.0 for reply in replies)
    rows = bridge.rows(12)
    kinds = [row["kind"] for row in rows if row["status"] == "failed"]
    assert kinds and set(kinds) == {"overloaded"}
    for client in clients:
        client.sock.close()
    with RawClient(bridge.url) as client:
        client.call(reset())
        assert client.call(step("x"))["data"]["reward"] == 1.0
