"""RFC 6455 sections 5 and 8: what passes, and what ends the connection, from either end."""

from pathlib import Path

import pytest

from cases import BAD, GOOD, Bad, Good, table
from ends import End, closes_well
from support.frames import PING, PONG, TEXT, Frame

ROOT = Path(__file__).resolve().parents[2]


def title(case: Good | Bad) -> str:
    return f"{case.section} {case.subject}: {case.name}"


def split(frames: list[Frame]) -> tuple[list[Frame], list[Frame]]:
    """Data frames and control frames: a control frame may overtake the fragments around it."""
    return [each for each in frames if each.opcode < 8], [each for each in frames if each.opcode >= 8]


def ask(end: End, count: int) -> None:
    """An environment speaks only when spoken to; replies that nobody asked for put a scored session out of step."""
    if not end.is_client:
        end.other.send(*[Frame(TEXT, b"?")] * count)
        end.receive(count)


@pytest.mark.parametrize("case", GOOD, ids=title)
def test_good_frames_pass(sender: End, case: Good):
    ask(sender, sum(each.opcode < 8 and each.fin for each in case.frames))
    data = sender.bytes_of(*case.frames)
    sender.send_in_pieces(data, case.piece or len(data))
    assert split(sender.other.receive(len(case.frames))) == split(list(case.frames))
    closes_well(sender)


@pytest.mark.parametrize("case", BAD, ids=title)
def test_bad_frames_end_the_connection(sender: End, case: Bad):
    """The other end is told as well, and gets what was sent before, but nothing of the bad frames."""
    ask(sender, 2)
    before = Frame(TEXT, b"before")
    sender.send(before)
    assert sender.other.receive(1) == [before]
    sender.sock.sendall(case.client if sender.is_client else case.environment)
    told, passed = sender.until_close(), sender.other.until_close()
    assert [frame.close_code for frame in told] == [case.code]
    assert passed[-1].close_code == (1009 if case.code == 1009 else 1001 if sender.is_client else 1011)
    assert passed[:-1] == list(case.before)[: len(passed) - 1]
    assert sender.is_at_end() and sender.other.is_at_end()


def test_every_masking_key_passes_as_it_came(ends):
    """Section 5.3: the client's own key, not another one."""
    for key in (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x01\x80\x7f\xfe"):
        plain = b'{"type": "state"}'
        masked = bytes(byte ^ key[at % 4] for at, byte in enumerate(plain))
        frame = b"\x81" + bytes([0x80 | len(plain)]) + key + masked
        ends.client.sock.sendall(frame)
        assert ends.environment.reader.exactly(len(frame)) == frame


def test_a_pong_answers_the_ping_of_the_other_end(sender: End):
    """Section 5.5.3: the bridge answers none itself."""
    sender.send(Frame(PING, b"are you there"))
    assert sender.other.receive(1) == [Frame(PING, b"are you there")]
    sender.other.send(Frame(PONG, b"are you there"))
    assert sender.receive(1) == [Frame(PONG, b"are you there")]


def test_the_table_in_the_manual_is_that_of_the_cases():
    assert table() in (ROOT / "docs" / "toughness.md").read_text()
