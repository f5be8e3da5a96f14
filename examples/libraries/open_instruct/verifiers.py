import re
from dataclasses import dataclass


@dataclass
class VerificationResult:
    score: float
    cost: float = 0.0
    reasoning: str | None = None


class LastNumber:
    """The methods and attributes of Open Instruct's VerifierFunction."""

    name = "last_number"
    weight = 1.0

    def __call__(self, tokenized_prediction, prediction, label, query=None):
        numbers = re.findall(r"-?\d+(?:\.\d+)?", prediction.replace(",", ""))
        return VerificationResult(float(bool(numbers) and numbers[-1] == label))
