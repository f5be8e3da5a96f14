"""Messages as OpenReward's candidates hold them: blocks by role, tool results in turns of the user."""

import json
from collections.abc import Sequence
from typing import Any

from rewardbridge import fields

_ROLES = {"tool": "user", "developer": "system"}


def blocks_of(messages: Sequence[fields.Json]) -> list[fields.Json]:
    """For `Message.model_validate`."""
    return [{"role": _ROLES.get(each["role"], each["role"]), "blocks": _blocks(each)} for each in messages]


def arguments_of(call: fields.Json) -> Any:
    """Of a tool call, parsed.

    :raises ValueError: when they are no JSON.
    """
    return json.loads(call.get("arguments") or "{}")


def _blocks(message: fields.Json) -> list[fields.Json]:
    text = {"type": "text", "text": fields.text_of(message)}
    if message["role"] == "tool":
        return [{"type": "tool_result", "tool_call_id": message.get("tool_call_id", ""), "blocks": [text]}]
    blocks = [text] if text["text"] else []
    if reasoning := message.get("reasoning"):
        blocks.insert(0, {"type": "reasoning", "text": reasoning})
    for place, call in enumerate(message.get("tool_calls") or []):
        name = {"id": call.get("id", str(place)), "name": call["name"]}
        blocks.append({"type": "tool_call", **name, "input": arguments_of(call)})
    return blocks
