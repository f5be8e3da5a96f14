"""RFC 6455 sections 5.5.1 and 7: closing, from either end, through the bridge."""

import pytest

from cases import CLOSES, Good
from ends import End, closes_well
from support.frames import CLOSE, PING, TEXT, Frame, close_payload
from test_frames import title


@pytest.mark.parametrize("case", CLOSES, ids=title)
def test_closes_pass_as_they_are(sender: End, case: Good):
    sender.send(*case.frames)
    assert sender.other.receive(1) == list(case.frames)
    sender.other.send(Frame(CLOSE, close_payload(1002, "as the endpoint thinks fit")))
    assert sender.receive(1) == [Frame(CLOSE, close_payload(1002, "as the endpoint thinks fit"))]


def test_a_closing_handshake(sender: End):
    closes_well(sender)


def test_closes_that_cross(ends):
    """Section 7.1.3: both ends may begin; each gets the other's."""
    ends.client.send(Frame(CLOSE, close_payload(1000, "client")))
    ends.environment.send(Frame(CLOSE, close_payload(1001, "environment")))
    assert ends.environment.receive(1) == [Frame(CLOSE, close_payload(1000, "client"))]
    assert ends.client.receive(1) == [Frame(CLOSE, close_payload(1001, "environment"))]


def test_what_was_sent_before_a_close_arrives_before_it(sender: End):
    before = [Frame(TEXT, b"last words"), Frame(PING, b"p"), Frame(CLOSE, close_payload(1000))]
    if not sender.is_client:
        sender.other.send(Frame(TEXT, b"?"))
        sender.receive(1)
    sender.send(*before)
    assert sender.other.receive(3) == before


def test_the_client_ends_after_the_environment(ends):
    """Section 7.1.1: the server closes first; and a one-slot environment is free again only then."""
    ends.client.send(Frame(CLOSE, close_payload(1000)))
    ends.environment.receive(1)
    ends.environment.send(Frame(CLOSE, close_payload(1000)))
    ends.client.receive(1)
    ends.environment.end()
    assert ends.client.is_at_end()


def test_a_close_that_is_never_answered_ends_in_time(sender: End):
    """Section 7.1.1: within `close_timeout`, 2 s here."""
    sender.send(Frame(CLOSE, close_payload(1000)))
    assert sender.other.receive(1)[0].opcode == CLOSE
    assert sender.other.is_at_end() and sender.is_at_end()


def test_an_end_without_a_close_is_an_end_without_a_close(sender: End):
    """Section 7.1.5: the other end sees 1006 itself."""
    sender.end()
    assert sender.other.is_at_end()
