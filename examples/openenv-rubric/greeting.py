"""Rubrics of OpenEnv for the environment that `openenv init greeter` makes. Nothing in here knows of the bridge."""

from greeter.models import GreeterAction, GreeterObservation
from openenv.core.rubrics import Gate, Rubric, Sequential, WeightedSum


class Greets(Rubric):
    """1 when one of the words is said."""

    def __init__(self, words: list[str]):
        super().__init__()
        self.words = words

    def forward(self, action: GreeterAction, observation: GreeterObservation) -> float:
        return float(any(word in action.message.lower() for word in self.words))


class Brevity(Rubric):
    """1 up to `most` characters, and less beyond."""

    def __init__(self, most: int):
        super().__init__()
        self.most = most

    def forward(self, action: GreeterAction, observation: GreeterObservation) -> float:
        return min(self.most / max(observation.message_length, 1), 1.0)


class Novelty(Rubric):
    """1 for what was not said before in the episode."""

    def __init__(self):
        super().__init__()
        self.said: set[str] = set()

    def forward(self, action: GreeterAction, observation: GreeterObservation) -> float:
        is_new = action.message not in self.said
        self.said.add(action.message)
        return float(is_new)

    def reset(self) -> None:
        self.said.clear()


def greeting(words: list[str], most: int = 12) -> Rubric:
    """Nothing without a greeting; with one, brevity and novelty."""
    return Sequential(Gate(Greets(words)), WeightedSum([Brevity(most), Novelty()], weights=[0.75, 0.25]))
