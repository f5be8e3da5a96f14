"""Plays one recorded connection: a scripted client on one side of the bridge, a scripted environment on the other."""

import base64
import hashlib
import socket
from dataclasses import replace

from support.captures import Turn
from support.client import connect, split
from support.deadline import DEADLINE
from support.frames import ByteReader, Ended, Frame, encode
from support.http import Message, read_message

# Each hop has its own (RFC 9110 section 7.6.1), or makes its own for the handshake.
OWN_TO_A_HOP = {"connection", "upgrade", "host", "keep-alive", "transfer-encoding", "sec-websocket-key"}
OF_THE_BRIDGE = ("rewardbridge-", "x-forwarded-", "forwarded", "via")


class Peer:
    """One end of a connection: what it sends are bytes, what it gets is compared byte for byte."""

    def __init__(self, sock: socket.socket):
        sock.settimeout(DEADLINE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock, self.reader = sock, ByteReader(sock)
        self.request: Message | None = None
        self.has_ended = False

    def end(self) -> None:
        self.has_ended = True
        self.sock.shutdown(socket.SHUT_WR)

    def send(self, frame: Frame) -> None:
        self.sock.sendall(encode(frame))

    def expect(self, frame: Frame) -> None:
        wanted = encode(frame)
        got = self.reader.exactly(len(wanted))
        assert got == wanted, f"{got[:300]!r} is not {wanted[:300]!r}"

    def expect_end(self) -> None:
        """The stream ends, and no data frame comes before that."""
        try:
            while (frame := self.reader.frame()).opcode >= 8:
                pass
            raise AssertionError(f"a frame that nobody sent: {frame}")
        except Ended:
            pass


class Upstream:
    """The listening socket that the bridge takes for an environment."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(DEADLINE)
        self.url = "http://127.0.0.1:%d" % self.listener.getsockname()[1]

    def accept(self) -> Peer:
        return Peer(self.listener.accept()[0])

    def close(self):
        self.listener.close()


def play(url: str, upstream: Upstream, turns: list[Turn]) -> int:
    """Both ends of one recorded connection; the number of turns that were compared."""
    client, server, compared = Peer(connect(url)), None, 0
    try:
        for turn in turns:
            if isinstance(turn.content, Message):
                server = exchange(turn, client, server, upstream, url)
            else:
                sender, receiver = (client, server) if turn.from_client else (server, client)
                pass_on(turn.content, sender, receiver)
            compared += 1
        client.expect_end()
        if server.request.header("upgrade"):
            server.expect_end()
        return compared
    finally:
        for peer in (client, server):
            if peer is not None:
                peer.sock.close()


def pass_on(content: Frame | None, sender: Peer, receiver: Peer) -> None:
    """A frame, or the end of the stream; nothing need arrive at a peer that has ended its own."""
    if content is None:
        sender.end()
        return
    sender.send(content)
    if not receiver.has_ended:
        receiver.expect(content)


def exchange(turn: Turn, client: Peer, server: Peer | None, upstream: Upstream, url: str) -> Peer:
    """A head with its body, from either end; the server's end of the connection that it came on."""
    if turn.from_client:
        host, port, _ = split(url)
        client.sock.sendall(with_host(turn.content, f"{host}:{port}").raw)
        server = next_request(server, upstream)
        compare(server.request, turn.content)
        return server
    server.sock.sendall(accepting(turn.content, server.request).raw)
    to_head = server.request.start.startswith("HEAD ")
    compare(read_message(client.reader, head_only=to_head), turn.content)
    return server


def next_request(server: Peer | None, upstream: Upstream) -> Peer:
    """The next request, on the connection that is there or on a new one: a proxy may do either."""
    if server is not None:
        try:
            server.request = read_message(server.reader)
            return server
        except Ended:
            server.sock.close()
    server = upstream.accept()
    server.request = read_message(server.reader)
    return server


def compare(got: Message, wanted: Message) -> None:
    assert (got.start, got.body) == (wanted.start, wanted.body)
    assert relayed_headers(got) == relayed_headers(wanted)


def relayed_headers(message: Message) -> list[tuple[str, str]]:
    kept = [(name.lower(), value) for name, value in message.headers if name.lower() not in OWN_TO_A_HOP]
    return [
        (name, value) for name, value in kept if not name.startswith(OF_THE_BRIDGE) and name != "sec-websocket-accept"
    ]


def with_host(message: Message, host: str) -> Message:
    headers = [(name, host if name.lower() == "host" else value) for name, value in message.headers]
    return replace(message, headers=headers)


def accepting(message: Message, request: Message) -> Message:
    """The recorded answer, with the accept value for the key that came this time (RFC 6455 section 4.2.2)."""
    digest = hashlib.sha1(
        (request.header("sec-websocket-key") or "").encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    )
    accept = base64.b64encode(digest.digest()).decode()
    headers = [(name, accept if name.lower() == "sec-websocket-accept" else value) for name, value in message.headers]
    return replace(message, headers=headers)
