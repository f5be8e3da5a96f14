"""A reward function as Reward Kit has it. Nothing in here knows of the bridge."""

import re
from typing import List

from reward_kit import reward_function
from reward_kit.models import EvaluateResult, Message, MetricResult


@reward_function
def number(messages: List[Message], ground_truth: str, **kwargs) -> EvaluateResult:
    """1 for the number, and half for one beside it."""
    if not ground_truth.isdigit():
        return EvaluateResult(score=0.0, is_score_valid=False, reason="The gold answer is no number.")
    numbers = re.findall(r"\d+", messages[-1].content or "")
    off = abs(int(numbers[-1]) - int(ground_truth)) if numbers else None
    score = 1.0 if off == 0 else 0.5 if off == 1 else 0.0
    found = MetricResult(score=float(off is not None), reason=f"{len(numbers)} numbers")
    return EvaluateResult(score=score, reason=f"It is off by {off}.", metrics={"found": found})
