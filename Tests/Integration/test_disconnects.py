"""A client that goes, at every point of a step: the bridge keeps what was scored and frees what was held."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.client import RawClient, connect, reset, step
from support.deadline import eventually, eventually_none
from support.frames import CLOSE, TEXT, Frame, encode

STEP = encode(Frame(TEXT, json.dumps(step("gone")).encode(), masked=True))
CUTS = [0, 1, 2, 6, 7, len(STEP) // 2, len(STEP) - 1]


@pytest.fixture
def bridge(scored_bridge):
    bridge = scored_bridge("scores.py:Running", worker={"workers": 1, "spares": 0})
    yield bridge
    with RawClient(bridge.url) as client:
        client.call(reset())
        assert client.call(step("fine"))["data"]["reward"] == 4.0
        assert client.close() == 1000
    eventually_none(lambda: [each for each in bridge.sessions() if not each["ended_at"]], "the end of every session")


def leave(client: RawClient, abruptly: bool) -> None:
    client.reset_connection() if abruptly else client.sock.close()


@pytest.mark.parametrize("abruptly", [False, True], ids=["closes", "resets"])
@pytest.mark.parametrize("cut", CUTS)
def test_in_the_middle_of_a_request(bridge, cut, abruptly):
    client = RawClient(bridge.url)
    client.call(reset())
    assert client.call(step("ab"))["data"]["reward"] == 2.0
    client.sock.sendall(STEP[:cut])
    leave(client, abruptly)
    scored = [row for row in bridge.rows(1) if row["status"] == "scored"]
    assert [(row["episode"], row["step"], row["reward"]) for row in scored] == [(1, 1, 2.0)]


@pytest.mark.parametrize("abruptly", [False, True], ids=["closes", "resets"])
def test_while_the_environment_steps(bridge, tmp_path, abruptly):
    gate = tmp_path / "gate"
    client = RawClient(bridge.url)
    client.call(reset())
    client.send(step("held", gate=str(gate)))
    eventually(gate.with_name("gate.started").exists, "the step to reach the environment")
    leave(client, abruptly)
    gate.touch()


@pytest.mark.parametrize("abruptly", [False, True], ids=["closes", "resets"])
def test_before_the_reply_is_read(bridge, abruptly):
    client = RawClient(bridge.url)
    client.call(reset())
    client.send(step("unread"))
    leave(client, abruptly)


def test_after_the_handshake_alone(bridge):
    for _ in range(20):
        RawClient(bridge.url).reset_connection()


HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: aW50ZWdyYXRpb24tdGVzdA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
HASTY = {
    "half a handshake": HANDSHAKE[:60],
    "a handshake": HANDSHAKE,
    "a handshake and a step": HANDSHAKE + STEP,
    "a handshake and a close": HANDSHAKE + encode(Frame(CLOSE, b"\x03\xe8", masked=True)),
    "a handshake and nonsense": HANDSHAKE + b"\xff" * 64,
}


@pytest.mark.parametrize("name", HASTY)
def test_in_the_middle_of_the_handshake_many_at_once(bridge, name):
    """Sent in one piece and gone before the answer, at whatever point the bridge then is."""

    def hurry(_):
        with connect(bridge.url) as sock:
            sock.sendall(HASTY[name])
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(hurry, range(200)))


def test_with_many_requests_in_flight(bridge):
    client = RawClient(bridge.url)
    for message in [reset(), *(step("x") for _ in range(50))]:
        client.send(message)
    client.receive()
    leave(client, True)


def test_while_a_reward_is_computed(scored_bridge, tmp_path):
    """The reply can't be delivered; the outcome is kept, and says so."""
    bridge = scored_bridge("scores.py:slow", worker={"sandbox": "off"})
    gate = tmp_path / "gate"
    client = RawClient(bridge.url)
    client.call(reset())
    client.send(step(str(gate)))
    eventually(gate.with_name("gate.started").exists, "the rubric to start")
    leave(client, True)
    gate.touch()
    (row,) = bridge.rows(1)
    assert (row["status"], row["reward"], row["delivery"]) == ("scored", 1.0, "none")
