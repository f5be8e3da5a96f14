"""Waiting for an event: every wait of these tests ends, at the latest, at its deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

DEADLINE = 20.0

T = TypeVar("T")


def eventually(condition: Callable[[], T], what: str, deadline: float = DEADLINE) -> T:
    """The first truthy value of `condition`, asked again every few milliseconds."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline} s: {what}")
        time.sleep(0.005)


def eventually_none(items: Callable[[], list], what: str, deadline: float = DEADLINE) -> None:
    """Until there are no more of them; those that stay are in the failure's text."""
    last: list = []

    def gone() -> bool:
        last[:] = items()
        return not last

    try:
        eventually(gone, what, deadline)
    except AssertionError as error:
        raise AssertionError(f"{error}: {last}") from None
