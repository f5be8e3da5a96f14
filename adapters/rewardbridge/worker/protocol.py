"""Frames of RFC 002: a 32-bit big-endian byte count, then one JSON message or an array of them."""

from collections.abc import Iterator
from struct import pack, unpack_from
from typing import Any

from rewardbridge import codec

PROTOCOL = 1
FRAME_MAX = 64 * 1024 * 1024
# One read takes at most this; under load it holds many frames.
READ_MAX = 256 * 1024

Message = dict[str, Any]

# What the bridge sends, and the keys that each message must have.
KNOWN: dict[str, dict[str, type]] = {
    "load": {"protocol": int, "root": str, "component": dict},
    "open": {"episode": str},
    "score": {"id": int, "episode": str},
    "close": {"episode": str},
    "stop": {},
}


class ProtocolError(Exception):
    """The bridge broke the protocol; nothing that comes after can be trusted."""


class FrameReader:
    """Cuts what was read into frames, and frames into messages."""

    def __init__(self, frame_max: int = FRAME_MAX) -> None:
        self.frame_max = frame_max
        self._rest = bytearray()
        self._frames = 0

    def messages(self, read: bytes) -> Iterator[Message]:
        """The messages of all frames that are complete now, in order. For a frame that does not parse, the message that
        says so to the bridge stands in.

        :raises ProtocolError: for an empty or too long frame, for JSON of another shape, and for unknown messages.
        """
        for frame in self._complete(read):
            self._frames += 1
            try:
                content = codec.decode(frame)
            except codec.Unreadable:
                yield {"type": "unreadable", "frame": self._frames}
                continue
            for message in content if isinstance(content, list) else [content]:
                check(message)
                yield message

    def _complete(self, read: bytes) -> Iterator[bytes]:
        self._rest += read
        start = 0
        while len(self._rest) - start >= 4:
            (length,) = unpack_from(">I", self._rest, start)
            if not 0 < length <= self.frame_max:
                raise ProtocolError(f"a frame of {length} bytes, where 1 to {self.frame_max} may be")
            end = start + 4 + length
            if len(self._rest) < end:
                break
            yield bytes(memoryview(self._rest)[start + 4 : end])
            start = end
        del self._rest[:start]


def check(message: Any) -> None:
    """:raises ProtocolError: unless it is a message of the bridge."""
    kind = message.get("type") if isinstance(message, dict) else None
    if not isinstance(kind, str) or kind not in KNOWN:
        raise ProtocolError(f"something that is no message, or of the unknown type {kind!r}")
    for key, form in KNOWN[kind].items():
        if not isinstance(message.get(key), form):
            raise ProtocolError(f"a message of type {kind} without {key}")


def frame_of(messages: list[bytes]) -> bytes:
    """One frame of encoded messages: an array, unless there is only one."""
    content = messages[0] if len(messages) == 1 else b"[" + b",".join(messages) + b"]"
    return pack(">I", len(content)) + content
