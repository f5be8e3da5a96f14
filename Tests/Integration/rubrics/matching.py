"""Rubrics over text and gold answers."""

import rewardbridge


@rewardbridge.rubric(shape="text")
def match(completion, answer):
    return 1.0 if completion == answer else 0.0
