"""How one function is called: its signature against a shape."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from inspect import Parameter, Signature
from typing import Any

from rewardbridge import fields
from rewardbridge.calling.shapes import Part, Shape, recognised
from rewardbridge.seam import LoadRefused

HINT = (
    "declare shape: step (action, observation), text (completion, answer, columns), "
    "messages (messages, columns), batch (prompts, completions, columns) or record (record); "
    "(completion, answer) may be text or messages, so nothing guesses it"
)

Arguments = tuple[list[Any], dict[str, Any]]


@dataclass(frozen=True)
class Binding:
    """What a function takes of a record."""

    needs: list[str]
    # Names that must be in the record's `info`.
    columns: list[str]
    arguments: Callable[[fields.Json], Arguments]


def shape_of(signature: Signature, declared: str | None, bound: Collection[str]) -> str:
    """The declared shape, else the one that the names of the parameters say.

    :raises LoadRefused: when they do not.
    """
    names = [each for each in signature.parameters if each not in bound]
    if shape := declared or recognised(names):
        return shape
    raise LoadRefused(f"could not tell how to call '({', '.join(names)})': no shape is declared", hint=HINT)


def bind(signature: Signature, shape: Shape, bound: Collection[str], extra: Collection[str]) -> Binding:
    """
    :param bound: parameters that `args` gives.
    :param extra: columns that the settings name.
    :raises LoadRefused: when the parameters do not fit the shape.
    """
    free = [each for each in signature.parameters.values() if each.name not in bound]
    takes_all = any(each.kind is Parameter.VAR_KEYWORD for each in free)
    named = [each for each in free if each.kind not in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)]
    by_position, by_name = _fixed(named, shape, takes_all)
    rest = [each for each in named[len(by_position) :] if each.name not in by_name]
    by_name |= {each.name: shape.known[each.name] for each in rest if each.name in shape.known}
    columns = {each.name: each for each in rest if each.name not in shape.known}
    _check_columns(columns, extra, takes_all)
    required = [name for name, each in columns.items() if each.default is Parameter.empty or name in extra]
    required += [name for name in extra if name not in columns]
    optional = [name for name in columns if name not in required]
    needs = [need for part in [*by_position, *by_name.values()] for need in part.needs]
    taken = {*bound, *by_name, *(each.name for each in named)} if takes_all else None
    arguments = _reader([each.read for each in by_position], by_name, required, optional, taken)
    return Binding(list(dict.fromkeys(needs)), required, arguments)


def _fixed(named: list[Parameter], shape: Shape, takes_all: bool) -> tuple[list[Part], dict[str, Part]]:
    """By position where the function calls them otherwise or takes them first, else by name."""
    wanted = list(shape.fixed)
    names = [each.name for each in named]
    first = [each for each in named[: len(wanted)] if each.kind is not Parameter.KEYWORD_ONLY]
    mentioned = [name for name in wanted if name in names]
    if names[: len(wanted)] == wanted and len(first) == len(wanted):
        return list(shape.fixed.values()), {}
    if (mentioned or not first) and (takes_all or mentioned == wanted):
        return [], dict(shape.fixed)
    failure = f"could not call '({', '.join(names)})' with shape {shape.name}"
    if mentioned or len(first) < len(wanted):
        raise LoadRefused(f"{failure}: it gives {' and '.join(wanted)}")
    for each, given in zip(first, wanted):
        if each.name in shape.known:
            raise LoadRefused(f"{failure}: '{each.name}' would get the {given}", f"name the parameter '{given}'")
    return list(shape.fixed.values()), {}


def _check_columns(columns: dict[str, Parameter], extra: Collection[str], takes_all: bool) -> None:
    for name, each in columns.items():
        if each.kind is Parameter.POSITIONAL_ONLY:
            raise LoadRefused(f"could not bind parameter '{name}': columns come by name, and it takes none")
    if not takes_all and (unknown := sorted(set(extra) - set(columns))):
        raise LoadRefused(f"could not bind column '{unknown[0]}': the function has no such parameter")


def _reader(
    by_position: list[Callable[[fields.Json], Any]],
    by_name: dict[str, Part],
    required: list[str],
    optional: list[str],
    taken: set[str] | None,
) -> Callable[[fields.Json], Arguments]:
    """:param taken: names that columns must not give once more; None unless the function takes all columns."""
    if not by_name and not required and not optional and taken is None:
        return lambda record: ([read(record) for read in by_position], {})

    def arguments(record: fields.Json) -> Arguments:
        named = {name: part.read(record) for name, part in by_name.items()}
        for name in required:
            named[name] = fields.column(record, name)
        info = record.get("info") or {}
        for name in optional:
            if name in info:
                named[name] = info[name]
        if taken is not None:
            named |= {name: value for name, value in info.items() if name not in taken}
        return [read(record) for read in by_position], named

    return arguments
