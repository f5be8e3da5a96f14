"""A WebSocket client that shows every byte: no deflate, no pings of its own, no reconnects."""

import base64
import json
import socket

from support.deadline import DEADLINE
from support.frames import CLOSE, PING, PONG, TEXT, ByteReader, Ended, Frame, close_payload, encode
from support.http import Message, read_message

KEY = base64.b64encode(b"integration-test").decode()


def split(url: str) -> tuple[str, int, str]:
    host, _, path = url.removeprefix("http://").partition("/")
    name, _, port = host.partition(":")
    return name, int(port), f"/{path}" if path else ""


def connect(url: str, deadline: float = DEADLINE) -> socket.socket:
    host, port, _ = split(url)
    sock = socket.create_connection((host, port), timeout=deadline)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def request(url: str, raw: bytes, deadline: float = DEADLINE) -> Message:
    """Sends bytes on a connection of their own and reads one response."""
    with connect(url, deadline) as sock:
        sock.sendall(raw)
        return read_message(ByteReader(sock), head_only=raw.startswith(b"HEAD "))


def ask(url: str, line: str, body=None) -> Message:
    """One HTTP request with a JSON body, or none: `ask(url, "POST /reset", {})`."""
    data = b"" if body is None else json.dumps(body).encode()
    fields = [("Host", url.removeprefix("http://")), ("Content-Type", "application/json")]
    fields += [("Content-Length", str(len(data))), ("Connection", "close")]
    return request(url, Message(f"{line} HTTP/1.1", fields, data).raw)


class RawClient:
    def __init__(self, url: str, path: str = "/ws", headers: tuple[tuple[str, str], ...] = (), deadline=DEADLINE):
        host, port, prefix = split(url)
        self.sock = connect(url, deadline)
        self.reader = ByteReader(self.sock)
        fields = [
            ("Host", f"{host}:{port}"),
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Key", KEY),
            ("Sec-WebSocket-Version", "13"),
            *headers,
        ]
        self.sock.sendall(Message(f"GET {prefix}{path} HTTP/1.1", fields).raw)
        self.response = read_message(self.reader)
        assert self.response.status == 101, self.response.raw

    def send(self, value) -> None:
        """Text goes as it is, everything else as JSON in the client's own style."""
        self.send_frame(Frame(TEXT, (value if isinstance(value, str) else json.dumps(value)).encode(), masked=True))

    def send_frame(self, frame: Frame) -> None:
        self.sock.sendall(encode(frame))

    def receive_frame(self) -> Frame:
        """The next frame that is not a ping; pings are answered."""
        while (frame := self.reader.frame()).opcode == PING:
            self.send_frame(Frame(PONG, frame.payload, masked=True))
        return frame

    def receive(self) -> bytes:
        frame = self.receive_frame()
        assert frame.opcode == TEXT and frame.fin, frame
        return frame.payload

    def call(self, value) -> dict:
        self.send(value)
        return json.loads(self.receive())

    def close(self, code: int = 1000) -> int | None:
        """The closing handshake; the code that came back."""
        self.send_frame(Frame(CLOSE, close_payload(code), masked=True))
        return self.closed()

    def closed(self) -> int | None:
        """Reads to the close frame; None when the stream ended without one."""
        try:
            while (frame := self.receive_frame()).opcode != CLOSE:
                pass
            return frame.close_code
        except Ended:
            return None

    def reset_connection(self) -> None:
        """Ends the connection with a TCP reset, as a killed client does."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()


def reset(**data) -> dict:
    return {"type": "reset", "data": data}


def step(message: str = "", **fields) -> dict:
    return {"type": "step", "data": {"message": message, **fields}}


STATE = {"type": "state"}
