"""What the bridge calls in the interpreter that it embeds. All of it runs on the process's main thread."""

import asyncio
import sys
from collections.abc import Awaitable
from dataclasses import dataclass
from time import monotonic_ns, perf_counter_ns
from typing import Any

from rewardbridge import codec
from rewardbridge.admission import load_component, source_of
from rewardbridge.calls import Calls
from rewardbridge.embedded.deadline import Deadline
from rewardbridge.embedded.turns import Turns
from rewardbridge.failures import result_of_error
from rewardbridge.kinds import Kind
from rewardbridge.messages import loaded, outcome, refused
from rewardbridge.provenance import ModuleWatch, Provenance, changed, distributions
from rewardbridge.result import Result, failed
from rewardbridge.seam import Description, LoadRefused

Json = dict[str, Any]
# An outcome: a plain number as it is, everything else as RFC 002 words it.
Answer = float | bytes


@dataclass
class _Loaded:
    calls: Calls
    asynchronous: bool
    # Calls of an episode run one after the other; asynchronous ones need to be told.
    locks: dict[str, asyncio.Lock] | None


class Host:
    def __init__(self, shared: memoryview, number: int, wakeup: int, slice_ns: int) -> None:
        """See :class:`Deadline` and :class:`Turns`."""
        sys.dont_write_bytecode = True
        # What a rubric prints is for the log; the command's own output stays clean.
        sys.stderr.reconfigure(line_buffering=True, errors="backslashreplace")
        sys.stdout = sys.stderr
        self._deadline = Deadline(shared, number)
        self._turns = Turns(self._deadline, wakeup, slice_ns)
        self._watch = ModuleWatch()
        self._watch.look()
        self._components: dict[int, _Loaded] = {}
        self._answers: list[int | Answer] = []

    # Loading

    def load(self, number: int, component: bytes, root: str, expected: bytes, until: int) -> bytes:
        """`loaded` or `refused` of RFC 002.

        :param expected: the distributions that the version was made with, as JSON; `null`: none are known yet.
        """
        self._deadline.start(until)
        try:
            wanted = codec.decode(expected)
            if wanted is not None and (name := changed(wanted)):
                raise LoadRefused(f"distribution '{name}' is not what it was", kind=Kind.VERSION_UNAVAILABLE)
            answer = loaded(*self._load(number, component, root, wanted))
        except BaseException as error:
            self._components.pop(number, None)
            # What it brought along is not held against the others.
            self._watch.look()
            answer = refused(error)
        finally:
            self._deadline.stop()
        return codec.encode(answer)

    def _load(
        self, number: int, component: bytes, root: str, wanted: list[Json] | None
    ) -> tuple[Description, list[Json], list[str]]:
        source = source_of(codec.decode(component), root, shared=True)
        provenance = Provenance(source.root, self._watch)
        target = load_component(source, provenance)
        description = target.describe()
        is_ordered = description.asynchronous and description.stateful
        self._components[number] = _Loaded(
            Calls(target, provenance), description.asynchronous, {} if is_ordered else None
        )
        # Others may have loaded more; a version keeps to what it was made with.
        return description, distributions() if wanted is None else wanted, provenance.modules()

    def retire(self, number: int) -> None:
        self._components.pop(number, None)

    # Calls

    def open(self, number: int, episode: str, until: int) -> None:
        if component := self._components.get(number):
            self._deadline.start(until)
            try:
                component.calls.open(episode)
            finally:
                self._deadline.stop()

    def close(self, number: int, episode: str, until: int) -> None:
        component = self._components.get(number)
        if component is None:
            return
        if component.locks is not None and (lock := component.locks.pop(episode, None)):
            self._turns.begin(self._close_after(lock, component, episode), lambda result: None)
            return
        self._deadline.start(until)
        try:
            component.calls.close(episode)
        finally:
            self._deadline.stop()

    def score(self, number: int, ticket: int, episode: str, record: bytes, until: int) -> Answer | None:
        """None: the answer is among those of a later :meth:`turn`."""
        started = perf_counter_ns()
        component = self._components.get(number)
        if component is None:
            return _answer(ticket, failed(Kind.UNAVAILABLE, "the component is retired"), started)
        self._deadline.start(until)
        try:
            result = self._score(component, ticket, episode, record, until)
        except BaseException as error:
            self._deadline.stop()
            result = result_of_error(error)
        self._deadline.stop()
        return None if result is None else _answer(ticket, component.calls.checked(result), started)

    def _score(self, component: _Loaded, ticket: int, episode: str, record: bytes, until: int) -> Result | None:
        try:
            content = codec.decode(record)
        except codec.Unreadable as error:
            return failed(Kind.UNREADABLE, str(error))
        if component.asynchronous:
            self._begin(component, ticket, episode, content, until)
            return None
        result = component.calls.score(episode, content)
        return result if isinstance(result, Result) else self._turns.run_to_end(_within(until, result))

    def _begin(self, component: _Loaded, ticket: int, episode: str, record: object, until: int) -> None:
        started = perf_counter_ns()

        def done(result: Result) -> None:
            self._answers += (ticket, _answer(ticket, component.calls.checked(result), started))

        if component.locks is None:
            result = component.calls.score(episode, record)
            if isinstance(result, Result):
                done(result)
            else:
                self._turns.begin(_within(until, result), done)
            return
        lock = component.locks.setdefault(episode, asyncio.Lock())
        self._turns.begin(self._score_in_order(lock, component, episode, record, until), done)

    async def _score_in_order(
        self, lock: asyncio.Lock, component: _Loaded, episode: str, record: object, until: int
    ) -> Result:
        async with lock:
            result = component.calls.score(episode, record)
            return result if isinstance(result, Result) else await _within(until, result)

    async def _close_after(self, lock: asyncio.Lock, component: _Loaded, episode: str) -> Result | None:
        async with lock:
            component.calls.close(episode)

    # Turns

    def turn(self) -> list[int | Answer]:
        """Runs asynchronous calls until one has ended or the bridge wants something; tickets and answers in turn."""
        if self._turns.are_wanted and not self._answers:
            self._turns.run()
        answers, self._answers = self._answers, []
        return answers

    def wants_turns(self) -> int:
        return int(self._turns.are_wanted or bool(self._answers))


async def _within(until: int, awaitable: Awaitable[Result]) -> Result:
    try:
        return await asyncio.wait_for(awaitable, (until - monotonic_ns()) / 1e9)
    except BaseException as error:
        return result_of_error(error)


def _answer(ticket: int, result: Result, started: int) -> Answer:
    is_alone = not (result.components or result.metrics or result.labels or result.tree or result.step_scores)
    if result.kind is None and is_alone and type(result.reward) is float:
        return result.reward
    return codec.encode(outcome(ticket, result, (perf_counter_ns() - started) // 1000))
