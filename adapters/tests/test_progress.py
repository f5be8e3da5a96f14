"""Outcomes of short calls that leave together, and the word that says which call runs."""

import mmap
import time
from pathlib import Path

import pytest
from harness import DEADLINE, Worker, score, step

CODE = """
import time

def score(action, observation):
    if action == "hang":
        time.sleep(3600)
    if action == "slow":
        time.sleep(0.05)
    return float(len(action))
"""


@pytest.fixture
def shared(root: Path, tmp_path: Path):
    """A worker that shares a word with us, and the word."""
    file = tmp_path / "progress"
    file.write_bytes(bytes(8))
    (root / "rewards.py").write_text(CODE)
    worker = Worker(root, REWARDBRIDGE_PROGRESS=str(file))
    assert worker.load("rewards.py:score")["type"] == "loaded"
    with file.open("r+b") as handle, mmap.mmap(handle.fileno(), 8) as memory, memoryview(memory).cast("Q") as word:
        yield worker, word
    worker.process.kill()
    worker.connection.close()
    worker.process.communicate()


def test_outcomes_of_one_frame_leave_as_one(shared):
    worker, word = shared
    worker.send(*[score(step("x" * each), each) for each in range(1, 9)])
    assert [(each["id"], each["reward"]) for each in worker.receive()] == [(each, each) for each in range(1, 9)]
    assert word[0] == 8


def test_an_outcome_does_not_wait_long(shared):
    worker, _ = shared
    worker.send(*[score(step(action), call) for call, action in enumerate(["a", "slow", "b", "c"], 1)])
    assert [each["id"] for each in worker.receive()] == [1, 2]
    assert [each["id"] for each in worker.receive()] == [3, 4]


def test_the_word_names_the_call_that_hangs(shared):
    worker, word = shared
    worker.send(*[score(step(action), call) for call, action in enumerate(["a", "b", "hang", "c"], 5)])
    end = time.monotonic() + DEADLINE
    while word[0] != 7:
        assert time.monotonic() < end, word[0]
    worker.connection.settimeout(0.2)
    with pytest.raises(TimeoutError):
        worker.receive()


def test_what_is_wanted_at_once_leaves_before_the_next_begins(shared):
    worker, _ = shared
    worker.send(score(step("a"), 1), score(step("b"), 2, at_once=True), score(step("hang"), 3))
    assert [each["id"] for each in worker.receive()] == [1, 2]


def test_without_the_word_each_outcome_leaves_by_itself(load):
    worker = load(CODE)
    worker.send(*[score(step("x"), each) for each in range(1, 4)])
    assert [len(worker.receive()) for _ in range(3)] == [1, 1, 1]
