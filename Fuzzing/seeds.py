"""Inputs to begin with, from the recorded traffic: `seeds.py FOLDER` writes one folder for each fuzz target."""

import hashlib
import json
import struct
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAIRS = ROOT / "Tests" / "Fixtures" / "wire" / "pairs_ws.jsonl"
LONGEST = 600
"""Bytes; what is longer slows the search down and holds nothing new."""
OPCODES = {"text": 1, "binary": 2, "close": 8, "ping": 9, "pong": 10}
KEY = b"\x37\xfa\x21\x3d"


def texts() -> tuple[list[bytes], list[bytes]]:
    """What clients sent and what environments answered."""
    pairs = [json.loads(line) for line in PAIRS.read_bytes().splitlines()]
    requests, replies = ([each[side].encode() for each in pairs if each[side]] for side in ("request", "response"))
    return requests, replies


def with_reset_key(request: bytes) -> bytes:
    own = b'"rewardbridge": {"answer": "4", "rubric": "exact"}'
    for before, after in [(b'"data": {}', b""), (b'"data": {', b", ")]:
        if before in request:
            return request.replace(before, b'"data": {' + own + after + (b"}" if not after else b""), 1)
    return request


def frame(opcode: int, payload: bytes, masked: bool, fin: bool = True) -> bytes:
    head, bit = bytes([fin << 7 | opcode]), masked << 7
    length = len(payload)
    head += bytes([bit | length]) if length < 126 else struct.pack("!BH", bit | 126, length)
    if not masked:
        return head + payload
    return head + KEY + bytes(byte ^ KEY[at % 4] for at, byte in enumerate(payload))


def streams(messages: list[bytes], masked: bool) -> list[bytes]:
    """A message whole, and one in fragments with a ping between them and a close behind."""
    settings = bytes([masked | 2 << 1, 0x5A])
    whole = [settings + frame(1, each, masked) for each in messages]
    fragments = [
        settings
        + frame(1, each[:9], masked, fin=False)
        + frame(9, b"1234", masked)
        + frame(0, each[9:], masked)
        + frame(8, struct.pack("!H", 1000) + b"bye", masked)
        for each in messages
    ]
    return whole + fragments


def seeds() -> dict[str, list[bytes]]:
    requests, replies = texts()
    resets = [with_reset_key(each) for each in requests]
    bodies = [json.dumps(json.loads(each).get("data")).encode() for each in resets if b'"rewardbridge"' in each]
    return {
        "scan": requests + replies,
        "splice": [bytes([choice]) + each for each in replies for choice in (2, 6, 15)],
        "reset": requests + resets + bodies,
        "walk": streams(requests, True) + streams(replies, False),
        "encode": [KEY + bytes([choice]) + each for each in requests for choice in (0, 3, 255)],
    }


def main() -> None:
    folder = Path(sys.argv[1])
    for target, inputs in seeds().items():
        (folder / target).mkdir(parents=True, exist_ok=True)
        for each in inputs:
            if len(each) <= LONGEST:
                (folder / target / hashlib.sha1(each).hexdigest()).write_bytes(each)


if __name__ == "__main__":
    main()
