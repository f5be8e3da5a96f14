"""Rubrics that behave: each reward tells which step it belongs to."""

import time
from pathlib import Path


def length(action, observation):
    """A tenth for each character of the message: never what the environment itself would say."""
    return len(action.get("message") or "") / 10


def count(action, observation):
    """The ordinal that the environment gave the step, and a half."""
    return observation["count"] + 0.5


class Running:
    """The number of characters of all the episode's messages: one step forgotten or doubled shows."""

    def __init__(self):
        self.total = 0

    def score(self, action, observation):
        self.total += len(action.get("message") or "")
        return float(self.total)


def exact(action, observation, answer):
    return 1.0 if action.get("message") == answer else 0.0


def length_or_raise(action, observation):
    if action.get("message") == "boom":
        raise ValueError("a secret of the rubric")
    return length(action, observation)


def slow(action, observation):
    """Waits at the gate that the message names, as the probe environment does."""
    gate = Path(action["message"])
    gate.with_name(gate.name + ".started").touch()
    deadline = time.monotonic() + 20
    while not gate.exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    return 1.0


def words(completion):
    return len(completion.split()) / 10


def slowly(action, observation):
    time.sleep(0.2)
    return 1.0
