"""Says hello, loads one component, and serves it until the bridge is gone."""

import os
import sys

# `python -m` puts the working directory first on the path; code from there is none of the version's, and what follows
# must not be imported from it.
if not getattr(sys.flags, "safe_path", False) and sys.path[:1] == [os.getcwd()]:
    del sys.path[0]

import socket
import traceback
from collections.abc import Callable
from threading import Thread
from time import perf_counter_ns
from typing import Any, NoReturn

from rewardbridge import codec
from rewardbridge.admission import load_component, source_of
from rewardbridge.calls import Calls
from rewardbridge.messages import loaded, refused
from rewardbridge.provenance import Provenance, distributions
from rewardbridge.worker.concurrent import ConcurrentLoop
from rewardbridge.worker.hello import hello
from rewardbridge.worker.process import leave, leave_for, resident_kib, take_connection, use_lines
from rewardbridge.worker.progress import shared_word
from rewardbridge.worker.protocol import FRAME_MAX, PROTOCOL, READ_MAX, FrameReader, Message, ProtocolError, frame_of
from rewardbridge.worker.serial import SerialLoop

DESCRIPTOR = 3
# Set by `rewardbridge check --self-test`, which finds out so whether a rubric needs the main thread.
SECOND_THREAD = "REWARDBRIDGE_SECOND_THREAD"


def main() -> NoReturn:
    connection = take_connection(DESCRIPTOR)
    use_lines()
    to_the_end(serve, connection)


def to_the_end(function: Callable[..., NoReturn], *arguments: Any) -> NoReturn:
    """Whatever the function raises ends the worker."""
    try:
        function(*arguments)
    except (ProtocolError, OSError) as error:
        leave_for(error)
    except BaseException:
        traceback.print_exc()
        leave(1)


def serve(connection: socket.socket) -> NoReturn:
    reader = FrameReader()
    word = shared_word()
    has_second_thread = os.environ.pop(SECOND_THREAD, None) is not None
    send(connection, hello())
    load, rest = await_load(connection, reader)
    if load["protocol"] != PROTOCOL:
        raise ProtocolError(f"protocol {load['protocol']}, where {PROTOCOL} is spoken")
    source, reader.frame_max = source_of(load["component"], load["root"]), load.get("frame_max", FRAME_MAX)
    provenance = Provenance(source.root)
    began = perf_counter_ns()
    try:
        component = load_component(source, provenance)
        description = component.describe()
        answer = loaded(description, distributions(), provenance.modules())
    except BaseException as error:
        send(connection, refused(error))
        leave(1)
    send(connection, answer | {"load_ms": (perf_counter_ns() - began) // 1_000_000, "rss_kib": resident_kib()})
    calls = Calls(component, provenance)
    if description.asynchronous:
        ConcurrentLoop(connection, reader, calls).run(rest)
    loop = SerialLoop(connection, reader, calls, word)
    if has_second_thread:
        thread = Thread(target=to_the_end, args=(loop.run, rest))
        thread.start()
        thread.join()
    loop.run(rest)


def await_load(connection: socket.socket, reader: FrameReader) -> tuple[Message, list[Message]]:
    """`load`, and what came with it."""
    while read := connection.recv(READ_MAX):
        messages = list(reader.messages(read))
        for position, message in enumerate(messages):
            if message["type"] == "load":
                return message, messages[position + 1 :]
            if message["type"] == "stop":
                leave(0)
            if message["type"] != "unreadable":
                raise ProtocolError(f"a message of type {message['type']} before load")
            send(connection, message)
    leave(0)


def send(connection: socket.socket, message: Message) -> None:
    connection.sendall(frame_of([codec.encode(message)]))


if __name__ == "__main__":
    main()
