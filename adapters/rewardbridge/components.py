"""The parts beside a reward: numbers become components of weight 0, texts become labels."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from rewardbridge import codec
from rewardbridge.kinds import Kind
from rewardbridge.numbers import NotANumber, number_of
from rewardbridge.texts import MESSAGE_MAX, clean

# Limits on what one outcome may carry; what is beyond is left out and counted in the metric `parts_left_out`.
PARTS_MAX = 256
NAME_MAX = 200
RAW_MAX = 8_000

Parts = tuple[list[dict[str, Any]] | None, dict[str, float] | None, dict[str, str] | None]


def parts_of(values: Mapping[Any, Any]) -> Parts:
    """Components, metrics and labels; None for each that is empty."""
    components: list[dict[str, Any]] = []
    labels: dict[str, str] = {}
    for key, value in list(values.items())[:PARTS_MAX]:
        name = clean(str(key), NAME_MAX)
        if isinstance(value, str):
            labels[name] = clean(value, MESSAGE_MAX)
        else:
            components.append(component_of(name, value))
    left_out = len(values) - PARTS_MAX
    metrics = {"parts_left_out": float(left_out)} if left_out > 0 else None
    return components or None, metrics, labels or None


def component_of(
    path: str, value: Any, kind: str = "metric", weight: float = 0.0, reason: str | None = None
) -> dict[str, Any]:
    """One component of `evalrec/1`; of what is no finite number the value is None.

    :param reason: what the library says of it.
    """
    component: dict[str, Any] = {"path": path, "kind": kind, "value": None, "weight": weight}
    if reason:
        component["reason"] = clean(reason, MESSAGE_MAX)
    try:
        number = number_of(value)
    except NotANumber:
        return component | _raw(value)
    if isfinite(number):
        return component | {"value": number} | _raw(value)
    return component | {"failure": {"kind": Kind.NOT_FINITE.value}}


def _raw(value: Any) -> dict[str, Any]:
    """What the library returned, where it is JSON and not too long."""
    try:
        return {"raw": codec.plain(value, RAW_MAX)}
    except (TypeError, ValueError, RecursionError):
        return {}
