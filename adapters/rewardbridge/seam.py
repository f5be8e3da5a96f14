"""The contract between the worker and adapters.

An adapter is a class. It is made from a :class:`Source` and then is a :class:`Component`: described once, opened and
closed around each episode if it is stateful, and asked for scores in between. All calls come on the process's main
thread. Whatever it raises becomes a failed outcome; it never has to catch.
"""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from rewardbridge.kinds import Kind
from rewardbridge.result import Result

# Records in one batch call of an elementwise component, unless the setting batch_max says otherwise: small, because
# the bridge's call_timeout runs for the oldest of them.
BATCH_MAX = 16

# Parts of a record that a component can ask for; RecordField in Swift.
FIELDS = ("action", "observation", "prompt", "completion", "messages", "answer", "state", "history", "reset")


@dataclass(frozen=True)
class Source:
    """What an adapter is made from."""

    adapter: str
    target: str
    settings: Mapping[str, Any]
    root: Path
    # Other versions live in the same interpreter. The target is one file then, imported under a name made of its
    # digest, or an installed module: `root` is not on the path.
    shared: bool = False

    def __str__(self) -> str:
        return f"{self.adapter}:{self.target}"


@dataclass(frozen=True)
class Description:
    """What a component says of itself; nothing in it changes afterwards."""

    unit: str
    needs: Sequence[str]
    library: tuple[str, str]
    columns: Sequence[str] = ()
    stateful: bool = False
    asynchronous: bool = False
    elementwise: bool = False
    prefix: bool = False
    deterministic: bool | None = None
    # A part, such as a judge, may change without the version.
    mutable: bool = False
    # Calls are short and always return: fit for the embedded runtime.
    bounded: bool = False
    # Scores the same in every runtime.
    placement_free: bool = False
    range: tuple[float, float] | None = None
    components: Sequence[str] = ()
    # How many records one batch call may take, where the component is elementwise.
    batch_max: int = BATCH_MAX

    def to_json(self) -> dict[str, Any]:
        """All of `description` in `loaded`, but what the worker adds: distributions and modules."""
        return {
            "unit": self.unit,
            "needs": list(self.needs),
            "columns": list(self.columns),
            "stateful": self.stateful,
            "async": self.asynchronous,
            "elementwise": self.elementwise,
            "prefix": self.prefix,
            "deterministic": self.deterministic,
            "bounded": self.bounded,
            "placement_free": self.placement_free,
            "mutable": self.mutable,
            "range": None if self.range is None else list(self.range),
            "components": list(self.components),
            "library": {"name": self.library[0], "version": self.library[1]},
        }


class Component(Protocol):
    """A component that can be called."""

    def describe(self) -> Description: ...

    def open(self, episode: str) -> None:
        """Begins an episode of a stateful component."""

    def score(self, episode: str, record: dict[str, Any]) -> Result | Awaitable[Result]:
        """Scores one record; an awaitable is awaited beside others if the description says `asynchronous`."""

    def close(self, episode: str) -> None:
        """Ends an episode of a stateful component."""


class Stateless:
    """Methods of a component whose calls know nothing of each other."""

    def open(self, episode: str) -> None:
        pass

    def close(self, episode: str) -> None:
        pass


class BatchComponent(Component, Protocol):
    """A component that describes itself as elementwise: several records may share one call."""

    def score_batch(self, records: list[dict[str, Any]]) -> list[Result]:
        """As many results as records, in their order; raises if one of the records makes the call fail."""


class GroupComponent(Component, Protocol):
    """A component of the unit group: the rollouts of one task are scored together, and `score` is not called."""

    def score_group(self, records: list[dict[str, Any]]) -> list[Result] | Awaitable[list[Result]]:
        """As many results as records, in their order."""


class LoadRefused(Exception):
    """A component that cannot be loaded. `message` is why, without its name."""

    def __init__(self, message: str, hint: str | None = None, kind: Kind = Kind.EXCEPTION) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.hint = hint
