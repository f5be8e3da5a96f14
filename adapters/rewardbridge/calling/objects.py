"""Targets that make what a library takes: classes and functions that are called with `args`."""

from collections.abc import Mapping
from inspect import signature
from typing import Any

from rewardbridge.seam import LoadRefused


def called(found: Any, args: Mapping[str, Any] | None, hint: str) -> Any:
    """What a class or a function gives for `args`.

    :raises LoadRefused: when it cannot be called with them. What it raises itself goes through.
    """
    if not callable(found):
        raise LoadRefused(f"could not call the target: it is a {type(found).__name__}", hint)
    named = dict(args or {})
    try:
        signature(found).bind(**named)
    except ValueError:
        pass  # what has no signature says itself what it lacks
    except TypeError as error:
        raise LoadRefused(f"could not call the target with these args: {error}", hint) from error
    return found(**named)
