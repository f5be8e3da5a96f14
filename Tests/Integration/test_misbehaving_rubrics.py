"""Whatever a rubric does, its step says so within the deadline, and the next episode is scored."""

import json
import os
import re
import signal
import time

import pytest

from support.client import RawClient, reset, step
from support.deadline import eventually
from support.process import descendants, is_alive

QUICK = {"call_timeout": "1s", "hang_after": "500ms", "restart": {"initial": "10ms", "failures": 100}}

FAILURES = {
    "raises": "exception",
    "exits": None,
    "dies": "crash",
    "crashes": "crash",
    "kills_itself": "crash",
    "hangs": "timeout",
    "hangs_holding_the_lock": "timeout",
    "hangs_deaf": "timeout",
    "leaves_a_child": "crash",
    "runs_out_of_memory": "memory",
    "not_finite": "not_finite",
    "infinite": "not_finite",
    "text": "not_a_number",
    "a_list": None,
    "coroutine": "exception",
    "writes_on_the_protocol": None,
    "closes_the_protocol": None,
    "recursion": "exception",
    "ends_by_thread": "crash",
}
"""The kind in the ledger; None where several would be right."""


def failed(reply: dict) -> None:
    assert reply["type"] == "error", reply
    data = reply["data"]
    assert (data["code"], data["message"], data["step_executed"]) == ("REWARD_FAILED", "reward unavailable", True)
    assert data["reply"]["observation"]["text"] == "bad"
    assert "misbehaving" not in json.dumps(reply) and "Traceback" not in json.dumps(reply)


@pytest.mark.parametrize("name", FAILURES)
def test_it_fails_and_the_next_episode_is_scored(scored_bridge, name):
    bridge = scored_bridge(f"misbehaving.py:{name}", worker=QUICK)
    with RawClient(bridge.url) as client:
        client.call(reset())
        assert client.call(step("ok"))["data"]["reward"] == 1.0
        started = time.monotonic()
        failed(client.call(step("bad")))
        assert time.monotonic() - started < 10
        client.call(reset())
        assert client.call(step("ok"))["data"]["reward"] == 1.0
    rows = [row for row in bridge.rows(3) if row["status"] == "failed"]
    assert len(rows) == 1
    assert FAILURES[name] in (None, rows[0]["kind"])


def test_a_flood_of_output_harms_nobody(scored_bridge):
    bridge = scored_bridge("misbehaving.py:floods")
    with RawClient(bridge.url) as client:
        client.call(reset())
        assert client.call(step("bad"))["data"]["reward"] == 0.5
        assert client.call(step("ok"))["data"]["reward"] == 1.0
    assert len(bridge.process.output) < 8_000_000


def test_none_is_unscored_and_arrives_as_null(scored_bridge):
    bridge = scored_bridge("misbehaving.py:abstains", worker=QUICK)
    with RawClient(bridge.url) as client:
        client.call(reset())
        assert client.call(step("bad", reward=5))["data"]["reward"] is None
        assert client.call(step("ok"))["data"]["reward"] == 1.0


def test_out_of_the_declared_range_is_a_failure(scored_bridge):
    bridge = scored_bridge("scores.py:length", range=[0, 0.25])
    with RawClient(bridge.url) as client:
        client.call(reset())
        assert client.call(step("ok"))["data"]["reward"] == 0.2
        failed(client.call(step("bad")))


def test_what_a_worker_leaves_behind_is_killed(scored_bridge):
    bridge = scored_bridge("misbehaving.py:leaves_a_child", worker={**QUICK, "sandbox": "off"})
    with RawClient(bridge.url) as client:
        client.call(reset())
        failed(client.call(step("bad")))
    left = eventually(lambda: re.search(r"left behind: (\d+)", bridge.process.output), "the pid of the child")
    eventually(lambda: not is_alive(int(left[1])), "the end of the child")


def test_state_survives_the_worker_that_held_it(scored_bridge):
    """Killed from outside between two steps: the episode is made again from its steps, and goes on."""
    bridge = scored_bridge("scores.py:Running", worker=QUICK)
    with RawClient(bridge.url) as client, RawClient(bridge.url) as other:
        for each in (client, other):
            each.call(reset())
            assert [each.call(step("ab"))["data"]["reward"] for _ in range(3)] == [2.0, 4.0, 6.0]
        for pid in descendants(bridge.process.pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        bridge.process.wait_for("a worker ended")
        for each in (client, other):
            assert [each.call(step("a"))["data"]["reward"] for _ in range(3)] == [7.0, 8.0, 9.0]
    assert len(bridge.rows(12)) == 12


def test_one_hanging_session_does_not_stop_the_others(scored_bridge):
    bridge = scored_bridge("misbehaving.py:hangs", worker={**QUICK, "call_timeout": "3s", "workers": 2})
    with RawClient(bridge.url) as stuck, RawClient(bridge.url) as lively:
        stuck.call(reset()), lively.call(reset())
        stuck.send(step("bad"))
        started = time.monotonic()
        for _ in range(20):
            assert lively.call(step("ok"))["data"]["reward"] == 1.0
        assert time.monotonic() - started < 3
        failed(json.loads(stuck.receive()))
