"""What a target of the `openenv` adapter is: something that makes a rubric for each episode."""

from collections.abc import Callable
from copy import deepcopy
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from inspect import isclass, signature

from openenv.core.llm_client import LLMClient
from openenv.core.rubrics import Rubric

from rewardbridge.calling.settings import Settings
from rewardbridge.seam import LoadRefused

HINT = "name a Rubric class, an instance of one, or a function that makes one; the adapter 'python' takes functions"


def library() -> str:
    """The version of OpenEnv, which was called openenv-core before 0.4."""
    try:
        return version("openenv")
    except PackageNotFoundError:
        return version("openenv-core")


def clients_of(rubrics: list[Rubric]) -> list[LLMClient]:
    """The clients of language models that rubrics hold."""
    return [value for each in rubrics for value in vars(each).values() if isinstance(value, LLMClient)]


def maker_of(found: object, settings: Settings) -> Callable[[], Rubric]:
    """
    :raises LoadRefused: when the target makes no rubric, or its settings do not fit it.
    """
    args = dict(settings.args or {})
    is_function = callable(found) and not isinstance(found, Rubric) and not isclass(found)
    if settings.factory not in (None, is_function):
        what = "a function" if is_function else "no function"
        raise LoadRefused(f"could not read factory: {str(settings.factory).lower()}: the target is {what}", HINT)
    if isinstance(found, Rubric):
        if args:
            raise LoadRefused("could not give args: the target is an instance", hint="name its class")
        return partial(_copied, found)
    if not callable(found):
        raise LoadRefused(f"could not make a rubric: the target is a {type(found).__name__}", HINT)
    _check_args(found, args)
    make = partial(found, **args)
    return make if isclass(found) and issubclass(found, Rubric) else _fresh(make)


def _check_args(found: Callable[..., object], args: dict[str, object]) -> None:
    try:
        signature(found).bind(**args)
    except ValueError:
        pass  # what has no signature says itself what it lacks
    except TypeError as error:
        raise LoadRefused(f"could not make a rubric with these args: {error}", HINT) from error


def _fresh(make: Callable[[], object]) -> Callable[[], Rubric]:
    """For a function; one that gives the same rubric each time gives an instance."""
    first = make()
    if not isinstance(first, Rubric):
        raise LoadRefused(f"could not make a rubric: the target gives a {type(first).__name__}", HINT)

    def fresh() -> Rubric:
        rubric = make()
        return _copied(first) if rubric is first else rubric

    return fresh


def _copied(rubric: Rubric) -> Rubric:
    """A copy of a rubric that is never called itself. A client of a model has a connection pool, which is shared."""
    shared = {id(each): each for each in clients_of([rubric, *rubric.rubrics()])}
    try:
        return deepcopy(rubric, shared)
    except Exception as error:
        raise LoadRefused(
            f"could not copy the instance for an episode: {error}",
            hint="name its class, or a function that makes it",
        ) from error
