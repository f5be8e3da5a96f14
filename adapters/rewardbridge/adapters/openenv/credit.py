"""The score of an episode, handed down to its steps by `compute_step_rewards()`."""

from collections.abc import Generator
from math import isfinite
from typing import Any

from openenv.core.rubrics import ExponentialDiscountingTrajectoryRubric, TrajectoryRubric

from rewardbridge.failures import message_of
from rewardbridge.numbers import number_of
from rewardbridge.result import Result


def credit(result: Result, rubric: TrajectoryRubric, indices: list[int]) -> Generator[Any, Any, None]:
    """Puts a reward for each step into the result. If that fails the score stands, and the label `credit` says why."""
    try:
        rewards = yield rubric.compute_step_rewards()
        if len(rewards) != len(indices):
            raise ValueError(f"{len(rewards)} rewards for {len(indices)} steps")
        numbers = [number_of(each) for each in rewards]
    except Exception as error:
        result.labels = {"credit": f"compute_step_rewards: {message_of(error)}"}
        return
    result.step_scores = [
        {"step": index, "reward": number if isfinite(number) else None} for index, number in zip(indices, numbers)
    ]
    result.credit = _method(rubric)


def _method(rubric: TrajectoryRubric) -> dict[str, Any] | None:
    """None for a method of the rubric's own."""
    library = ExponentialDiscountingTrajectoryRubric
    if getattr(type(rubric), "compute_step_rewards", None) is library.compute_step_rewards:
        return {"method": "discount", "gamma": rubric.gamma}
    return None
