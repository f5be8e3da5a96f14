"""Malformed HTTP and frames, oversize and slow senders: a clear refusal, and the bridge goes on."""

import json
import struct

import pytest

from support.bridge import Bridge, relayed, scored
from support.client import RawClient, connect, request, reset, step
from support.frames import BINARY, CLOSE, CONTINUATION, PING, TEXT, ByteReader, Ended, Frame, encode
from support.http import read_message

LIMITS = {"request_max": "64KiB", "header_max": "16KiB", "handshake_timeout": "1s", "reply_max": "256KiB"}


@pytest.fixture(scope="module", params=["relayed", "scored"])
def served(request, servers, tmp_path_factory):
    settings = relayed(servers("probe")) if request.param == "relayed" else scored(servers("probe"), "scores.py:length")
    with Bridge(tmp_path_factory.mktemp("bad"), settings, limits=LIMITS) as bridge:
        yield bridge.ready()


@pytest.fixture
def bridge(served):
    """The same one for all: whatever a test did to it, it still serves."""
    yield served
    still_serves(served.url)


def still_serves(url: str) -> None:
    with RawClient(url) as client:
        assert client.call(reset())["type"] == "observation"
        assert client.call(step("fine"))["data"]["observation"]["text"] == "fine"
        assert client.close() == 1000


POST = b"POST /reset HTTP/1.1\r\nHost: a\r\n"
UPGRADE = b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
HEADS = {
    "garbage": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "no version": b"GET /ws\r\n\r\n",
    "strange version": b"GET /ws HTTP/3.7\r\nHost: a\r\n\r\n",
    "header without a colon": b"GET /health HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n",
    "two lengths": POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
    "length that is none": POST + b"Content-Length: many\r\n\r\n",
    "length and chunks": POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "huge head": b"GET /health HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
    "handshake without a key": UPGRADE + b"Sec-WebSocket-Version: 13\r\n\r\n",
    "handshake of an old version": UPGRADE
    + b"Sec-WebSocket-Key: aW50ZWdyYXRpb24tdGVzdA==\r\nSec-WebSocket-Version: 8\r\n\r\n",
}


@pytest.mark.parametrize("name", HEADS)
def test_malformed_http_is_refused(bridge, name):
    """An answer of the 4xx or 5xx kind, or an end of the connection; never a wait, never a success."""
    with connect(bridge.url) as sock:
        try:
            sock.sendall(HEADS[name])
            assert 400 <= read_message(ByteReader(sock)).status < 600
        except (Ended, ConnectionError):
            pass


def masked(opcode: int, payload: bytes = b"{}", **fields) -> Frame:
    return Frame(opcode, payload, masked=True, **fields)


FRAMES = {
    "unmasked": (encode(Frame(TEXT, b"{}")), 1002),
    "reserved bit": (encode(masked(TEXT, rsv=4)), 1002),
    "another reserved bit": (encode(masked(TEXT, rsv=1)), 1002),
    "reserved opcode": (encode(masked(0x5)), 1002),
    "reserved control opcode": (encode(masked(0xB)), 1002),
    "continuation of nothing": (encode(masked(CONTINUATION)), 1002),
    "text inside a text": (encode(masked(TEXT, fin=False)) + encode(masked(TEXT)), 1002),
    "binary inside a text": (encode(masked(TEXT, fin=False)) + encode(masked(BINARY)), 1002),
    "long ping": (encode(masked(PING, b"x" * 126)), 1002),
    "fragmented ping": (encode(masked(PING, fin=False)), 1002),
    "close with one byte": (encode(masked(CLOSE, b"\x03")), 1002),
    "length with its highest bit": (b"\x81\xff" + struct.pack("!Q", 1 << 63) + b"mask", 1002),
    "length beyond everything": (b"\x81\xff" + struct.pack("!Q", 1 << 40) + b"mask", 1009),
    "a message too long": (encode(masked(TEXT, b" " * 70_000)), 1009),
    "a message too long in parts": (
        encode(masked(TEXT, b" " * 40_000, fin=False)) + encode(masked(CONTINUATION, b" " * 40_000)),
        1009,
    ),
}


@pytest.mark.parametrize("name", FRAMES)
def test_frames_that_break_the_protocol(bridge, name):
    raw, code = FRAMES[name]
    with RawClient(bridge.url) as client:
        client.call(reset())
        client.sock.sendall(raw)
        assert client.closed() in (code, None)


def test_a_reply_beyond_the_limit_closes_with_1009(bridge):
    with RawClient(bridge.url) as client:
        client.call(reset())
        client.send(step("big", size=300_000))
        assert client.closed() in (1009, 1011)


def test_a_message_at_the_limit_passes(bridge):
    frame = json.dumps(step("x")).encode()
    with RawClient(bridge.url) as client:
        client.call(reset())
        client.send_frame(masked(TEXT, frame + b" " * (65_536 - len(frame))))
        assert json.loads(client.receive())["data"]["observation"]["text"] == "x"


def test_a_sender_of_single_bytes_is_understood(bridge):
    raw = encode(masked(TEXT, json.dumps(step("drop by drop")).encode()))
    with RawClient(bridge.url) as client:
        client.call(reset())
        for position in range(len(raw)):
            client.sock.sendall(raw[position : position + 1])
        assert json.loads(client.receive())["data"]["observation"]["text"] == "drop by drop"


def test_a_head_that_never_ends_is_dropped(bridge):
    with connect(bridge.url) as sock:
        sock.sendall(b"GET /ws HTTP/1.1\r\nHost: a\r\n")
        reader = ByteReader(sock)
        try:
            assert read_message(reader).status == 408
        except Ended:
            pass


LENGTH = b"Content-Length: 2\r\n\r\n"


def test_a_request_in_pieces(bridge):
    with connect(bridge.url) as sock:
        for piece in (
            b"POST /re",
            b"set HTTP/1.1\r\nHost: a\r\nContent-",
            b"Type: application/json\r\n",
            LENGTH,
            b"{",
            b"}",
        ):
            sock.sendall(piece)
        assert read_message(ByteReader(sock)).status == 200


def test_two_requests_in_one_piece(bridge):
    with connect(bridge.url) as sock:
        sock.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n" * 2)
        reader = ByteReader(sock)
        assert [read_message(reader).body for _ in range(2)] == [b'{"status":"healthy"}'] * 2


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "BREW"])
def test_methods_of_other_protocols(bridge, method):
    assert (
        request(bridge.url, f"{method} /health HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n".encode()).status >= 400
    )
