"""Asynchronous calls: they run on one event loop, a turn at a time, between the synchronous ones."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from time import monotonic_ns
from typing import Any

from rewardbridge.embedded.deadline import Deadline
from rewardbridge.failures import DeadlinePassed, result_of_error
from rewardbridge.result import Result


class Turns:
    def __init__(self, deadline: Deadline, wakeup: int, slice_ns: int) -> None:
        """
        :param wakeup: a descriptor that is readable when the bridge has something to do.
        :param slice_ns: how long code may run without awaiting anything.
        """
        self._deadline = deadline
        self._wakeup = wakeup
        self._loop = asyncio.SelectorEventLoop(_WatchedSelector(deadline, slice_ns))
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def are_wanted(self) -> bool:
        return bool(self._tasks)

    def begin(self, work: Coroutine[Any, Any, Result], done: Callable[[Result], None]) -> None:
        """`done` gets the result in one of the next turns."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(lambda ended: self._end(ended, done))

    def run_to_end(self, work: Coroutine[Any, Any, Result]) -> Result:
        """What was begun goes on meanwhile."""
        task = self._loop.create_task(work)
        task.add_done_callback(lambda _: self._loop.stop())
        while not task.done():
            self._run()
        return task.result()

    def run(self) -> None:
        """Until some work has ended or the bridge wants something."""
        self._loop.add_reader(self._wakeup, self._loop.stop)
        try:
            self._run()
        finally:
            self._loop.remove_reader(self._wakeup)

    def _run(self) -> None:
        try:
            self._loop.run_forever()
        except DeadlinePassed:
            pass  # between two steps of the loop: whatever was overdue is so again in the next turn
        finally:
            self._deadline.stop()

    def _end(self, task: "asyncio.Task[Result]", done: Callable[[Result], None]) -> None:
        self._tasks.discard(task)
        self._loop.stop()
        if task.cancelled():
            done(result_of_error(asyncio.CancelledError()))
        elif error := task.exception():
            done(result_of_error(error))
        else:
            done(task.result())


class _WatchedSelector(selectors.DefaultSelector):
    """Waiting is no work: what runs between two waits is one slice, which has a deadline."""

    def __init__(self, deadline: Deadline, slice_ns: int) -> None:
        super().__init__()
        self._deadline = deadline
        self._slice_ns = slice_ns

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._deadline.stop()
        try:
            return super().select(timeout)
        finally:
            self._deadline.start(monotonic_ns() + self._slice_ns)
