import asyncio

from openenv.core.rubrics import (
    ExponentialDiscountingTrajectoryRubric,
    Gate,
    Rubric,
    RubricDict,
    RubricList,
    Sequential,
    TrajectoryRubric,
    WeightedSum,
)

from .models import EchoAction, EchoObservation, Tone


class Length(Rubric):
    def forward(self, action: EchoAction, observation: EchoObservation) -> float:
        return observation.length / 10


class Says(Rubric):
    def __init__(self, word="a"):
        super().__init__()
        self.word = word

    def forward(self, action, observation):
        return float(self.word in action.message)


class Loud(Rubric):
    def forward(self, action, observation):
        return action.tone is Tone.LOUD


class AsyncSays(Says):
    async def forward(self, action, observation):
        await asyncio.sleep(0)
        return float(self.word in action.message)


class Novelty(Rubric):
    """Keeps state; `made` and `resets` say what became of its instances."""

    made = resets = 0

    def __init__(self):
        super().__init__()
        type(self).made += 1
        self.said = {"from before"}

    def forward(self, action, observation):
        is_new = action.message not in self.said
        self.said.add(action.message)
        return float(is_new) + len(self.said) / 100

    def reset(self):
        type(self).resets += 1
        self.said = set()


class Own(Rubric):
    """Containers without an aggregation, inside one that has it; reads its own last score."""

    def __init__(self):
        super().__init__()
        self.parts = RubricList([Says("a"), Says("b")])
        self.tones = RubricDict({"plain": Length(), "loud": Loud()})

    def forward(self, action, observation):
        total = sum(part(action, observation) for part in self.parts)
        return total + self.tones[action.tone.value](action, observation) + (self.last_score or 0) / 2


class AsyncOwn(Own):
    async def forward(self, action, observation):
        return super().forward(action, observation)


class Dispatch(Rubric):
    """A forward that is not asynchronous and returns what its child gave."""

    def __init__(self):
        super().__init__()
        self.games = RubricDict({"plain": AsyncSays("a"), "loud": Loud()})

    def forward(self, action: EchoAction, observation: EchoObservation):
        return self.games[action.tone.value](action, observation)


def nested(says=Says):
    """Length is skipped unless the message has an `a` and a `b`."""
    gated = Sequential(Gate(says("a"), threshold=0.5), says("b"), WeightedSum([Length(), Novelty()], [0.3, 0.7]))
    return WeightedSum([gated, Loud()], [0.75, 0.25])


def async_nested():
    return nested(AsyncSays)


tree = nested()


class Win(ExponentialDiscountingTrajectoryRubric):
    def __init__(self, gamma=0.5, intermediate_reward=0.0):
        super().__init__(gamma, intermediate_reward)
        self.length = Length()

    def forward(self, action: EchoAction, observation: EchoObservation):
        self.length(action, observation)
        return super().forward(action, observation)

    def score_trajectory(self, trajectory):
        return sum(observation.length for _, observation in trajectory) / 8


class Equal(TrajectoryRubric):
    def forward(self, action: EchoAction, observation: EchoObservation):
        return super().forward(action, observation)

    def score_trajectory(self, trajectory):
        return len(trajectory) / 4

    def compute_step_rewards(self):
        return [self.score_trajectory(self.trajectory) / len(self.trajectory)] * len(self.trajectory)
