"""Frames that must pass as they are, and bytes that must not pass, by the sections of RFC 6455.

`python cases.py` prints the table that docs/toughness.md shows.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass

from support.frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Frame, close_payload, encode

MESSAGE_MAX = 1 << 20


@dataclass(frozen=True)
class Good:
    """Passes, data frames in their order and control frames in theirs."""

    section: str
    subject: str
    name: str
    frames: tuple[Frame, ...]
    piece: int | None = None
    """The bytes of one write; None: all in one."""


@dataclass(frozen=True)
class Bad:
    """Bytes that end the connection with this code, and pass in no part."""

    section: str
    subject: str
    name: str
    client: bytes
    environment: bytes
    """What breaks the protocol, from either end."""
    code: int = 1002
    before: tuple[Frame, ...] = ()
    """Fragments of the same message, which were good and may pass."""


def good(section: str, subject: str, cases: dict[str, Iterable[Frame]], piece: int | None = None) -> list[Good]:
    return [Good(section, subject, name, tuple(frames), piece) for name, frames in cases.items()]


def bad(section: str, subject: str, cases: dict[str, list[Frame]], code: int = 1002) -> list[Bad]:
    """The last frame is the bad one."""
    return [
        Bad(section, subject, name, raw(frames, masked=True), raw(frames, masked=False), code, tuple(frames[:-1]))
        for name, frames in cases.items()
    ]


def raw(frames: Iterable[Frame], *, masked: bool) -> bytes:
    return b"".join(encode(Frame(each.opcode, each.payload, each.fin, masked, each.rsv)) for each in frames)


def head(length_form: bytes, payload: bytes, *, masked: bool) -> bytes:
    """A text frame whose length is written in a form of the caller's own; its mask is zero."""
    first = bytes([length_form[0] | masked << 7])
    return b"\x81" + first + length_form[1:] + (b"\0\0\0\0" if masked else b"") + payload


def wrong_mask(name: str, frame: Frame) -> Bad:
    ends = [encode(Frame(frame.opcode, frame.payload, masked=masked)) for masked in (False, True)]
    return Bad("5.1, 5.3", "mask on the wrong side", name, *ends)


def bad_length(name: str, length_form: bytes, payload: bytes = b"") -> Bad:
    ends = [head(length_form, payload, masked=masked) for masked in (True, False)]
    return Bad("5.2", "length not in its shortest form", name, *ends)


def fragments(opcode: int, *parts: bytes) -> list[Frame]:
    return [
        Frame(opcode if at == 0 else CONTINUATION, part, fin=at == len(parts) - 1) for at, part in enumerate(parts)
    ]


ALL_BYTES = bytes(range(256))
TEXT_OF_ALL_WIDTHS = "κόσμε é€🙂\u2028\x7f".encode()
VALID_CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]
INVALID_CODES = [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535]
INVALID_UTF8 = {
    "lone continuation": b"\x80",
    "overlong": b"\xc0\xaf",
    "surrogate": b"\xed\xa0\x80",
    "beyond the last": b"\xf4\x90\x80\x80",
    "cut short": b"\xe2\x82",
    "never a byte": b"ok \xff",
}

GOOD: list[Good] = [
    *good(
        "5.2",
        "every form of a length",
        {f"{kind} of {n}": [Frame(opcode, b"a" * n)]
         for opcode, kind in ((TEXT, "text"), (BINARY, "binary"))
         for n in (0, 1, 125, 126, 127, 128, 65535, 65536, 100_000)},
    ),
    *good("5.2", "every byte in a binary message", {"256": [Frame(BINARY, ALL_BYTES)]}),
    *good(
        "5.2",
        "however the bytes are cut into reads",
        {
            "all opcodes": [
                Frame(TEXT, b"one"), *fragments(TEXT, b"t", b"wo"), Frame(PING, b"p"), Frame(BINARY, ALL_BYTES),
            ],
        },
        piece=1,
    ),
    *good(
        "5.4",
        "fragmented messages",
        {
            "two": fragments(TEXT, b"frag", b"ment"),
            "first one empty": fragments(TEXT, b"", b"ment"),
            "last one empty": fragments(TEXT, b"frag", b""),
            "all empty": fragments(BINARY, b"", b"", b""),
            "a thousand": fragments(TEXT, *[b"x"] * 1000),
            "binary": fragments(BINARY, ALL_BYTES, ALL_BYTES),
            "large": fragments(TEXT, b"a" * 70_000, b"b" * 70_000, b"c"),
            "one after the other": [*fragments(TEXT, b"a", b"b"), *fragments(BINARY, b"c", b"d"), Frame(TEXT, b"e")],
        },
    ),
    *good(
        "5.4",
        "control frames between fragments",
        {
            "a ping": [Frame(TEXT, b"a", fin=False), Frame(PING, b"now"), Frame(CONTINUATION, b"b")],
            "pings and pongs": [
                Frame(TEXT, b"a", fin=False),
                *[Frame(opcode, bytes([at])) for at, opcode in enumerate([PING, PONG] * 10)],
                Frame(CONTINUATION, b"b"),
            ],
        },
    ),
    *good(
        "5.5.2, 5.5.3",
        "pings and pongs, from end to end",
        {
            "empty ping": [Frame(PING, b"")],
            "ping of 125": [Frame(PING, b"p" * 125)],
            "binary ping": [Frame(PING, ALL_BYTES[131:])],
            "unasked pong": [Frame(PONG, b"nobody asked")],
            "unasked pong of 125": [Frame(PONG, b"p" * 125)],
            "a hundred pings": [Frame(PING, bytes([at])) for at in range(100)],
        },
    ),
    *good(
        "8.1",
        "UTF-8, cut anywhere",
        {
            "whole": [Frame(TEXT, TEXT_OF_ALL_WIDTHS)],
            "byte by byte": fragments(TEXT, *[bytes([byte]) for byte in TEXT_OF_ALL_WIDTHS]),
        },
    ),
    *good(
        "8.1",
        "invalid UTF-8: left to the endpoint",
        {name: [Frame(TEXT, payload)] for name, payload in INVALID_UTF8.items()},
    ),
    *good(
        "10.4",
        "large messages, many messages",
        {
            "1 MiB": [Frame(BINARY, b"m" * MESSAGE_MAX)],
            "1 MiB in 64 KiB frames": fragments(TEXT, *[b"m" * 65536] * 16),
            "5,000 tiny ones": [Frame(TEXT, b"%d" % at) for at in range(5000)],
        },
    ),
    *good("10.4", "large frames in small writes", {"64 KiB": [Frame(TEXT, b"s" * 65536)]}, piece=1000),
]

CLOSES: list[Good] = [
    *good(
        "5.5.1, 7.4.1",
        "close codes that may be sent",
        {str(code): [Frame(CLOSE, close_payload(code, "why"))] for code in VALID_CODES},
    ),
    *good(
        "5.5.1",
        "close frames of every length",
        {"empty": [Frame(CLOSE, b"")], "a reason of 123 bytes": [Frame(CLOSE, close_payload(1000, "r" * 123))]},
    ),
    *good(
        "7.4.1, 8.1",
        "malformed closes: left to the endpoint",
        {
            "half a code": [Frame(CLOSE, b"\x03")],
            "a reason that is not UTF-8": [Frame(CLOSE, close_payload(1000) + b"\xff")],
            **{f"code {code}": [Frame(CLOSE, close_payload(code))] for code in INVALID_CODES},
        },
    ),
]

BAD: list[Bad] = [
    wrong_mask("text", Frame(TEXT, b"{}")),
    wrong_mask("ping", Frame(PING, b"p")),
    *bad(
        "5.2, 9.1",
        "reserved bits, compressed frames among them",
        {
            **{f"rsv {rsv}": [Frame(TEXT, b"{}", rsv=rsv)] for rsv in range(1, 8)},
            "of a ping": [Frame(PING, b"p", rsv=4)],
            "of a continuation": [Frame(TEXT, b"a", fin=False), Frame(CONTINUATION, b"b", rsv=4)],
        },
    ),
    *bad("5.2", "reserved opcodes", {hex(code): [Frame(code, b"x")] for code in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)}),
    bad_length("125 in 16 bits", b"\x7e\x00\x7d", b"a" * 125),
    bad_length("0 in 16 bits", b"\x7e\x00\x00"),
    bad_length("125 in 64 bits", b"\x7f" + struct.pack("!Q", 125), b"a" * 125),
    bad_length("65535 in 64 bits", b"\x7f" + struct.pack("!Q", 65535), b"a" * 100),
    bad_length("highest bit set", b"\x7f" + struct.pack("!Q", 1 << 63)),
    *bad(
        "5.4",
        "fragments out of order",
        {
            "continuation of nothing": [Frame(CONTINUATION, b"x")],
            "continuation of nothing, not final": [Frame(CONTINUATION, b"x", fin=False)],
            "text inside a text": [Frame(TEXT, b"a", fin=False), Frame(TEXT, b"b")],
            "binary inside a text": [Frame(TEXT, b"a", fin=False), Frame(BINARY, b"b")],
            "continuation of a whole message": [*fragments(TEXT, b"a", b"b"), Frame(CONTINUATION, b"c")],
        },
    ),
    *bad(
        "5.5",
        "control frames too long or fragmented",
        {
            "ping of 126": [Frame(PING, b"p" * 126)],
            "pong of 126": [Frame(PONG, b"p" * 126)],
            "close of 126": [Frame(CLOSE, close_payload(1000) + b"r" * 124)],
            "ping of 70,000": [Frame(PING, b"p" * 70_000)],
            "fragmented ping": [Frame(PING, b"p", fin=False)],
            "fragmented close": [Frame(CLOSE, close_payload(1000), fin=False)],
        },
    ),
    *bad(
        "7.4.1, 10.4",
        "messages beyond the limit",
        {
            "in one frame": [Frame(BINARY, b"m" * (MESSAGE_MAX + 1))],
            "in parts": fragments(TEXT, b"m" * MESSAGE_MAX, b"m"),
        },
        code=1009,
    ),
]


def table() -> str:
    """One row for each subject: its section and how many cases each end sends."""
    counts: dict[tuple[str, str, str], int] = {}
    for case in [*GOOD, *CLOSES, *BAD]:
        key = (case.section, case.subject, "refused" if isinstance(case, Bad) else "passed on")
        counts[key] = counts.get(key, 0) + 1
    rows = [f"| {section} | {subject} | {fate} | {count} |" for (section, subject, fate), count in counts.items()]
    head = ["| section | what is sent, by a client and by an environment | | cases |", "|---|---|---|---|"]
    return "\n".join([*head, *rows])


if __name__ == "__main__":
    print(table())
