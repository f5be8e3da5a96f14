"""Messages as the chat completions API spells them, which is how most libraries take a conversation."""

from collections.abc import Sequence

from rewardbridge import fields


def chat(messages: Sequence[fields.Json]) -> list[fields.Json]:
    """Copies, with each tool call's name and arguments under `function`."""
    return [_message(each) for each in messages]


def _message(message: fields.Json) -> fields.Json:
    plain = fields.plain(message)
    if calls := plain.get("tool_calls"):
        plain["tool_calls"] = [_tool_call(each) for each in calls]
    return plain


def _tool_call(call: fields.Json) -> fields.Json:
    if "function" in call:
        return call
    function = {"name": call.get("name"), "arguments": call.get("arguments", "{}")}
    named = {"id": call["id"]} if "id" in call else {}
    return {**named, "type": "function", "function": function}
