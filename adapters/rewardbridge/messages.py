"""What is said of a component and of its calls, as RFC 002 words it."""

import sys
from typing import Any

from rewardbridge.failures import message_of, traceback_of
from rewardbridge.kinds import Kind
from rewardbridge.result import Result
from rewardbridge.seam import Description, LoadRefused

Message = dict[str, Any]


def loaded(description: Description, distributions: list[dict[str, Any]], modules: list[str]) -> Message:
    content = description.to_json() | {"distributions": distributions, "modules": modules}
    return {"type": "loaded", "description": content}


def refused(error: BaseException) -> Message:
    """Of an adapter's own refusal, or of whatever the rubric's module raised."""
    message: Message = {"type": "refused", "kind": Kind.EXCEPTION.value}
    if isinstance(error, LoadRefused):
        return message | {"kind": error.kind.value, "message": error.message} | _given(hint=error.hint)
    if isinstance(error, MemoryError):
        message["kind"] = Kind.MEMORY.value
    hint = None
    if isinstance(error, ModuleNotFoundError):
        hint = f"install it into {sys.prefix}, or list its files in the rubric's files:"
    message["message"] = message_of(error)
    return message | _given(hint=hint, traceback=traceback_of(error))


def outcome(call: int, result: Result, run_us: int) -> Message:
    message: Message = {"type": "outcome", "id": call, "run_us": run_us}
    if result.members is None:
        return message | _content(result)
    return message | {"members": [_content(each) for each in result.members]}


def _content(result: Result) -> Message:
    content: Message = {"status": result.status}
    if result.kind is None:
        content["reward"] = result.reward
    else:
        content["kind"] = result.kind.value
        content |= _given(message=result.message, traceback=result.traceback)
    if result.components or result.metrics or result.labels:
        content |= _given(components=result.components, metrics=result.metrics, labels=result.labels)
    if result.tree or result.step_scores:
        content |= _given(tree=result.tree, step_scores=result.step_scores, credit=result.credit)
    return content


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}
