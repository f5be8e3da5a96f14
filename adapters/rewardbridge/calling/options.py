"""What a library's own adapter reads out of `args`: a dataclass of options, checked."""

from dataclasses import MISSING, fields
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from rewardbridge.seam import LoadRefused, Source
from rewardbridge.suggestion import did_you_mean
from rewardbridge.texts import clean

Form = TypeVar("Form")


def options_of(source: Source, form: type[Form]) -> Form:
    """`args` as an object of the dataclass `form`, whose fields are annotated with JSON's types (`str | None`).

    :raises LoadRefused: for an unknown or missing name, or a value of another type.
    """
    given = source.settings.get("args") or {}
    known = {each.name: each for each in fields(form)}
    failure = f"could not read args of '{source}'"
    if unknown := next((name for name in given if name not in known), None):
        raise LoadRefused(f"{failure}: unknown name '{unknown}'", did_you_mean(unknown, known))
    for name, each in known.items():
        if name not in given and each.default is MISSING and each.default_factory is MISSING:
            raise LoadRefused(f"{failure}: no '{name}'")
    for name, annotation in get_type_hints(form).items():
        if name in given and not _fits(given[name], annotation):
            wanted = getattr(annotation, "__name__", str(annotation))
            raise LoadRefused(f"{failure}: '{name}' is not {wanted}: {clean(repr(given[name]), 100)}")
    return form(**given)


def _fits(value: Any, annotation: Any) -> bool:
    if annotation is Any:
        return True
    if get_origin(annotation) in (Union, UnionType):
        return any(_fits(value, each) for each in get_args(annotation))
    if annotation in (None, NoneType):
        return value is None
    kind = get_origin(annotation) or annotation
    # A bool is an int to Python, and to nobody who writes a rubric file.
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)
