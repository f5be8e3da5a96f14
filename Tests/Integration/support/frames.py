"""WebSocket frames as bytes (RFC 6455 section 5.2), without any library's opinion in between."""

import socket
import struct
from dataclasses import dataclass

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA


@dataclass(frozen=True)
class Frame:
    opcode: int
    payload: bytes
    fin: bool = True
    masked: bool = False
    rsv: int = 0

    @property
    def close_code(self) -> int | None:
        return struct.unpack("!H", self.payload[:2])[0] if self.opcode == CLOSE and len(self.payload) >= 2 else None


def encode(frame: Frame, mask: bytes = b"\x37\xfa\x21\x3d") -> bytes:
    head = bytes([(frame.fin << 7) | (frame.rsv << 4) | frame.opcode])
    length, bit = len(frame.payload), frame.masked << 7
    if length < 126:
        head += bytes([bit | length])
    elif length < 1 << 16:
        head += struct.pack("!BH", bit | 126, length)
    else:
        head += struct.pack("!BQ", bit | 127, length)
    return head + (mask + apply_mask(frame.payload, mask) if frame.masked else frame.payload)


def apply_mask(payload: bytes, mask: bytes) -> bytes:
    size = len(payload)
    stream = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    return (int.from_bytes(payload, "big") ^ stream).to_bytes(size, "big")


def close_payload(code: int, reason: str = "") -> bytes:
    return struct.pack("!H", code) + reason.encode()


class Ended(Exception):
    """The peer closed or reset the connection."""


class ByteReader:
    """Exact reads from a socket that has a timeout."""

    def __init__(self, sock: socket.socket):
        self.sock = sock
        self.buffer = bytearray()

    def _fill(self) -> None:
        try:
            data = self.sock.recv(1 << 16)
        except ConnectionError as error:
            raise Ended(repr(error)) from None
        if not data:
            raise Ended("end of stream")
        self.buffer += data

    def exactly(self, count: int) -> bytes:
        while len(self.buffer) < count:
            self._fill()
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    def until(self, mark: bytes) -> bytes:
        while (at := self.buffer.find(mark)) < 0:
            self._fill()
        return self.exactly(at + len(mark))

    def rest(self) -> bytes:
        """Everything up to the end of the stream."""
        while True:
            try:
                self._fill()
            except Ended:
                return self.exactly(len(self.buffer))

    def frame(self) -> Frame:
        first, second = self.exactly(2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self.exactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self.exactly(8))
        mask = self.exactly(4) if second & 0x80 else None
        payload = self.exactly(length)
        return Frame(
            opcode=first & 0x0F,
            payload=apply_mask(payload, mask) if mask else payload,
            fin=bool(first & 0x80),
            masked=mask is not None,
            rsv=(first >> 4) & 7,
        )
