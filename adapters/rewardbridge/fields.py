"""Reads the parts that a component can ask for out of a record as it came over the wire."""

from typing import Any

Json = dict[str, Any]

# Keys of a message that are ours; the rest is what every chat library calls a message.
_OURS = ("sampled", "raw")


class Missing(Exception):
    """The record does not hold what the component needs; the text names it."""


def step(record: Json) -> Json:
    """The step that is scored: the last."""
    steps = record.get("steps")
    if not steps:
        raise Missing("steps")
    return steps[-1]


def action(record: Json) -> Any:
    return _present(step(record), "action")


def observation(record: Json) -> Any:
    """As the client would see it: an object has the environment's `reward` and `done` put back in, unless it has its
    own."""
    last = step(record)
    seen = _present(last, "observation")
    if isinstance(seen, dict):
        seen.setdefault("reward", last.get("reward"))
        seen.setdefault("done", last.get("done", False))
    return seen


def state(record: Json) -> Any:
    return _present(step(record), "state")


def history(record: Json) -> list[Json]:
    step(record)
    return record["steps"]


def reset(record: Json) -> Json:
    first = history(record)[0]
    if first.get("index") != 0:
        raise Missing("reset")
    return first


def answer(record: Json) -> Any:
    return _present(record, "answer")


def prompt(record: Json) -> list[Json]:
    return [plain(message) for message in _present(record, "prompt")]


def prompt_text(record: Json) -> str:
    """The prompt's texts, with an empty line between messages."""
    return "\n\n".join(text_of(message) for message in _present(record, "prompt"))


def messages(record: Json) -> list[Json]:
    """Everything after the prompt."""
    return [plain(message) for message in _present(record, "messages")]


def conversation(record: Json) -> list[Json]:
    """The prompt and everything after it."""
    return prompt(record) + messages(record)


def completion(record: Json) -> str:
    """The text of the last message that the policy wrote: marked `sampled`, else by the role `assistant`."""
    said = _present(record, "messages")
    for written in (lambda each: each.get("sampled"), lambda each: each.get("role") == "assistant"):
        for message in reversed(said):
            if written(message):
                return text_of(message)
    raise Missing("completion")


def text_of(message: Json) -> str:
    """The content, or the texts of its parts one after the other; empty for a message that only calls tools."""
    content = message.get("content")
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    if content is not None and not isinstance(content, str):
        raise Missing(f"text in a message's content, which is of type {type(content).__name__}")
    return content or ""


def plain(message: Json) -> Json:
    """The message as chat libraries know it."""
    return {key: value for key, value in message.items() if key not in _OURS}


def column(record: Json, name: str) -> Any:
    info = record.get("info")
    if not info or name not in info:
        raise Missing(f"info.{name}")
    return info[name]


def _present(part: Json, name: str) -> Any:
    value = part.get(name)
    if value is None:
        raise Missing(name)
    return value
