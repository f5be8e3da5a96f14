"""A record's conversation as ATIF, the trajectory format of Harbor: version 1.8."""

import json
from typing import Any

from rewardbridge import codec, fields

_SOURCES = {"system": "system", "developer": "system", "user": "user", "assistant": "agent"}


def trajectory(record: fields.Json) -> fields.Json | None:
    """Of its messages, else of its steps; None when it has neither. There is no place for rewards in it."""
    steps = _of_messages(record) if record.get("messages") else _of_steps(record)
    if not steps:
        return None
    for number, step in enumerate(steps, 1):
        step["step_id"] = number
    source = record.get("source") or {}
    agent = {"name": source.get("library") or "unknown", "version": source.get("version") or "unknown"}
    if tools := record.get("tools"):
        agent["tool_definitions"] = tools
    named = {"session_id": record["id"], "trajectory_id": record["id"]} if record.get("id") else {}
    whole = {"schema_version": "ATIF-v1.8", **named, "agent": agent, "steps": steps}
    return whole | {"final_metrics": {"total_steps": len(steps)}}


def _of_messages(record: fields.Json) -> list[fields.Json]:
    steps: list[fields.Json] = []
    for message in [*(record.get("prompt") or ()), *record["messages"]]:
        if message.get("role") == "tool":
            _observed(steps, message)
        else:
            steps.append(_step(message, len(steps) + 1))
    return steps


def _step(message: fields.Json, number: int) -> fields.Json:
    source = _SOURCES.get(message.get("role", ""), "agent" if message.get("sampled") else "user")
    step: fields.Json = {"step_id": number, "source": source, "message": fields.text_of(message)}
    if source != "agent":
        return step
    if message.get("reasoning"):
        step["reasoning_content"] = message["reasoning"]
    if calls := message.get("tool_calls"):
        step["tool_calls"] = [_call(each, f"call_{number}_{place}") for place, each in enumerate(calls, 1)]
    return step


def _call(call: fields.Json, name: str) -> fields.Json:
    return {
        "tool_call_id": call.get("id") or name,
        "function_name": call.get("name") or "",
        "arguments": _arguments(call.get("arguments")),
    }


def _arguments(text: Any) -> fields.Json:
    """ATIF has an object there; what the model wrote may be none."""
    try:
        value = codec.decode(text.encode()) if isinstance(text, str) else text
    except codec.Unreadable:
        value = None
    return value if isinstance(value, dict) else {"raw": text}


def _observed(steps: list[fields.Json], message: fields.Json) -> None:
    """What a tool answered belongs to the step that called it."""
    result: fields.Json = {"content": fields.text_of(message)}
    wanted = message.get("tool_call_id")
    for step in reversed(steps):
        if any(each["tool_call_id"] == wanted for each in step.get("tool_calls", ())):
            result = {"source_call_id": wanted, **result}
            break
    else:
        step = next((each for each in reversed(steps) if each["source"] == "agent"), None)
        if step is None:
            steps.append(step := {"step_id": 0, "source": "system", "message": ""})
    step.setdefault("observation", {"results": []})["results"].append(result)


def _of_steps(record: fields.Json) -> list[fields.Json]:
    """An action is what the agent said, the observation what it led to."""
    steps: list[fields.Json] = []
    for step in record.get("steps") or ():
        seen = _text(step, "observation")
        if step.get("index") == 0:
            steps.append({"source": "user", "message": seen})
            continue
        observed = {"observation": {"results": [{"content": seen}]}} if seen else {}
        steps.append({"source": "agent", "message": _text(step, "action"), **observed})
    return steps


def _text(step: fields.Json, part: str) -> str:
    if (text := step.get(f"{part}_text")) is not None:
        return text
    value = step.get(part)
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
