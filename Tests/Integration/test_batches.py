"""Steps of several sessions that are scored in one call."""

import json
import time
from contextlib import ExitStack

import pytest

from support.client import RawClient, reset, step
from support.environment import PYTHON

HOW_MANY = """
from rewardbridge import rubric

@rubric(elementwise=True)
def score(prompts, completions):
    if "bad" in completions:
        raise ValueError("bad")
    return [len(completions) + (completion == "late") / 2 for completion in completions]
"""

VIEW = {"completion": "/action/message", "prompt": "/action/message", "messages": "turns"}


@pytest.fixture
def bridge(bridges, probe, tmp_path):
    (tmp_path / "many.py").write_text(HOW_MANY)

    def start(wait, **worker):
        environment = {
            "url": probe, "rubric": f"python:{tmp_path}/many.py:score", "python": str(PYTHON), "view": VIEW,
        }  # fmt: skip
        return bridges({"environment": environment}, worker={"workers": 1, "spares": 0, "batch_wait": wait, **worker})

    return start


def play(bridge, messages):
    """The rewards of one step in as many sessions, all sent before the first reply is read."""
    with ExitStack() as stack:
        clients = [stack.enter_context(RawClient(bridge.url)) for _ in messages]
        for client in clients:
            client.call(reset())
        for client, message in zip(clients, messages):
            client.send(step(message))
        return [json.loads(client.receive())["data"].get("reward") for client in clients]


def test_steps_that_come_within_the_wait_share_a_call(bridge):
    assert play(bridge("500ms"), ["a", "b", "late", "c"]) == [4.0, 4.0, 4.5, 4.0]


def test_a_full_batch_does_not_wait(bridge):
    started = time.monotonic()
    assert play(bridge("20s", in_flight=3), ["a", "b", "c"]) == [3.0, 3.0, 3.0]
    assert time.monotonic() - started < 15


def test_a_step_alone_waits_no_longer_than_the_wait(bridge):
    running = bridge("200ms")
    started = time.monotonic()
    assert play(running, ["a"]) == [1.0]
    assert 0.2 <= time.monotonic() - started < 5


def test_a_record_that_fails_the_call_fails_alone(bridge):
    assert play(bridge("500ms"), ["a", "bad", "b"]) == [1.0, None, 1.0]
