"""`evalrec/1` as objects: what a rubric of shape `record` gets, and what readers of recordings write."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

Part = TypeVar("Part", bound="_Part")


@dataclass
class _Part:
    """A JSON object with known fields. Reading is lenient: a missing field is None, an unknown one goes to `extra`."""

    extra: dict[str, Any] = field(default_factory=dict, kw_only=True)

    @classmethod
    def from_json(cls: type[Part], value: Mapping[str, Any]) -> Part:
        names = {each.name for each in fields(cls)} - {"extra"}
        known = {name: part for name, part in value.items() if name in names}
        return cls(**known, extra={name: part for name, part in value.items() if name not in names})

    def to_json(self) -> dict[str, Any]:
        """The object again; fields that are None are left out."""
        known = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "extra"}
        return {name: _json_of(part) for name, part in known.items() if part is not None} | self.extra


def _json_of(part: Any) -> Any:
    if isinstance(part, list):
        return [_json_of(each) for each in part]
    return part.to_json() if isinstance(part, _Part) else part


@dataclass
class Message(_Part):
    role: str = ""
    content: str | list[Any] | None = None
    reasoning: str | None = None
    tool_calls: list[dict[str, Any]] | None = None
    tool_call_id: str | None = None
    name: str | None = None
    sampled: bool | None = None
    raw: Any = None


@dataclass
class Step(_Part):
    """`index` counts from 1; 0 is the reset, whose request is in `info["reset_request"]`."""

    index: int = 0
    agent: str | None = None
    action: Any = None
    action_text: str | None = None
    observation: Any = None
    observation_text: str | None = None
    messages: list[int] | None = None
    reward: float | None = None
    done: bool | None = None
    truncated: bool | None = None
    info: dict[str, Any] | None = None
    state: Any = None


@dataclass
class EvalRecord(_Part):
    schema: str = "evalrec/1"
    id: str | None = None
    group: dict[str, Any] | None = None
    task: dict[str, Any] | None = None
    prompt: list[Message] | None = None
    messages: list[Message] | None = None
    branches: list[list[int]] | None = None
    steps: list[Step] | None = None
    reward_semantics: str | None = None
    answer: Any = None
    info: dict[str, Any] | None = None
    tools: list[dict[str, Any]] | None = None
    tokens: dict[str, Any] | None = None
    finish: dict[str, Any] | None = None
    artifacts: list[dict[str, Any]] | None = None
    workspace: dict[str, Any] | None = None
    sandbox: dict[str, Any] | None = None
    trainer: dict[str, Any] | None = None
    prior_scores: list[dict[str, Any]] | None = None
    errors: list[dict[str, Any]] | None = None
    usage: dict[str, Any] | None = None
    timing: dict[str, Any] | None = None
    source: dict[str, Any] | None = None

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "EvalRecord":
        record = super().from_json(value)
        record.prompt = _parts(Message, record.prompt)
        record.messages = _parts(Message, record.messages)
        record.steps = _parts(Step, record.steps)
        return record

    @property
    def step(self) -> Step | None:
        """The step that is scored: the last."""
        return self.steps[-1] if self.steps else None


def _parts(part: type[Part], values: list[Any] | None) -> Any:
    return [part.from_json(each) for each in values] if isinstance(values, list) else values
