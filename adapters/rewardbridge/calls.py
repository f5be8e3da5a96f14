"""Calls into a component, none of which gets away with an exception."""

import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from rewardbridge.failures import failed_by
from rewardbridge.kinds import Kind
from rewardbridge.provenance import Provenance
from rewardbridge.result import Result, failed
from rewardbridge.seam import Component

Value = TypeVar("Value")


class Calls:
    """What every place shares: guarded calls, episodes that could not be opened, code that came from elsewhere."""

    def __init__(self, component: Component, provenance: Provenance) -> None:
        self.component = component
        self.provenance = provenance
        self._broken: dict[str, Result] = {}

    def open(self, episode: str) -> None:
        try:
            guarded(self.component.open, episode)
        except BaseException as error:
            self._broken[episode] = failed_by(error)

    def close(self, episode: str) -> None:
        self._broken.pop(episode, None)
        try:
            guarded(self.component.close, episode)
        except BaseException as error:
            print(f"could not close episode '{episode}': {failed_by(error).message}", file=sys.stderr)

    def score(self, episode: str, record: Any) -> Result | Awaitable[Result]:
        """The result, or what gives it when awaited, which may raise."""
        if self._broken and episode in self._broken:
            return self._broken[episode]
        if not isinstance(record, dict):
            return failed(Kind.UNREADABLE, "the record is not a JSON object")
        try:
            return guarded(self.component.score, episode, record)
        except BaseException as error:
            return failed_by(error)

    def checked(self, result: Result) -> Result:
        """The result, unless code that the version does not cover had part in it."""
        if outsider := self.provenance.check():
            return failed(Kind.VERSION_UNAVAILABLE, outside(outsider))
        return result


def outside(file: str) -> str:
    return f"loaded {file}, which lies neither under the version's files nor in the environment"


def guarded(function: Callable[..., Value], *arguments: Any) -> Value:
    """Calls on the main thread; an alarm that the rubric left pending does not go off later in our code."""
    try:
        return function(*arguments)
    finally:
        if signal.getitimer(signal.ITIMER_REAL)[0]:
            signal.setitimer(signal.ITIMER_REAL, 0)
