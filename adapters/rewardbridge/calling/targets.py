"""What a target is: a function that all calls share, or something that is made anew for each episode."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from inspect import Signature, isclass, iscoroutinefunction, signature
from typing import Any

from rewardbridge.calling.settings import Settings
from rewardbridge.seam import LoadRefused, Source
from rewardbridge.suggestion import did_you_mean


@dataclass(frozen=True)
class Target:
    """`make` is None unless the target is a class or a factory."""

    make: Callable[[], Any] | None
    # What calls go to: of the only instance, or of one that was made to be described.
    function: Callable[..., Any]
    signature: Signature
    # Keyword arguments of every call.
    args: dict[str, Any]
    stateful: bool
    asynchronous: bool


def target_of(source: Source, found: Any, settings: Settings) -> Target:
    """Makes a class or a factory's product once, so that what cannot be made is refused here.

    :raises LoadRefused: when the settings do not fit the target, or it cannot be called.
    """
    args = dict(settings.args or {})
    is_made = isclass(found) or bool(settings.factory)
    if settings.stateful and not is_made:
        raise LoadRefused(
            f"could not open episodes of '{source}': stateful, but neither a class nor a factory",
            hint="name a class, or a function that makes an object, with factory: true",
        )
    if isclass(found) and settings.factory is False:
        raise LoadRefused(f"could not call '{source}': a class cannot have factory: false")
    make = partial(found, **args) if is_made else None
    instance = make() if make else found
    function = method_of(instance, str(source))
    parameters = _signature(function, source)
    if args and not make:
        _check_args(args, parameters, source)
    stateful = settings.stateful if settings.stateful is not None else isclass(found)
    waits = any(_is_coroutine(each) for each in (function, getattr(instance, "reset", None)))
    return Target(make, function, parameters, {} if make else args, stateful, waits)


def method_of(instance: Any, name: str) -> Callable[..., Any]:
    """The method `score`, else the object itself."""
    method = getattr(instance, "score", None)
    for each in (method, instance):
        if callable(each):
            return each
    raise LoadRefused(f"could not call '{name}': a {type(instance).__name__} has neither score(...) nor __call__(...)")


def _signature(function: Callable[..., Any], source: Source) -> Signature:
    try:
        return signature(function)
    except (TypeError, ValueError) as error:
        raise LoadRefused(f"could not read the parameters of '{source}': {error}") from error


def _check_args(args: dict[str, Any], parameters: Signature, source: Source) -> None:
    takes_all = any(each.kind is each.VAR_KEYWORD for each in parameters.parameters.values())
    names = [each.name for each in parameters.parameters.values() if each.kind is not each.POSITIONAL_ONLY]
    for name in args:
        if name not in names and not takes_all:
            raise LoadRefused(f"could not give '{source}' the argument '{name}': unknown", did_you_mean(name, names))


def _is_coroutine(function: Any) -> bool:
    return iscoroutinefunction(function) or iscoroutinefunction(getattr(function, "__call__", None))
