"""HTTP/1.1 messages read from a raw socket: the head as it came, the body by its length."""

from dataclasses import dataclass

from support.frames import ByteReader


@dataclass
class Message:
    start: str
    headers: list[tuple[str, str]]
    body: bytes = b""

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def status(self) -> int:
        return int(self.start.split(" ")[1])

    @property
    def raw(self) -> bytes:
        lines = [self.start, *(f"{name}: {value}" for name, value in self.headers), "", ""]
        return "\r\n".join(lines).encode("latin-1") + self.body


def read_head(reader: ByteReader) -> Message:
    lines = reader.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines[1:] if line)
    return Message(lines[0], [(name, value.strip()) for name, _, value in pairs])


def read_message(reader: ByteReader, *, head_only: bool = False) -> Message:
    """A request or a response with its body; a response without a length runs to the end of the stream."""
    message = read_head(reader)
    length = message.header("content-length")
    if head_only or message.start.endswith(" 101 Switching Protocols"):
        return message
    if length is not None:
        message.body = reader.exactly(int(length))
    elif (message.header("transfer-encoding") or "").lower() == "chunked":
        message.body = read_chunks(reader)
    elif message.start.startswith("HTTP/") and message.status not in (204, 304):
        message.body = reader.rest()
    return message


def read_chunks(reader: ByteReader) -> bytes:
    body = b""
    while size := int(reader.until(b"\r\n").strip().split(b";")[0], 16):
        body += reader.exactly(size)
        reader.exactly(2)
    reader.until(b"\r\n")
    return body
