"""Runs calls that may or may not give coroutines, with a loop only if there is something to await."""

from collections.abc import Awaitable, Generator
from inspect import iscoroutine
from typing import Any, TypeVar

Value = TypeVar("Value")


def run(calls: Generator[Any, Any, Value]) -> Value | Awaitable[Value]:
    """
    :param calls: yields what each call gave, and is sent what came of it, or thrown what it raised.
    :return: what the generator returns; from the first coroutine on, an awaitable of it.
    """
    try:
        given = next(calls)
        while not iscoroutine(given):
            given = calls.send(given)
    except StopIteration as end:
        return end.value
    return _run_on(calls, given)


async def _run_on(calls: Generator[Any, Any, Value], given: Any) -> Value:
    while True:
        go_on = calls.send
        if iscoroutine(given):
            try:
                given = await given
            except Exception as error:
                given, go_on = error, calls.throw
        try:
            given = go_on(given)
        except StopIteration as end:
            return end.value
