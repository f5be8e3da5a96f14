"""A component as a worker makes and calls it, without the worker."""

import asyncio
from inspect import isawaitable
from pathlib import Path
from typing import Any

from rewardbridge.adapters import find
from rewardbridge.calls import Calls
from rewardbridge.failures import result_of_error
from rewardbridge.provenance import Provenance
from rewardbridge.result import Result
from rewardbridge.seam import Component, Source


def made(component: str, root: Path, **settings: Any) -> Component:
    """:param component: `adapter:target`, as a rubric file has it."""
    adapter, _, target = component.partition(":")
    return find(adapter)(Source(adapter, target, settings, root))


def score(component: Component, record: dict[str, Any], episode: str = "e/1") -> Result:
    """One call, in an episode of its own."""
    return play(component, [record], episode)[0]


def play(component: Component, records: list[dict[str, Any]], episode: str = "e/1") -> list[Result]:
    """The calls of one episode."""
    calls = Calls(component, Provenance(Path("/")))
    calls.open(episode)
    results = [waited(calls.score(episode, each)) for each in records]
    calls.close(episode)
    return results


def waited(result: Any) -> Result:
    """The result, also where it has to be awaited."""

    async def awaited() -> Result:
        return await result

    try:
        return asyncio.run(awaited()) if isawaitable(result) else result
    except BaseException as error:
        return result_of_error(error)


def values(result: Result) -> dict[str, float | None]:
    """The components by their paths."""
    return {each["path"]: each["value"] for each in result.components or []}
