"""Sees what Atropos makes a 0 of: what `compute` raises, and trouble that is only told in the log."""

import logging
from functools import wraps
from inspect import signature
from typing import Any

from rewardbridge import fields
from rewardbridge.batches import WrongCount
from rewardbridge.components import component_of
from rewardbridge.failures import NoScore
from rewardbridge.kinds import Kind
from rewardbridge.result import failed

PACKAGE = "atroposlib.envs.reward_fns"


class Watched:
    """A reward function whose `compute` remembers what it gave or raised; its own object calls it as before."""

    def __init__(self, reward: Any) -> None:
        self.name = str(reward.name)
        self.weight = float(reward.weight)
        self.inner = getattr(reward, "func", reward.compute)
        self.forget()
        compute = reward.compute

        @wraps(compute)
        def watched(completions: list[Any], **named: Any) -> Any:
            try:
                self.values = compute(completions, **named)
                if len(self.values) != len(completions):
                    count = f"{len(self.values)} scores for {len(completions)} completions"
                    raise WrongCount(f"{self.name} returned {count}")
            except Exception as error:
                self.error = self.error or error
                raise
            return self.values

        reward.compute = watched

    def forget(self) -> None:
        self.values: Any = None
        self.error: Exception | None = None

    def takes(self, names: tuple[str, ...]) -> bool:
        return any(name in signature(self.inner).parameters for name in names)

    def told(self, position: int) -> dict[str, Any]:
        return component_of(self.name, self.values[position], "reward", self.weight)


def family(reward: Any) -> list[Any]:
    """The function, and the members of a combined one at all depths."""
    return [reward, *(each for member in getattr(reward, "reward_functions", ()) for each in family(member))]


def check(notes: list[logging.LogRecord]) -> None:
    """Trouble of which the library made a 0; what else it warns of is its usual talk."""
    own = [each for each in notes if each.name.startswith(PACKAGE) and each.levelno >= logging.WARNING]
    for note in own:
        if note.exc_info and note.exc_info[1] is not None:
            raise note.exc_info[1]
    for note in own:
        text = note.getMessage()
        if text.startswith("No solution"):
            raise fields.Missing("answer")
        if note.levelno >= logging.ERROR or text.startswith(("Exception", "Error")):
            raise NoScore(failed(Kind.VERIFIER_ERROR, f"Atropos: {text}"))
