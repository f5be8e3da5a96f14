"""What a node of a tree can do wrong: never a 0, and what was scored before is told."""

import math

import pytest
from echo import adapter, scored, steps, turns

from rewardbridge.kinds import Kind

AUTHORED = """
import asyncio
from openenv.core.rubrics import Rubric, WeightedSum
from echo_env.models import EchoAction, EchoObservation
from echo_env.rubrics import Length

class Future:
    def __await__(self):
        yield

VALUES = {
    "none": None, "nan": float("nan"), "infinity": -float("inf"), "text": "1.0", "list": [1.0], "pair": (1.0, {}),
    "mapping": {"score": 1.0}, "future": Future(), "true": True, "whole": 3, "huge": 10**400,
}

class Returns(Rubric):
    def forward(self, action: EchoAction, observation: EchoObservation):
        if action.message == "raise":
            raise KeyError("text")
        if action.message == "timeout":
            raise TimeoutError("too slow")
        if action.message == "assert":
            assert not action.message
        return VALUES[action.message]

class Later(Returns):
    async def forward(self, action: EchoAction, observation: EchoObservation):
        await asyncio.sleep(0)
        return super().forward(action, observation)

def within():
    return WeightedSum([Length(), Returns()], [0.5, 0.5])

def later():
    return WeightedSum([Length(), Later()], [0.5, 0.5])
"""

KINDS = {
    "none": Kind.ABSTAINED,
    "nan": Kind.NOT_FINITE,
    "infinity": Kind.NOT_FINITE,
    "text": Kind.NOT_A_NUMBER,
    "list": Kind.NOT_A_NUMBER,
    "mapping": Kind.NOT_A_NUMBER,
    "pair": Kind.NOT_A_NUMBER,
    "future": Kind.NOT_A_NUMBER,
    "huge": Kind.NOT_FINITE,
    "raise": Kind.EXCEPTION,
    "timeout": Kind.TIMEOUT,
    "assert": Kind.EXCEPTION,
}


@pytest.fixture
def load(root, monkeypatch):
    (root / "authored.py").write_text(AUTHORED)
    monkeypatch.syspath_prepend(root)
    return lambda target: adapter(f"authored.py:{target}", root)


@pytest.mark.parametrize("message", KINDS)
@pytest.mark.parametrize("target", ["Returns", "Later"])
def test_the_rubric_itself(load, target, message):
    [result] = scored(load(target), steps(turns([message])))
    assert (result.kind, result.reward) == (KINDS[message], None)
    assert result.status == ("unscored" if message == "none" else "failed")


@pytest.mark.parametrize(("message", "reward"), [("true", 1.0), ("whole", 3.0)])
def test_what_the_library_takes_for_a_number_is_one(load, message, reward):
    [result] = scored(load("Returns"), steps(turns([message])))
    assert (result.status, result.reward, type(result.reward)) == ("scored", reward, float)


@pytest.mark.parametrize("target", ["within", "later"])
@pytest.mark.parametrize("message", ["nan", "text", "none", "raise", "timeout", "mapping"])
def test_a_part_of_a_sum(load, target, message):
    """A sum with NaN is NaN; with a text, a mapping or None Python itself raises."""
    [result] = scored(load(target), steps(turns([message])))
    assert result.kind is {"nan": Kind.NOT_FINITE, "timeout": Kind.TIMEOUT}.get(message, Kind.EXCEPTION)
    length, part = result.components
    assert (length["value"], length["status"]) == (len(f"you: {message}") / 10, "scored")
    assert part["value"] is None
    if message in ("raise", "timeout"):
        assert (part["status"], part["reason"]) == ("unscored", "not evaluated")
    else:
        assert (part["status"], part["failure"]["kind"]) == (KINDS[message].status, KINDS[message].value)
    assert [each["evaluated"] for each in result.tree][1:] == [True, message not in ("raise", "timeout")]
    assert not any(each["score"] is not None and math.isnan(each["score"]) for each in result.tree)


def test_the_traceback_is_of_the_authors_code(load):
    [result] = scored(load("Returns"), steps(turns(["raise"])))
    assert result.message == "KeyError: 'text'" and 'raise KeyError("text")' in result.traceback
    assert "rewardbridge/adapters" not in result.traceback


def test_a_failed_step_leaves_nothing_in_the_next(load):
    failed, good = scored(load("within"), steps(turns(["raise", "true"])))
    assert (failed.kind, good.kind, good.reward) == (Kind.EXCEPTION, None, 0.95)
