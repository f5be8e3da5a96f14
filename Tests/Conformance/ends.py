"""The two ends of one session through the bridge, as sockets, and what passes between them."""

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

from support.bridge import Bridge
from support.client import RawClient
from support.deadline import DEADLINE
from support.frames import CLOSE, ByteReader, Ended, Frame, close_payload, encode
from support.replay import Upstream
from support.upstream import accept_session

LIMITS = {"request_max": "1MiB", "reply_max": "1MiB", "in_flight": 65_536, "close_timeout": "2s"}


class End:
    """One end. What it sends is masked if it is the client's."""

    def __init__(self, sock: socket.socket, reader: ByteReader, *, is_client: bool):
        self.sock, self.reader, self.is_client = sock, reader, is_client
        self.other: "End"
        sock.settimeout(DEADLINE)

    def bytes_of(self, *frames: Frame) -> bytes:
        return b"".join(encode(replace(frame, masked=self.is_client)) for frame in frames)

    def send(self, *frames: Frame) -> None:
        self.sock.sendall(self.bytes_of(*frames))

    def send_in_pieces(self, data: bytes, size: int) -> None:
        for start in range(0, len(data), size):
            self.sock.sendall(data[start : start + size])

    def end(self) -> None:
        self.sock.shutdown(socket.SHUT_WR)

    def receive(self, count: int) -> list[Frame]:
        """As many frames, each masked as the other end's are."""
        frames = [self.reader.frame() for _ in range(count)]
        assert all(frame.masked == (not self.is_client) for frame in frames), frames
        return [replace(frame, masked=False) for frame in frames]

    def until_close(self) -> list[Frame]:
        """Everything up to the close frame; then this end ends, too."""
        frames = []
        while not frames or frames[-1].opcode != CLOSE:
            frames += self.receive(1)
        self.end()
        return frames

    def is_at_end(self) -> bool:
        try:
            self.reader.exactly(1)
            return False
        except Ended:
            return True


class Ends:
    def __init__(self, client: RawClient, environment):
        self.client = End(client.sock, client.reader, is_client=True)
        self.environment = End(environment.peer.sock, environment.peer.reader, is_client=False)
        self.client.other, self.environment.other = self.environment, self.client


@contextmanager
def meet(bridge: Bridge, upstream: Upstream, path: str):
    with ThreadPoolExecutor(1) as pool:
        connecting = pool.submit(RawClient, bridge.url, path)
        environment = accept_session(upstream)
        client = connecting.result()
    try:
        yield Ends(client, environment)
    finally:
        client.sock.close()
        environment.peer.sock.close()


def closes_well(sender: End) -> None:
    """The closing handshake, begun by this end; nothing else was on its way (RFC 6455 section 7.1)."""
    begun, answered = Frame(CLOSE, close_payload(1000, "done")), Frame(CLOSE, close_payload(1000))
    sender.send(begun)
    assert sender.other.receive(1) == [begun]
    sender.other.send(answered)
    assert sender.receive(1) == [answered]
    sender.end()
    sender.other.end()
    assert sender.is_at_end() and sender.other.is_at_end()
