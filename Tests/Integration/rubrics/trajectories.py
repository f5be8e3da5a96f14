"""A trajectory rubric of OpenEnv over plain JSON."""

from openenv.core.rubrics import ExponentialDiscountingTrajectoryRubric


class Share(ExponentialDiscountingTrajectoryRubric):
    """The share of the episode's messages that the environment gave a reward for."""

    def score_trajectory(self, trajectory):
        return sum(observation.reward is not None for _, observation in trajectory) / len(trajectory)
