"""The settings of a component, checked. Those of the rubric file win over those that the code declares."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from rewardbridge.declare import declared_by
from rewardbridge.seam import FIELDS, LoadRefused, Source
from rewardbridge.suggestion import did_you_mean
from rewardbridge.texts import clean

SHAPES = ("step", "text", "batch", "messages", "record")
UNITS = ("step", "episode", "batch", "group")
COMPLETIONS = ("text", "messages")


@dataclass(frozen=True)
class Settings:
    """None: not set."""

    args: Mapping[str, Any] | None = None
    batch_max: int | None = None
    bounded: bool | None = None
    columns: list[str] | None = None
    completions: str | None = None
    deterministic: bool | None = None
    elementwise: bool | None = None
    factory: bool | None = None
    needs: list[str] | None = None
    placement_free: bool | None = None
    prefix: bool | None = None
    range: list[float] | None = None
    reward_key: str | None = None
    shape: str | None = None
    stateful: bool | None = None
    types: str | Mapping[str, str] | None = None
    unit: str | None = None


def settings_of(source: Source, target: Any, names: Collection[str]) -> Settings:
    """
    :param names: of the settings that the adapter has.
    :raises LoadRefused: for an unknown setting, or a value of the wrong form.
    """
    merged = declared_by(target) | dict(source.settings)
    for name, value in merged.items():
        failure = f"could not read setting '{name}' of '{source}'"
        if name not in names:
            raise LoadRefused(f"{failure}: unknown", did_you_mean(name, names))
        expected, holds = _FORMS[name]
        if value is not None and not holds(value):
            raise LoadRefused(f"{failure}: not {expected}: {clean(repr(value), 100)}")
    return Settings(**merged)


def range_of(settings: Settings, native: tuple[float, float] | None = None) -> tuple[float, float] | None:
    """The declared range, else the library's own."""
    return (float(settings.range[0]), float(settings.range[1])) if settings.range else native


Form = tuple[str, Callable[[Any], bool]]


def _one_of(*names: str) -> Form:
    return "one of " + ", ".join(names), lambda value: isinstance(value, str) and value in names


def _is_names(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(each, str) for each in value)


def _is_range(value: Any) -> bool:
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        return False
    return all(type(end) in (int, float) and isfinite(end) for end in value) and value[0] <= value[1]


def _is_types(value: Any) -> bool:
    if isinstance(value, str):
        return value == "json" or value.count(",") == 1
    parts = ("action", "observation")
    return isinstance(value, Mapping) and all(each in parts and isinstance(value[each], str) for each in value)


_TRUTH: Form = ("true or false", lambda value: isinstance(value, bool))

_FORMS: dict[str, Form] = {
    "args": ("a mapping of names", lambda value: isinstance(value, Mapping) and _is_names(list(value))),
    "batch_max": ("a whole number from 1", lambda value: type(value) is int and value >= 1),
    "bounded": _TRUTH,
    "columns": ("a list of names", _is_names),
    "completions": _one_of(*COMPLETIONS),
    "deterministic": _TRUTH,
    "elementwise": _TRUTH,
    "factory": _TRUTH,
    "needs": (
        "a list of " + ", ".join(FIELDS),
        lambda value: _is_names(value) and all(each in FIELDS for each in value),
    ),
    "placement_free": _TRUTH,
    "prefix": _TRUTH,
    "range": ("two finite numbers in order", _is_range),
    "reward_key": ("a text", lambda value: isinstance(value, str)),
    "shape": _one_of(*SHAPES),
    "stateful": _TRUTH,
    "types": ("json, MODULE:ACTION,MODULE:OBSERVATION, or a mapping of action and observation", _is_types),
    "unit": _one_of(*UNITS),
}
