"""A record as the `State` that an environment of verifiers hands to its rubric."""

from typing import Any

from rewardbridge import fields


def state_of(record: fields.Json) -> Any:
    """A new one for each call, as rubrics write into it."""
    from verifiers.types import State
    from verifiers.utils.message_utils import normalize_messages

    columns = record.get("info") or {}
    row = {"info": columns, **columns, "prompt": normalize_messages(_messages(fields.prompt(record)))}
    if record.get("answer") is not None:
        row["answer"] = record["answer"]
    task = record.get("task") or {}
    row.setdefault("example_id", task.get("index", 0))
    completion = normalize_messages(_messages(fields.messages(record)))
    finish = record.get("finish") or {}
    state = State(input=row)
    for name, value in {
        "task": row,
        "completion": completion,
        "trajectory": _turns(row["prompt"], completion),
        "is_completed": finish.get("completed", True),
        "is_truncated": finish.get("truncated", False),
        "stop_condition": finish.get("stop_condition"),
        "tool_defs": record.get("tools") or [],
        "reward": None,
        "metrics": None,
        "error": None,
    }.items():
        state[name] = value
    return state


def _messages(messages: list[fields.Json]) -> list[fields.Json]:
    """In the library's own form: tool calls are flat there too, and have an id."""
    found = []
    for each in messages:
        message = dict(each)
        if reasoning := message.pop("reasoning", None):
            message["reasoning_content"] = reasoning
        if calls := message.get("tool_calls"):
            message["tool_calls"] = [{"id": f"call_{place}", **call} for place, call in enumerate(calls)]
        found.append(message)
    return found


def _turns(prompt: list[Any], completion: list[Any]) -> list[dict[str, Any]]:
    """The trajectory: each message of the assistant with what led to it."""
    return [
        {
            "prompt": prompt + completion[:place],
            "completion": [message],
            "response": None,
            "tokens": None,
            "reward": None,
            "advantage": None,
            "is_truncated": False,
            "trajectory_id": "0",
            "extras": {},
        }
        for place, message in enumerate(completion)
        if message.role == "assistant"
    ]
