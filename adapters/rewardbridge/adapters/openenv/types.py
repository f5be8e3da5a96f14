"""The classes of action and observation: found in the settings or in annotations, and made of the wire's JSON."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from inspect import isclass, signature
from typing import Any, get_type_hints

from openenv.core.env_server.types import Action, Observation
from openenv.core.rubrics import Rubric
from pydantic import BaseModel, ValidationError

from rewardbridge import fields
from rewardbridge.calling.attributes import with_attributes
from rewardbridge.loading import load_target
from rewardbridge.seam import LoadRefused, Source

JSON = "json"
PARTS = ("action", "observation")
# What the reply carries beside the observation, and OpenEnv's classes have inside.
BESIDE = ("reward", "done")
# Errors of a validation that a message tells.
ERRORS_MAX = 3

HINT = (
    "set types: MODULE:ACTION,MODULE:OBSERVATION, annotate forward(self, action: ACTION, observation: OBSERVATION), "
    "or set types: json for attributes over plain JSON"
)


class Misfit(Exception):
    """JSON that is no instance of its class; the text names the fields."""


@dataclass(frozen=True)
class Types:
    action: Callable[[Any], Any]
    observation: Callable[[Any], Any]

    def turn(self, step: fields.Json) -> tuple[Any, Any]:
        """Action and observation of one step.

        :raises fields.Missing: when the step lacks one. :raises Misfit: when one does not fit its class.
        """
        record = {"steps": [step]}
        return self.action(fields.action(record)), self.observation(fields.observation(record))


def types_of(source: Source, rubrics: Sequence[Rubric], setting: Any) -> Types:
    """
    :param setting: `json`, `MODULE:ACTION,MODULE:OBSERVATION`, or a mapping with a target or `json` for either part.
    :raises LoadRefused: when a class is not found, or the annotations do not say which.
    """
    if isinstance(setting, str):
        named = [each.strip() for each in setting.split(",")]
        setting = dict(zip(PARTS, named * 2 if named == [JSON] else named))
    readers = []
    for position, part in enumerate(PARTS):
        target = (setting or {}).get(part)
        if target == JSON:
            readers.append(with_attributes)
            continue
        found = _named(source, part, target) if target else _annotated(part, position, rubrics)
        readers.append(_reader(part, found))
    return Types(*readers)


def _named(source: Source, part: str, target: str) -> Any:
    try:
        return load_target(replace(source, target=target))
    except LoadRefused as error:
        message = f"could not find the class '{target}' of the {part}s: {error.message}"
        raise LoadRefused(message, error.hint, error.kind) from error


def _annotated(part: str, position: int, rubrics: Sequence[Rubric]) -> Any:
    """The only class that the tree's rubrics name for this part."""
    found = {each for rubric in rubrics if (each := _annotation(type(rubric), position)) is not None}
    if len(found) == 1:
        return found.pop()
    names = ", ".join(sorted(each.__qualname__ for each in found))
    reason = f"its rubrics name several: {names}" if found else "forward is not annotated with one"
    raise LoadRefused(f"could not tell the class of the {part}s: {reason}", HINT)


def _annotation(rubric: type[Rubric], position: int) -> type[BaseModel] | None:
    """None also for OpenEnv's base classes, which take no fields, and for names that only a type checker can see."""
    parameters = list(signature(rubric.forward).parameters)[1:]
    try:
        hints = get_type_hints(rubric.forward)
    except (NameError, TypeError):
        return None
    found = hints.get(parameters[position]) if position < len(parameters) else None
    is_class = isclass(found) and issubclass(found, BaseModel)
    return found if is_class and found not in (Action, Observation) else None


def _reader(part: str, found: Any) -> Callable[[Any], Any]:
    if not isclass(found) or not issubclass(found, BaseModel):
        raise LoadRefused(f"could not make the {part}s with {found!r}: not a pydantic class", HINT)
    dropped = set(found.model_computed_fields)
    if found.model_config.get("extra") == "forbid":
        dropped |= set(BESIDE) - set(found.model_fields)

    def read(value: Any) -> BaseModel:
        if isinstance(value, dict) and not dropped.isdisjoint(value):
            value = {name: each for name, each in value.items() if name not in dropped}
        try:
            return found.model_validate(value)
        except ValidationError as error:
            raise Misfit(f"the {part} is no {found.__qualname__}: {_told(error)}") from error

    return read


def _told(error: ValidationError) -> str:
    errors = error.errors(include_url=False, include_context=False, include_input=False)
    told = [f"{'.'.join(map(str, each['loc'])) or 'it'}: {each['msg']}" for each in errors[:ERRORS_MAX]]
    left_out = len(errors) - len(told)
    return "; ".join(told) + (f" (and {left_out} more)" if left_out else "")
