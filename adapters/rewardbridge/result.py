"""The outcome of one call, and how it is made of what a function returned. Nothing becomes a 0 on its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from rewardbridge.components import parts_of
from rewardbridge.kinds import Kind
from rewardbridge.numbers import NotANumber, number_of
from rewardbridge.texts import MESSAGE_MAX, clean


@dataclass(slots=True)
class Result:
    """One outcome as `evalrec/1` spells it: `kind`, `message` and `traceback` are those of a Failure."""

    status: str
    reward: float | None = None
    kind: Kind | None = None
    message: str | None = None
    traceback: str | None = None
    components: list[dict[str, Any]] | None = None
    metrics: dict[str, float] | None = None
    labels: dict[str, str] | None = None
    # Of an episode: what each step gets of its reward, and how that was found.
    step_scores: list[dict[str, Any]] | None = None
    credit: dict[str, Any] | None = None
    # Of a group: one result a member, in their order; the group has no score of its own.
    members: list["Result"] | None = None
    # RubricNodes of OpenEnv's validation protocol, the root first; for the breakdown.
    tree: list[dict[str, Any]] | None = None


def unscored(kind: Kind, message: str | None = None) -> Result:
    return Result("unscored", kind=kind, message=message)


def failed(kind: Kind, message: str, traceback: str | None = None) -> Result:
    return Result("failed", kind=kind, message=clean(message, MESSAGE_MAX), traceback=traceback)


def result_of(value: Any, reward_key: str | None = None) -> Result:
    """A number, None, a mapping of parts, or a number with such a mapping.

    :param reward_key: which key of a mapping holds the reward.
    """
    if type(value) is float and isfinite(value):
        return Result("scored", value)
    if isinstance(value, Mapping):
        return _result_of_mapping(value, reward_key)
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], Mapping):
        return _with_parts(result_of_number(value[0]), value[1])
    return result_of_number(value)


def result_of_number(value: Any) -> Result:
    """A number or None."""
    if value is None:
        return unscored(Kind.ABSTAINED)
    try:
        number = number_of(value)
    except NotANumber as reason:
        return failed(Kind.NOT_A_NUMBER, f"the rubric returned {reason}")
    if not isfinite(number):
        return failed(Kind.NOT_FINITE, f"the rubric returned {number}")
    return Result("scored", number)


def _result_of_mapping(value: Mapping[Any, Any], reward_key: str | None) -> Result:
    key = _total(value, reward_key)
    if key is None:
        names = ", ".join(sorted(map(str, value))) or "none"
        wanted = f"'{reward_key}'" if reward_key else "'reward' or 'score'"
        return failed(
            Kind.NOT_A_NUMBER,
            f"the rubric returned a mapping without the key {wanted}; its keys: {names} (setting reward_key names one)",
        )
    rest = {name: part for name, part in value.items() if name != key}
    return _with_parts(result_of_number(value[key]), rest)


def _total(value: Mapping[Any, Any], reward_key: str | None) -> Any:
    if reward_key is not None:
        return reward_key if reward_key in value else None
    for key in ("reward", "score"):
        if key in value:
            return key
    return next(iter(value)) if len(value) == 1 else None


def _with_parts(result: Result, values: Mapping[Any, Any]) -> Result:
    result.components, result.metrics, result.labels = parts_of(values)
    return result
