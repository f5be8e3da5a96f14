"""An environment that a test plays itself, frame by frame, behind a bridge or directly."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from support.client import RawClient
from support.frames import TEXT, ByteReader, Frame, encode
from support.http import Message, read_message
from support.replay import Peer, Upstream, accepting

SWITCHING = Message(
    "HTTP/1.1 101 Switching Protocols",
    [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", "")],
)
OBSERVATION = {"observation": {"metadata": {}, "text": "t", "count": 1}, "reward": None, "done": False}


class Session:
    """The environment's end of one session."""

    def __init__(self, peer: Peer):
        self.peer = peer

    def receive(self) -> dict:
        frame = self.peer.reader.frame()
        assert frame.opcode == TEXT, frame
        return json.loads(frame.payload)

    def send(self, value) -> None:
        text = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
        self.send_frame(Frame(TEXT, text))

    def observe(self, **changes) -> None:
        self.send({"type": "observation", "data": {**OBSERVATION, **changes}})

    def send_frame(self, frame: Frame) -> None:
        self.peer.sock.sendall(encode(frame))

    def answer(self, kind: str) -> None:
        """Takes a request of that type and replies to it."""
        assert self.receive()["type"] == kind
        self.observe()


def accept_session(upstream: Upstream) -> Session:
    peer = upstream.accept()
    request = read_message(peer.reader)
    peer.sock.sendall(accepting(SWITCHING, request).raw)
    return Session(peer)


@contextmanager
def session(url: str, upstream: Upstream):
    """A client and the environment's end of its session."""
    with ThreadPoolExecutor(1) as pool:
        connecting = pool.submit(RawClient, url)
        server = accept_session(upstream)
        client = connecting.result()
    try:
        yield client, server
    finally:
        client.sock.close()
        server.peer.sock.close()


def answer_once(upstream: Upstream, response: bytes) -> Message:
    """Answers the next request with these bytes and closes; what was asked."""
    peer = upstream.accept()
    request = read_message(ByteReader(peer.sock))
    peer.sock.sendall(response)
    peer.sock.close()
    return request
