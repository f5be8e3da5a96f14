"""The loop for synchronous components: one call at a time, on the main thread, in the order in which they came.

An outcome is written before the next call begins, unless one call gave several. A call that never returns thus holds
back no outcome of those before it, and the bridge, which times the oldest unanswered call, blames the right one.
"""

import asyncio
import socket
from collections.abc import Awaitable, Iterable
from time import perf_counter_ns
from typing import NoReturn

from rewardbridge import codec
from rewardbridge.calls import Calls, guarded
from rewardbridge.failures import failed_by
from rewardbridge.messages import outcome
from rewardbridge.result import Result
from rewardbridge.worker.process import leave
from rewardbridge.worker.protocol import READ_MAX, FrameReader, Message, ProtocolError, frame_of


class SerialLoop:
    def __init__(self, connection: socket.socket, reader: FrameReader, calls: Calls) -> None:
        self.connection = connection
        self.reader = reader
        self.calls = calls
        description = calls.component.describe()
        self.batch_max = description.batch_max if description.elementwise else 1
        # Scores that share the next call; more than one for elementwise components only.
        self.batch: list[Message] = []
        self.events: asyncio.AbstractEventLoop | None = None

    def run(self, messages: Iterable[Message]) -> NoReturn:
        """:param messages: what came along with `load`."""
        while True:
            for message in messages:
                self.handle(message)
            self.score_batch()
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
        started = perf_counter_ns()
        result = self.calls.score(message["episode"], message.get("record"))
        if not isinstance(result, Result):
            result = self.wait(result)
        run_us = (perf_counter_ns() - started) // 1000
        self.send([outcome(message["id"], self.calls.checked(result), run_us)])

    def score_together(self, batch: list[Message]) -> bool:
        """False, and nothing is answered, when the call as a whole failed: then each is scored alone."""
        started = perf_counter_ns()
        try:
            results = guarded(self.calls.component.score_batch, [message["record"] for message in batch])
        except BaseException:
            return False
        run_us = (perf_counter_ns() - started) // 1000 // len(batch)
        checked = [self.calls.checked(result) for result in results]
        self.send([outcome(message["id"], result, run_us) for message, result in zip(batch, checked, strict=True)])
        return True

    def wait(self, awaitable: Awaitable[Result]) -> Result:
        """A component that does not look asynchronous may still return an awaitable; its clients stay on one loop."""
        self.events = self.events or asyncio.new_event_loop()
        try:
            return guarded(self.events.run_until_complete, awaitable)
        except BaseException as error:
            return failed_by(error)

    def send(self, messages: list[Message]) -> None:
        self.connection.sendall(frame_of([codec.encode(message) for message in messages]))
