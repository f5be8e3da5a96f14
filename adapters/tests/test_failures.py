import pytest
from harness import score, step

CODE = """
import asyncio, concurrent.futures, signal, sys, threading, time

class TimeoutException(BaseException):
    "What math_verify raises."

class Silent(Exception):
    def __str__(self):
        raise ValueError

def deep():
    return deep()

def rewards(name):
    if name == "alarm":
        def ring(*_): raise TimeoutException("rang")
        signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        while True:
            pass
    if name == "pending":
        signal.signal(signal.SIGALRM, lambda *_: sys.exit("an alarm went off in our code"))
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        return 1.0
    if name == "armed":
        return float(signal.getitimer(signal.ITIMER_REAL)[0] > 0)
    if name == "main":
        return threading.current_thread() is threading.main_thread()
    raise {
        "ValueError": ValueError("no digits"),
        "empty": KeyError(),
        "exit": SystemExit(3),
        "interrupt": KeyboardInterrupt(),
        "base": TimeoutException("late"),
        "generator": GeneratorExit(),
        "cancelled": asyncio.CancelledError(),
        "memory": MemoryError(),
        "timeout": TimeoutError("slow"),
        "asyncio": asyncio.TimeoutError(),
        "future": concurrent.futures.TimeoutError(),
        "silent": Silent(),
        "long": ValueError("x" * 10_000),
        "surrogate": ValueError("\\ud800"),
    }[name] if name != "deep" else deep()

def score(action, observation):
    return rewards(action)

async def later(action, observation):
    await asyncio.sleep(0)
    return rewards(action)
"""


@pytest.mark.parametrize("target", ["score", "later"])
def test_whatever_is_raised_is_an_outcome_and_the_next_call_runs(load, json_path, target):
    worker = load(CODE, target, path=json_path)
    kinds = {
        "ValueError": ("exception", "ValueError: no digits"),
        "empty": ("exception", "KeyError"),
        "exit": ("exception", "SystemExit: 3"),
        "interrupt": ("exception", "KeyboardInterrupt"),
        "base": ("exception", "TimeoutException: late"),
        "generator": ("exception", "GeneratorExit"),
        "cancelled": ("exception", "CancelledError"),
        "memory": ("memory", "MemoryError"),
        "timeout": ("timeout", "TimeoutError: slow"),
        "asyncio": ("timeout", "TimeoutError"),
        "future": ("timeout", "TimeoutError"),
        "silent": ("exception", "Silent: its text could not be made"),
        "surrogate": ("exception", "ValueError: \\ud800"),
    }
    for name, (kind, message) in kinds.items():
        outcome = worker.score(step(name))
        assert (outcome["status"], outcome["kind"], outcome["message"]) == ("failed", kind, message)
        assert "reward" not in outcome
    assert worker.score(step("main"))["reward"] == 1.0


def test_texts_are_bounded(load):
    worker = load(CODE)
    outcome = worker.score(step("long"))
    assert len(outcome["message"]) == 2000 and len(outcome["traceback"]) <= 8000
    outcome = worker.score(step("deep"))
    assert outcome["message"].startswith("RecursionError") and len(outcome["traceback"]) <= 8000


def test_a_traceback_begins_in_the_rubric(load):
    lines = load(CODE).score(step("ValueError"))["traceback"].splitlines()
    assert lines[0].startswith("Traceback") and lines[1].lstrip().startswith('File "') and "rewards.py" in lines[1]
    assert lines[-1] == "ValueError: no digits"


def test_alarms_work_and_do_not_outlive_their_call(load):
    worker = load(CODE)
    assert worker.score(step("alarm"))["message"] == "TimeoutException: rang"
    for call in range(20):
        assert worker.score(step("pending"), call)["status"] == "scored"
        assert worker.score(step("armed"), call)["reward"] == 0.0


def test_a_message_of_a_failure_over_the_wire_is_one_answer(load):
    worker = load(CODE)
    worker.send(*[score(step("ValueError"), each) for each in range(10)])
    assert [each["id"] for each in worker.outcomes(10)] == list(range(10))
