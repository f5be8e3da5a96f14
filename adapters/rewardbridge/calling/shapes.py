"""The call shapes: which parameters a function has, and which part of a record each one gets."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rewardbridge import fields
from rewardbridge.record import EvalRecord


@dataclass(frozen=True)
class Part:
    """A part of the record, and what it needs the record to hold."""

    needs: tuple[str, ...]
    read: Callable[[fields.Json], Any]


@dataclass(frozen=True)
class Shape:
    """Every parameter in `fixed` must be there; those in `known` may be; any other is a column of `info`."""

    name: str
    fixed: dict[str, Part]
    known: dict[str, Part]


ANSWER = Part(("answer",), fields.answer)

STEP = Shape(
    "step",
    {
        "action": Part(("action",), fields.action),
        "observation": Part(("observation",), fields.observation),
    },
    {"answer": ANSWER, "state": Part(("state",), fields.state)},
)

TEXT = Shape(
    "text",
    {"completion": Part(("completion",), fields.completion)},
    {"answer": ANSWER, "prompt": Part(("prompt",), fields.prompt_text)},
)

MESSAGES = Shape(
    "messages",
    {"messages": Part(("prompt", "messages"), fields.conversation)},
    {"answer": ANSWER},
)

BATCH_OF_TEXTS = Shape(
    "batch",
    {
        "prompts": Part(("prompt",), fields.prompt_text),
        "completions": Part(("completion",), fields.completion),
    },
    {"answer": ANSWER},
)

BATCH_OF_MESSAGES = Shape(
    "batch",
    {
        "prompts": Part(("prompt",), fields.prompt),
        "completions": Part(("messages",), fields.messages),
    },
    {"answer": ANSWER},
)

READERS: dict[str, Callable[[fields.Json], Any]] = {
    "action": fields.action,
    "observation": fields.observation,
    "prompt": fields.prompt,
    "completion": fields.completion,
    "messages": fields.messages,
    "answer": fields.answer,
    "state": fields.state,
    "history": fields.history,
    "reset": fields.reset,
}


def record_shape(needs: tuple[str, ...] = ("action", "observation", "history", "reset")) -> Shape:
    """A function of the whole record, which must hold the fields named."""
    readers = [READERS[name] for name in needs]

    def read(record: fields.Json) -> EvalRecord:
        for reader in readers:
            reader(record)
        return EvalRecord.from_json(record)

    return Shape("record", {"record": Part(needs, read)}, {})


def shape_named(name: str, completions: str | None, needs: list[str] | None) -> Shape:
    if name == "batch":
        return BATCH_OF_MESSAGES if completions == "messages" else BATCH_OF_TEXTS
    if name == "record":
        return record_shape() if needs is None else record_shape(tuple(needs))
    return {"step": STEP, "text": TEXT, "messages": MESSAGES}[name]


def recognised(parameters: list[str]) -> str | None:
    """The shape that the names of a function's parameters leave no doubt about."""
    if parameters == ["action", "observation"]:
        return "step"
    if parameters == ["record"]:
        return "record"
    if parameters[:2] == ["prompts", "completions"]:
        return "batch"
    return None
