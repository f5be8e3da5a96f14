"""Recorded traffic as a list of turns: who sends what, and what the other side must get."""

import json
from dataclasses import dataclass

from support.frames import CLOSE, PING, PONG, TEXT, Frame, close_payload
from support.http import Message
from support.process import ROOT

FOLDER = ROOT / "Tests" / "Fixtures" / "captures"
FILES = sorted(path.stem for path in FOLDER.glob("*.jsonl"))
OPCODES = {"text": TEXT, "close": CLOSE, "ping": PING, "pong": PONG}


@dataclass(frozen=True)
class Turn:
    """`content` is a head with its body, a frame, or None for the end of the stream."""

    from_client: bool
    content: Message | Frame | None


def dialogues(stem: str) -> list[list[Turn]]:
    """The connections of a capture, each from its first request to its end."""
    rows = [json.loads(line) for line in (FOLDER / f"{stem}.jsonl").read_text().split("\n") if line]
    connections: dict[int, list[Turn]] = {}
    for row in rows:
        connections.setdefault(row["conn"], []).append(Turn(row["dir"] == "c2s", content(row)))
    whole = [turns for number, turns in sorted(connections.items()) if not is_trimmed(rows, number)]
    return [turns for turns in whole if turns[0].content is not None]


def is_trimmed(rows: list[dict], number: int) -> bool:
    return any(row.get("body_trimmed") for row in rows if row["conn"] == number)


def content(row: dict) -> Message | Frame | None:
    if row["kind"] == "http":
        headers = [(name, value) for name, value in row["headers"] if name.lower() != "sec-websocket-extensions"]
        return Message(row["start"], headers, row.get("body", "").encode())
    if row["kind"] == "tcp":
        return None
    if row["opcode"] == "close":
        payload = close_payload(row["close_code"], row.get("text", "")) if row.get("close_code") else b""
    elif "payload_hex" in row:
        payload = bytes.fromhex(row["payload_hex"])
    else:
        payload = row["text"].encode()
    return Frame(OPCODES[row["opcode"]], payload, fin=bool(row["fin"]), masked=bool(row["masked"]))
