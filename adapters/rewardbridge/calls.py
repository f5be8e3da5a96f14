"""Calls into a component, none of which gets away with an exception."""

import sys
from collections.abc import Awaitable
from typing import Any

from rewardbridge import judging
from rewardbridge.failures import result_of_error
from rewardbridge.groups import score_group
from rewardbridge.guard import guarded
from rewardbridge.kinds import Kind
from rewardbridge.provenance import Provenance
from rewardbridge.result import Result, failed
from rewardbridge.seam import Component


class Calls:
    """What every place shares: guarded calls, episodes that could not be opened, code that came from elsewhere."""

    def __init__(self, component: Component, provenance: Provenance) -> None:
        self.component = component
        self.provenance = provenance
        self._is_group = component.describe().unit == "group"
        self._broken: dict[str, Result] = {}

    def open(self, episode: str) -> None:
        try:
            guarded(self.component.open, episode)
        except BaseException as error:
            self._broken[episode] = result_of_error(error)

    def close(self, episode: str) -> None:
        self._broken.pop(episode, None)
        try:
            guarded(self.component.close, episode)
        except BaseException as error:
            print(f"could not close episode '{episode}': {result_of_error(error).message}", file=sys.stderr)

    def score(self, episode: str, record: Any) -> Result | Awaitable[Result]:
        """The result, or what gives it when awaited, which may raise."""
        if judging.IS_ON:
            return judging.telling(lambda: self._score(episode, record))
        return self._score(episode, record)

    def _score(self, episode: str, record: Any) -> Result | Awaitable[Result]:
        if self._broken and episode in self._broken:
            return self._broken[episode]
        if not isinstance(record, dict):
            return failed(Kind.UNREADABLE, "the record is not a JSON object")
        try:
            if self._is_group:
                return score_group(self.component, record)
            return guarded(self.component.score, episode, record)
        except BaseException as error:
            return result_of_error(error)

    def checked(self, result: Result) -> Result:
        """The result, unless code that the version does not cover had part in it."""
        if outsider := self.provenance.check():
            return failed(Kind.VERSION_UNAVAILABLE, outside(outsider))
        return result


def outside(file: str) -> str:
    return f"loaded {file}, which lies neither under the version's files nor in the environment"
