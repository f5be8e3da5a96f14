"""What an Inspect `Score` says, as a result."""

from math import isnan
from typing import Any

from rewardbridge.components import component_of, parts_of
from rewardbridge.kinds import Kind
from rewardbridge.result import Result, failed, result_of_number, unscored
from rewardbridge.texts import MESSAGE_MAX, clean

# Texts that the library's value_to_float knows; of others it makes 0.0, and says so in its log only.
_WORDS = {"C", "I", "P", "N", "yes", "no", "true", "false"}


def result_of_score(score: Any, reward_key: str | None) -> Result:
    if score is None:
        return unscored(Kind.ABSTAINED)
    result = _result(score.value, score.explanation, reward_key)
    parts = _parts(score.value)
    if parts is not None:
        result.components = [component_of(str(name), _number(part)) for name, part in parts.items()] or None
        for component, part in zip(result.components or (), parts.values()):
            component["raw"] = part
    result.labels = _labels(score) or None
    if score.metadata:
        numbers, _, _ = parts_of({name: part for name, part in score.metadata.items() if not isinstance(part, str)})
        result.metrics = {each["path"]: each["value"] for each in numbers or () if each["value"] is not None} or None
    return result


def _result(value: Any, explanation: str | None, reward_key: str | None) -> Result:
    parts = _parts(value)
    if parts is not None:
        key = reward_key or (next(iter(parts)) if len(parts) == 1 else None)
        if key is None or key not in parts:
            names = ", ".join(parts) or "none"
            reason = f"the score has parts and no total: {names} (setting reward_key names one)"
            return failed(Kind.NOT_A_NUMBER, reason)
        value = parts[key]
    number = _number(value)
    if number is None or (isinstance(number, float) and isnan(number)):
        return unscored(Kind.ABSTAINED, explanation)
    return result_of_number(number)


def _parts(value: Any) -> dict[str, Any] | None:
    """Of a dictionary, or of a list by position."""
    if isinstance(value, dict):
        return {str(name): part for name, part in value.items()}
    return {str(place): part for place, part in enumerate(value)} if isinstance(value, (list, tuple)) else None


def _number(value: Any) -> Any:
    """The library's number; a text that is none stays a text."""
    from inspect_ai.scorer import value_to_float

    if not isinstance(value, str):
        return value
    if value in _WORDS or value.lower() in _WORDS:
        return value_to_float()(value)
    try:
        float(value)
    except ValueError:
        return value
    return value_to_float()(value)


def _labels(score: Any) -> dict[str, str]:
    labels = {"answer": score.answer, "explanation": score.explanation, "reason": getattr(score, "reason", None)}
    if isinstance(score.value, str):
        labels["value"] = score.value
    return {name: clean(str(text), MESSAGE_MAX) for name, text in labels.items() if text is not None}
