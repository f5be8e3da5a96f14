"""What a rubric of verifiers does to its functions, seen from outside: their values, and the errors that it hides.

The library catches whatever a reward function raises, logs it and goes on with 0.0. Its log call runs inside the
`except`, so a logger of ours that stands in for the rubric's sees the error itself. MathRubric hides what went wrong
in its child process the same way.
"""

import sys
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from rewardbridge.failures import TIMEOUTS, result_of_error, traceback_of
from rewardbridge.kinds import Kind
from rewardbridge.result import Result, failed

# Of MathRubric: each is followed by a score of 0.0 that says nothing of the answer.
_MATH = "Math verification "
_MATH_TIMEOUTS = (f"{_MATH}hit hard timeout", f"{_MATH}exceeded time limit")


@dataclass
class Finding:
    """One function's value for one state, or why there is none."""

    name: str
    weight: float
    value: Any
    failure: Result | None = None


# By the id of the state; set around each call of the rubric.
Findings = dict[int, list[Finding]]
FINDINGS: ContextVar[Findings] = ContextVar("findings")
_CAUGHT: ContextVar[list[Result]] = ContextVar("caught")


def watch(rubric: Any) -> None:
    """Lets the rubric, and all rubrics of a group, tell :data:`FINDINGS` what they find. Once for each instance."""
    for each in rubrics_of(rubric):
        each.logger = _Listening(each.logger)
        each._call_individual_reward_func = _watched_individual(each)
        each._call_group_reward_func = _watched_group(each)


def rubrics_of(rubric: Any) -> list[Any]:
    """The rubric, or the leaves of a group, in the order in which they score; each once."""
    if not hasattr(rubric, "rubrics"):
        return [rubric]
    found = [leaf for each in rubric.rubrics for leaf in rubrics_of(each)]
    return list({id(each): each for each in found}.values())


def _watched_individual(rubric: Any) -> Callable[..., Any]:
    call = rubric._call_individual_reward_func

    async def watched(func: Any, state: Any) -> float:
        caught: list[Result] = []
        _CAUGHT.set(caught)
        value = await call(func=func, state=state)
        _tell(rubric, func, state, value, caught)
        return value

    return watched


def _watched_group(rubric: Any) -> Callable[..., Any]:
    call = rubric._call_group_reward_func

    async def watched(func: Any, states: list[Any]) -> Any:
        caught: list[Result] = []
        _CAUGHT.set(caught)
        values = await call(func=func, states=states)
        if len(values) != len(states):
            reason = f"{func.__name__} gave {len(values)} scores for {len(states)} states"
            caught, values = [failed(Kind.WRONG_COUNT, reason)], [0.0] * len(states)
        for state, value in zip(states, values):
            _tell(rubric, func, state, value, caught)
        return values

    return watched


def _tell(rubric: Any, func: Any, state: Any, value: Any, caught: list[Result]) -> None:
    weight = next(weight for each, weight in zip(rubric.funcs, rubric.weights) if each is func)
    finding = Finding(func.__name__, weight, value, caught[0] if caught else None)
    FINDINGS.get({}).setdefault(id(state), []).append(finding)


class _Listening:
    """The rubric's own logger, overheard."""

    def __init__(self, logger: Any) -> None:
        self._logger = logger

    def __getattr__(self, name: str) -> Any:
        return getattr(self._logger, name)

    def error(self, message: Any, *arguments: Any, **named: Any) -> None:
        _overhear(str(message), str(message).startswith("Error calling "))
        self._logger.error(message, *arguments, **named)

    def warning(self, message: Any, *arguments: Any, **named: Any) -> None:
        _overhear(str(message), str(message).startswith(_MATH))
        self._logger.warning(message, *arguments, **named)

    def debug(self, message: Any, *arguments: Any, **named: Any) -> None:
        _overhear(str(message), str(message).startswith(_MATH_TIMEOUTS))
        self._logger.debug(message, *arguments, **named)


def _overhear(message: str, matters: bool) -> None:
    caught = _CAUGHT.get(None)
    if not matters or caught is None:
        return
    error = sys.exc_info()[1]
    if message.startswith(_MATH_TIMEOUTS) or isinstance(error, TIMEOUTS):
        caught.append(failed(Kind.TIMEOUT, message))
    elif error is None:
        caught.append(failed(Kind.EXCEPTION, message))
    elif isinstance(error, (TypeError, ValueError)) and error.__traceback__ and error.__traceback__.tb_next is None:
        # Raised by the library's own float(...): the function gave what is no number.
        caught.append(failed(Kind.NOT_A_NUMBER, str(error)))
    elif isinstance(error, RuntimeError) and "judge model" in str(error).lower():
        caught.append(failed(Kind.JUDGE_FAILED, str(error), traceback_of(error)))
    else:
        caught.append(result_of_error(error))
