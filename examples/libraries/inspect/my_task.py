"""A scorer as an Inspect task has it. Nothing in here knows of the bridge."""

import re

from inspect_ai.scorer import CORRECT, INCORRECT, PARTIAL, Score, Target, accuracy, scorer
from inspect_ai.solver import TaskState


@scorer(metrics=[accuracy()])
def number(tolerance: float = 0):
    """The last number decides; a near miss gets half."""

    async def score(state: TaskState, target: Target) -> Score:
        numbers = re.findall(r"-?\d+(?:\.\d+)?", state.output.completion)
        if not numbers:
            return Score(value=INCORRECT, explanation="There is no number.")
        off = abs(float(numbers[-1]) - float(target.text))
        value = CORRECT if off == 0 else PARTIAL if off <= tolerance else INCORRECT
        return Score(value=value, answer=numbers[-1], explanation=f"It is off by {off:g}.")

    return score
