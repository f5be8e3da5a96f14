"""An evaluation as Eval Protocol has it. Nothing in here knows of the bridge."""

import re

from eval_protocol import evaluation_test
from eval_protocol.models import EvaluateResult, EvaluationRow, MetricResult


@evaluation_test(
    input_messages=[[[{"role": "user", "content": "What is 12*12?"}]]],
    completion_params=[{"model": "gpt-4o-mini"}],
    mode="pointwise",
)
def test_number(row: EvaluationRow) -> EvaluationRow:
    """1 for the number, and half for one beside it."""
    numbers = re.findall(r"\d+", row.messages[-1].content or "")
    if not row.ground_truth.isdigit():
        row.evaluation_result = EvaluateResult(score=0.0, is_score_valid=False, reason="The gold answer is no number.")
        return row
    off = abs(int(numbers[-1]) - int(row.ground_truth)) if numbers else None
    score = 1.0 if off == 0 else 0.5 if off == 1 else 0.0
    found = MetricResult(score=float(off is not None), reason=f"{len(numbers)} numbers")
    row.evaluation_result = EvaluateResult(score=score, reason=f"It is off by {off}.", metrics={"found": found})
    return row
