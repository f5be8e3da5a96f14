"""Messages as items of OpenAI's Responses API."""

from collections.abc import Sequence
from typing import Any

from rewardbridge import fields


def inputs(messages: Sequence[fields.Json]) -> list[fields.Json]:
    """For a request: what the model was given."""
    return [
        item
        for place, each in enumerate(messages)
        for item in (_output(each, place) if each.get("role") == "assistant" else [_input(each)])
    ]


def outputs(messages: Sequence[fields.Json]) -> list[fields.Json]:
    """For a response: what the model wrote, and what its tools answered."""
    return [
        item
        for place, each in enumerate(messages)
        for item in ([_input(each)] if each.get("role") in ("user", "system", "developer") else _output(each, place))
    ]


def without_nulls(value: Any) -> Any:
    """A copy whose objects have no null: recordings hold nulls that their own schema rejects."""
    if isinstance(value, dict):
        return {name: without_nulls(each) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [without_nulls(each) for each in value]
    return value


def _input(message: fields.Json) -> fields.Json:
    if message.get("role") == "tool":
        return _tool_answer(message)
    return {"type": "message", "role": message.get("role"), "content": fields.text_of(message)}


def _output(message: fields.Json, place: int) -> list[fields.Json]:
    if message.get("role") == "tool":
        return [_tool_answer(message)]
    items: list[fields.Json] = []
    if reasoning := message.get("reasoning"):
        summary = [{"type": "summary_text", "text": reasoning}]
        items.append({"type": "reasoning", "id": f"rs_{place}", "summary": summary})
    calls = message.get("tool_calls") or []
    text = fields.text_of(message)
    if text or not calls:
        content = [{"type": "output_text", "text": text, "annotations": []}]
        spoken = {"type": "message", "role": "assistant", "status": "completed", "content": content}
        items.append({"id": f"msg_{place}", **spoken})
    return items + [_tool_call(call, f"call_{place}_{number}") for number, call in enumerate(calls)]


def _tool_call(call: fields.Json, otherwise: str) -> fields.Json:
    function = call.get("function", call)
    named = {"name": function.get("name"), "arguments": function.get("arguments", "{}")}
    return {"type": "function_call", "call_id": call.get("id", otherwise), **named, "status": "completed"}


def _tool_answer(message: fields.Json) -> fields.Json:
    told = {"call_id": message.get("tool_call_id") or "", "output": fields.text_of(message)}
    return {"type": "function_call_output", **told}
