"""A client that goes, at every point of a step: the bridge keeps what was scored and frees what was held."""

import json

import pytest

from support.client import RawClient, reset, step
from support.deadline import eventually
from support.frames import TEXT, Frame, encode

STEP = encode(Frame(TEXT, json.dumps(step("gone")).encode(), masked=True))
CUTS = [0, 1, 2, 6, 7, len(STEP) // 2, len(STEP) - 1]


@pytest.fixture
def bridge(scored_bridge):
    bridge = scored_bridge("scores.py:Running", worker={"workers": 1, "spares": 0})
    yield bridge
    with RawClient(bridge.url) as client:
        client.call(reset())
        assert client.call(step("fine"))["data"]["reward"] == 4.0
        assert client.close() == 1000
    eventually(lambda: all(each["ended_at"] for each in bridge.sessions()), "the end of every session")


def leave(client: RawClient, abruptly: bool) -> None:
    client.reset_connection() if abruptly else client.sock.close()


@pytest.mark.parametrize("abruptly", [False, True], ids=["closes", "resets"])
@pytest.mark.parametrize("cut", CUTS)
def test_in_the_middle_of_a_request(bridge, cut, abruptly):
    client = RawClient(bridge.url)
    client.call(reset())
    assert client.call(step("ab"))["data"]["reward"] == 2.0
    client.sock.sendall(STEP[:cut])
    leave(client, abruptly)
    scored = [row for row in bridge.rows(1) if row["status"] == "scored"]
    assert [(row["episode"], row["step"], row["reward"]) for row in scored] == [(1, 1, 2.0)]


@pytest.mark.parametrize("abruptly", [False, True], ids=["closes", "resets"])
def test_while_the_environment_steps(bridge, tmp_path, abruptly):
    gate = tmp_path / "gate"
    client = RawClient(bridge.url)
    client.call(reset())
    client.send(step("held", gate=str(gate)))
    eventually(gate.with_name("gate.started").exists, "the step to reach the environment")
    leave(client, abruptly)
    gate.touch()


@pytest.mark.parametrize("abruptly", [False, True], ids=["closes", "resets"])
def test_before_the_reply_is_read(bridge, abruptly):
    client = RawClient(bridge.url)
    client.call(reset())
    client.send(step("unread"))
    leave(client, abruptly)


def test_after_the_handshake_alone(bridge):
    for _ in range(20):
        RawClient(bridge.url).reset_connection()


def test_with_many_requests_in_flight(bridge):
    client = RawClient(bridge.url)
    for message in [reset(), *(step("x") for _ in range(50))]:
        client.send(message)
    client.receive()
    leave(client, True)


def test_while_a_reward_is_computed(scored_bridge, tmp_path):
    """The reply can't be delivered; the outcome is kept, and says so."""
    bridge = scored_bridge("scores.py:slow", worker={"sandbox": "off"})
    gate = tmp_path / "gate"
    client = RawClient(bridge.url)
    client.call(reset())
    client.send(step(str(gate)))
    eventually(gate.with_name("gate.started").exists, "the rubric to start")
    leave(client, True)
    gate.touch()
    (row,) = bridge.rows(1)
    assert (row["status"], row["reward"], row["delivery"]) == ("scored", 1.0, "none")
