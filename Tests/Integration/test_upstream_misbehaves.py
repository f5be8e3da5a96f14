"""Environments that die, refuse, answer wrongly or too often: the client gets an end or an answer, never a wait."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.bridge import relayed, scored
from support.client import RawClient, request, reset, step
from support.frames import CLOSE, TEXT, Frame, close_payload, encode
from support.http import read_message
from support.replay import Upstream, accepting
from support.upstream import SWITCHING, accept_session, answer_once, session

GET_WS = (
    b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: aW50ZWdyYXRpb24tdGVzdA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@pytest.fixture
def upstream():
    upstream = Upstream()
    yield upstream
    upstream.close()


@pytest.fixture(params=["relayed", "scored"])
def bridge(request, bridges, upstream):
    settings = relayed(upstream.url) if request.param == "relayed" else scored(upstream.url, "scores.py:count")
    return bridges(settings, limits={"handshake_timeout": "2s", "connect_timeout": "2s"})


@pytest.fixture
def scoring(bridges, upstream):
    return bridges(scored(upstream.url, "scores.py:count"))


def test_a_refused_connection_is_a_bad_gateway(bridges):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    bridge = bridges(relayed(f"http://127.0.0.1:{port}"))
    assert request(bridge.url, GET_WS).status == 502
    assert request(bridge.url, b"GET /schema HTTP/1.1\r\nHost: a\r\n\r\n").status == 502


def test_a_handshake_that_is_never_answered(bridge, upstream):
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(request, bridge.url, GET_WS)
        peer = upstream.accept()
        assert asked.result().status in (502, 504)
        peer.sock.close()


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden", "404 Not Found", "429 Too Many", "500 Oops"])
def test_a_refused_handshake_is_passed_on(bridge, upstream, status):
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(request, bridge.url, GET_WS)
        answer_once(upstream, f"HTTP/1.1 {status}\r\nX-Why: because\r\nContent-Length: 4\r\n\r\nbody".encode())
        reply = asked.result()
    assert (reply.status, reply.header("x-why"), reply.body) == (int(status[:3]), "because", b"body")


def test_a_redirected_handshake_is_followed(bridge, upstream):
    with ThreadPoolExecutor(1) as pool:
        connecting = pool.submit(RawClient, bridge.url)
        location = upstream.url.replace("http", "ws") + "/elsewhere/ws"
        answer_once(upstream, f"HTTP/1.1 307 Go\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())
        server = accept_session(upstream)
        with connecting.result() as client:
            client.send({"type": "state"})
            assert server.receive() == {"type": "state"}


DEATHS = {
    "end of stream": lambda server: server.peer.sock.close(),
    "reset": lambda server: (
        server.peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0"),
        server.peer.sock.close(),
    ),
    "half a frame": lambda server: (server.peer.sock.sendall(b"\x81\x7e\x01\x00{"), server.peer.sock.close()),
}


@pytest.mark.parametrize("death", DEATHS)
def test_dying_in_the_middle_of_a_step(bridge, upstream, death):
    with session(bridge.url, upstream) as (client, server):
        client.send(reset())
        server.answer("reset")
        assert json.loads(client.receive())["type"] == "observation"
        client.send(step("lost"))
        assert server.receive()["type"] == "step"
        DEATHS[death](server)
        assert client.closed() in (1006, 1011, 1014, None)


def test_a_lost_episode_is_recorded_as_lost(scoring, upstream):
    with session(scoring.url, upstream) as (client, server):
        client.send(reset())
        server.answer("reset")
        client.receive()
        client.send(step("kept"))
        server.answer("step")
        assert json.loads(client.receive())["data"]["reward"] == 1.5
        server.peer.sock.close()
        client.closed()
    (only,) = scoring.sessions()
    shown = scoring.command("sessions", "show", only["session"]).stdout
    assert "upstream_lost" in shown


def test_close_codes_are_passed_on(bridge, upstream):
    with session(bridge.url, upstream) as (client, server):
        server.send_frame(Frame(CLOSE, close_payload(1008, "not today")))
        frame = client.receive_frame()
        assert frame == Frame(CLOSE, close_payload(1008, "not today"))


def test_a_refusal_in_one_piece_with_the_handshake(bridge, upstream):
    """As a full server sends it: the 101, an error frame that nobody asked for, and the close, in one segment."""
    error = b'{"type":"error","data":{"message":"full","code":"CAPACITY_REACHED"}}'
    frames = encode(Frame(TEXT, error)) + encode(Frame(CLOSE, close_payload(1000)))
    with ThreadPoolExecutor(1) as pool:
        connecting = pool.submit(RawClient, bridge.url)
        peer = upstream.accept()
        peer.sock.sendall(accepting(SWITCHING, read_message(peer.reader)).raw + frames)
        with connecting.result() as client:
            assert client.receive() == error
            assert client.closed() == 1000
        peer.sock.close()


def test_unasked_replies_desynchronise_the_session(scoring, upstream):
    """What follows is relayed as it is, and no reward is put on a step that it may not belong to."""
    with session(scoring.url, upstream) as (client, server):
        client.send(reset())
        server.answer("reset")
        client.receive()
        server.observe(reward=0.5)
        assert json.loads(client.receive())["data"]["reward"] == 0.5
        client.send(step("after"))
        server.answer("step")
        assert json.loads(client.receive())["data"].get("reward") != 1.5


def test_a_reply_of_the_wrong_type_desynchronises_the_session(scoring, upstream):
    with session(scoring.url, upstream) as (client, server):
        client.send(reset())
        server.answer("reset")
        client.receive()
        client.send({"type": "state"})
        client.send(step("a"))
        assert server.receive()["type"] == "state" and server.receive()["type"] == "step"
        server.observe(reward=0.25)
        assert json.loads(client.receive())["data"]["reward"] == 0.25, "an answer to `state` that is none"
        server.send({"type": "state", "data": {}})
        assert json.loads(client.receive()) == {"type": "state", "data": {}}


REPLIES = {
    "no reward": b'{"type":"observation","data":{"observation":{"count":1},"done":false}}',
    "reward first": b'{"data":{"reward":7,"done":false,"observation":{"count":1}},"type":"observation"}',
    "spaces": b'{ "type" : "observation" , "data" : { "observation" : {"count":1} , "reward" : null , "done" : false } }',
    "an observation that is a text": b'{"type":"observation","data":{"observation":"t","reward":1,"done":false}}',
}


@pytest.mark.parametrize("name", REPLIES)
def test_replies_in_other_words(scoring, upstream, name):
    with session(scoring.url, upstream) as (client, server):
        client.send(reset())
        server.answer("reset")
        client.receive()
        client.send(step("s"))
        server.receive()
        server.send(REPLIES[name])
        reply = json.loads(client.receive())
        if name == "an observation that is a text":
            assert reply["data"]["code"] == "REWARD_FAILED"
        else:
            wanted = json.loads(REPLIES[name])
            assert reply == {**wanted, "data": {**wanted["data"], "reward": 1.5}}


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"\xff\xfe", b'{"type":7}', b'{"type":"observation"}'])
def test_replies_that_are_none_are_passed_on(scoring, upstream, text):
    with session(scoring.url, upstream) as (client, server):
        client.send(reset())
        server.answer("reset")
        client.receive()
        client.send(step("s"))
        server.receive()
        server.send(text)
        assert client.receive() == text
        assert request(scoring.url, b"GET /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n").status == 400


FRAMES = {
    "masked": Frame(TEXT, b"{}", masked=True),
    "reserved bit": Frame(TEXT, b"{}", rsv=4),
    "reserved opcode": Frame(0x3, b"{}"),
    "continuation of nothing": Frame(0x0, b"{}"),
    "long ping": Frame(0x9, b"x" * 126),
    "fragmented close": Frame(CLOSE, close_payload(1000), fin=False),
}


@pytest.mark.parametrize("name", FRAMES)
def test_frames_that_break_the_protocol_end_the_session(bridge, upstream, name):
    with session(bridge.url, upstream) as (client, server):
        client.send(reset())
        assert server.receive()["type"] == "reset"
        server.send_frame(FRAMES[name])
        frame = client.receive_frame()
        assert frame.opcode == CLOSE and frame.close_code in (1002, 1011, 1014), frame


def test_the_environment_accepts_with_an_extension_nobody_offered(bridge, upstream):
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(request, bridge.url, GET_WS)
        peer = upstream.accept()
        accepted = accepting(SWITCHING, read_message(peer.reader))
        accepted.headers.append(("Sec-WebSocket-Extensions", "permessage-deflate"))
        peer.sock.sendall(accepted.raw)
        assert asked.result().status == 502
        peer.sock.close()
