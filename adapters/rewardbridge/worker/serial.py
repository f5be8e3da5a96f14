"""The loop for synchronous components: one call at a time, on the main thread, in the order in which they came.

While calls are short their outcomes leave together, when nothing is left to do or after HOLD_NS: a write for each
would cost more than the call. Before each call its id goes into the word that the bridge shares (progress.py), so that
it blames the right one for a hang or a crash. Without that word an outcome is written before the next call begins.
"""

import asyncio
import socket
from collections.abc import Awaitable, Iterable
from time import perf_counter_ns
from typing import NoReturn

from rewardbridge import codec
from rewardbridge.calls import Calls
from rewardbridge.guard import guarded
from rewardbridge.failures import result_of_error
from rewardbridge.messages import outcome
from rewardbridge.result import Result
from rewardbridge.worker.process import leave
from rewardbridge.worker.protocol import READ_MAX, FrameReader, Message, ProtocolError, frame_of

# Outcomes wait for those behind them only after this many calls in a row that were this short: nobody waits for a
# reward because the next call is slow, other than once, when calls become slow.
SHORT_NS = 100_000
SHORT_CALLS = 16
# How long an outcome waits, and how many bytes wait: far less than a frame may hold.
HOLD_NS = 200_000
HOLD_MAX = 64 * 1024


class SerialLoop:
    def __init__(self, connection: socket.socket, reader: FrameReader, calls: Calls, word: memoryview | None) -> None:
        """:param word: see :func:`shared_word`."""
        self.connection = connection
        self.reader = reader
        self.calls = calls
        description = calls.component.describe()
        self.batch_max = description.batch_max if description.elementwise else 1
        # Scores that share the next call; more than one for elementwise components only.
        self.batch: list[Message] = []
        self.events: asyncio.AbstractEventLoop | None = None
        self.word = word
        # How many of the last calls were short, one after the other.
        self.short_calls = 0
        # Encoded outcomes that wait, and since when.
        self.outbox: list[bytes] = []
        self.held_since = 0

    def run(self, messages: Iterable[Message]) -> NoReturn:
        """:param messages: what came along with `load`."""
        while True:
            for message in messages:
                self.handle(message)
            self.score_batch()
            self.flush()
            read = self.connection.recv(READ_MAX)
            if not read:
                leave(0)
            messages = self.reader.messages(read)

    def handle(self, message: Message) -> None:
        kind = message["type"]
        if kind == "score":
            self.batch.append(message)
            if len(self.batch) >= self.batch_max:
                self.score_batch()
            return
        self.score_batch()
        # What runs for an episode's sake has no id: no outcome of another may wait for it.
        self.flush()
        if kind == "open":
            self.calls.open(message["episode"])
        elif kind == "close":
            self.calls.close(message["episode"])
        elif kind == "unreadable":
            self.send([message])
        elif kind == "stop":
            leave(0)
        else:
            raise ProtocolError(f"a message of type {kind} after load")

    def score_batch(self) -> None:
        batch, self.batch = self.batch, []
        if len(batch) > 1 and self.score_together(batch):
            return
        for message in batch:
            self.score(message)

    def score(self, message: Message) -> None:
        started = self.begin(message)
        result = self.calls.score(message["episode"], message.get("record"))
        if not isinstance(result, Result):
            result = self.wait(result)
        run_us = self.end(started, 1)
        self.answer([message], [self.calls.checked(result)], run_us)

    def begin(self, message: Message) -> int:
        """Says that this call runs, and the time at which it begins."""
        now = perf_counter_ns()
        if self.outbox and now - self.held_since > HOLD_NS:
            self.flush()
        if self.word is not None:
            self.word[0] = message["id"]
        return now

    def end(self, started: int, calls: int) -> int:
        """The microseconds that each of the calls took."""
        run_ns = (perf_counter_ns() - started) // calls
        self.short_calls = self.short_calls + calls if run_ns < SHORT_NS else 0
        return run_ns // 1000

    def score_together(self, batch: list[Message]) -> bool:
        """False, and nothing is answered, when the call as a whole failed: then each is scored alone."""
        started = self.begin(batch[0])
        try:
            results = guarded(self.calls.component.score_batch, [message["record"] for message in batch])
        except BaseException:
            return False
        run_us = self.end(started, len(batch))
        self.answer(batch, [self.calls.checked(result) for result in results], run_us)
        return True

    def wait(self, awaitable: Awaitable[Result]) -> Result:
        """A component that does not look asynchronous may still return an awaitable; its clients stay on one loop."""
        self.events = self.events or asyncio.new_event_loop()
        try:
            return guarded(self.events.run_until_complete, awaitable)
        except BaseException as error:
            return result_of_error(error)

    def answer(self, messages: list[Message], results: list[Result], run_us: int) -> None:
        self.send([outcome(each["id"], result, run_us) for each, result in zip(messages, results, strict=True)])
        if any("at_once" in each for each in messages):
            self.flush()

    def send(self, messages: list[Message]) -> None:
        if not self.outbox:
            self.held_since = perf_counter_ns()
        self.outbox += map(codec.encode, messages)
        may_wait = self.word is not None and self.short_calls >= SHORT_CALLS
        if not may_wait or sum(map(len, self.outbox)) > HOLD_MAX:
            self.flush()

    def flush(self) -> None:
        if self.outbox:
            outbox, self.outbox = self.outbox, []
            self.connection.sendall(frame_of(outbox))
