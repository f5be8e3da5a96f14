"""Outcomes of short calls that leave together, and the word that says which call runs."""

import mmap
import time
from pathlib import Path

import pytest
from harness import DEADLINE, Worker, said, score, step

CODE = """
import time

from rewardbridge import rubric

def score(action, observation):
    if action == "hang":
        time.sleep(3600)
    if action == "slow":
        time.sleep(0.5)
    return float(len(action))

class Opens:
    scored = False

    def __init__(self):
        if Opens.scored:
            time.sleep(3600)

    def score(self, action, observation):
        Opens.scored = True
        return float(len(action))

@rubric(shape="batch", elementwise=True)
def together(prompts, completions):
    if "hang" in completions:
        time.sleep(3600)
    return [float(len(each)) for each in completions]
"""

# Calls that must have been short before outcomes wait for each other.
WARM = 20


@pytest.fixture
def share(root: Path, tmp_path: Path):
    """`share(name)`: a worker of `name` that shares a word with us, after enough short calls; and the word."""
    file = tmp_path / "progress"
    file.write_bytes(bytes(8))
    (root / "rewards.py").write_text(CODE)
    worker = Worker(root, REWARDBRIDGE_PROGRESS=str(file))

    def load(name: str = "score", record=step):
        assert worker.load(f"rewards.py:{name}")["type"] == "loaded"
        worker.send({"type": "open", "episode": "warm"})
        for call in range(WARM):
            worker.score(record("x"), 1000 + call, "warm")
        return worker, word

    with file.open("r+b") as handle, mmap.mmap(handle.fileno(), 8) as memory, memoryview(memory).cast("Q") as word:
        yield load
    worker.process.kill()
    worker.connection.close()
    worker.process.communicate()


def ids(worker) -> list[int]:
    """Of the next frame."""
    return [each["id"] for each in worker.receive()]


def test_outcomes_of_short_calls_leave_as_one(share):
    worker, word = share()
    worker.send(*[score(step("x" * each), each) for each in range(1, 9)])
    assert [(each["id"], each["reward"]) for each in worker.receive()] == [(each, each) for each in range(1, 9)]
    assert word[0] == 8


def test_outcomes_of_slow_calls_do_not_wait(share):
    worker, _ = share()
    worker.send(*[score(step("slow"), call) for call in range(1, 4)])
    assert [ids(worker) for _ in range(3)] == [[1], [2], [3]]


def test_after_a_slow_call_nothing_waits_until_calls_are_short_again(share):
    worker, _ = share()
    worker.send(score(step("slow"), 1), score(step("a"), 2), score(step("hang"), 3))
    assert [ids(worker), ids(worker)] == [[1], [2]]


def test_the_word_names_the_call_that_hangs(share):
    worker, word = share()
    worker.send(*[score(step(action), call) for call, action in enumerate(["a", "b", "hang", "c"], 5)])
    end = time.monotonic() + DEADLINE
    while word[0] != 7:
        assert time.monotonic() < end, word[0]
    worker.connection.settimeout(0.2)
    with pytest.raises(TimeoutError):
        worker.receive()


def test_what_is_wanted_at_once_leaves_before_the_next_begins(share):
    worker, _ = share()
    worker.send(score(step("a"), 1), score(step("b"), 2, at_once=True), score(step("hang"), 3))
    assert ids(worker) == [1, 2]


def test_what_is_wanted_at_once_leaves_with_its_batch(share):
    worker, _ = share("together", said)
    batch = [score(said("a"), call, at_once=True) for call in range(1, 17)]
    worker.send(*batch, score(said("hang"), 17))
    assert ids(worker) == list(range(1, 17))


def test_nothing_waits_for_an_episode_that_is_opened(share):
    worker, _ = share("Opens")
    worker.send(score(step("a"), 1, "warm"), {"type": "open", "episode": "e/2"}, score(step("b"), 2, "e/2"))
    assert ids(worker) == [1]


def test_without_the_word_each_outcome_leaves_by_itself(load):
    worker = load(CODE)
    worker.send(*[score(step("x"), each) for each in range(1, 4)])
    assert [len(worker.receive()) for _ in range(3)] == [1, 1, 1]
