"""The loop for asynchronous components: all calls run at once on one event loop, which also reads and writes.

How many run is bounded by the bridge, which bounds the calls in flight.
"""

import asyncio
import socket
from collections.abc import Awaitable, Iterable
from time import perf_counter_ns
from typing import NoReturn

from rewardbridge import codec
from rewardbridge.calls import Calls
from rewardbridge.failures import result_of_error
from rewardbridge.messages import outcome
from rewardbridge.result import Result
from rewardbridge.worker.process import leave, leave_for
from rewardbridge.worker.protocol import FrameReader, Message, ProtocolError, frame_of


class ConcurrentLoop(asyncio.Protocol):
    """Reads stop while the bridge does not take what was written."""

    def __init__(self, connection: socket.socket, reader: FrameReader, calls: Calls) -> None:
        self.connection = connection
        self.reader = reader
        self.calls = calls
        self.tasks: set[asyncio.Task[None]] = set()
        # Encoded outcomes of this turn of the event loop; they leave as one frame.
        self.outbox: list[bytes] = []

    def run(self, messages: Iterable[Message]) -> NoReturn:
        """:param messages: what came along with `load`."""
        asyncio.run(self._serve(messages))
        leave(0)

    async def _serve(self, messages: Iterable[Message]) -> None:
        self.events = asyncio.get_running_loop()
        self.stopped = self.events.create_future()
        self.transport, _ = await self.events.create_connection(lambda: self, sock=self.connection)
        self._handle_all(messages)
        await self.stopped
        while self.tasks:
            await asyncio.wait(self.tasks)
        self.flush()
        self.transport.close()
        await self.closed

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.closed = self.events.create_future()

    def data_received(self, data: bytes) -> None:
        self._handle_all(self.reader.messages(data))

    def eof_received(self) -> None:
        leave(0)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.stopped.done():
            leave(0)
        self.closed.set_result(None)

    def pause_writing(self) -> None:
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        self.transport.resume_reading()

    def _handle_all(self, messages: Iterable[Message]) -> None:
        try:
            for message in messages:
                self.handle(message)
        except ProtocolError as error:
            leave_for(error)

    def handle(self, message: Message) -> None:
        kind = message["type"]
        if kind == "score":
            self.score(message)
        elif kind == "open":
            self.calls.open(message["episode"])
        elif kind == "close":
            self.calls.close(message["episode"])
        elif kind == "unreadable":
            self.send(message)
        elif kind == "stop" and not self.stopped.done():
            self.stopped.set_result(None)
        else:
            raise ProtocolError(f"a message of type {kind} after load")

    def score(self, message: Message) -> None:
        """Begins the call here and now, so that it keeps its place between `open` and `close`."""
        started = perf_counter_ns()
        result = self.calls.score(message["episode"], message.get("record"))
        if isinstance(result, Result):
            self.answer(message, result, started)
            return
        task = self.events.create_task(self.finish(message, result, started))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def finish(self, message: Message, awaitable: Awaitable[Result], started: int) -> None:
        try:
            result = await awaitable
        except BaseException as error:
            result = result_of_error(error)
        self.answer(message, result, started)

    def answer(self, message: Message, result: Result, started: int) -> None:
        run_us = (perf_counter_ns() - started) // 1000
        self.send(outcome(message["id"], self.calls.checked(result), run_us))

    def send(self, message: Message) -> None:
        if not self.outbox:
            self.events.call_soon(self.flush)
        self.outbox.append(codec.encode(message))

    def flush(self) -> None:
        if self.outbox:
            outbox, self.outbox = self.outbox, []
            self.transport.write(frame_of(outbox))
