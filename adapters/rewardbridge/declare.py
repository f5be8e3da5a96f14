"""What a rubric says of itself, beside its code."""

from collections.abc import Callable
from typing import Any, TypeVar

from rewardbridge.suggestion import did_you_mean

Target = TypeVar("Target")

ATTRIBUTE = "__rewardbridge__"

# The rubric file may set these too, and then wins.
DECLARABLE = (
    "batch_max",
    "bounded",
    "columns",
    "completions",
    "deterministic",
    "elementwise",
    "factory",
    "needs",
    "placement_free",
    "prefix",
    "range",
    "reward_key",
    "shape",
    "stateful",
    "types",
    "unit",
)


def rubric(**declared: Any) -> Callable[[Target], Target]:
    """Declares how a function, a class or an instance's class is called.

        @rubric(shape="text", range=[0, 1])
        def score(completion, answer): ...

    :raises TypeError: for a name that is not in ``DECLARABLE``.
    """
    for name in declared:
        if name not in DECLARABLE:
            raise TypeError(f"rubric() has no setting '{name}': {did_you_mean(name, DECLARABLE)}")

    def mark(target: Target) -> Target:
        setattr(target, ATTRIBUTE, declared)
        return target

    return mark


def declared_by(target: Any) -> dict[str, Any]:
    """The settings that :func:`rubric` left on the target; none for a target without it."""
    found = getattr(target, ATTRIBUTE, None)
    return dict(found) if isinstance(found, dict) else {}
