"""Environments that die, answer wrongly, or too often: the client gets an end or an answer, never a wait."""

import json
import socket

import pytest

from support.client import reset, step
from support.frames import CLOSE, CONTINUATION, PING, TEXT, Frame, close_payload
from support.upstream import session


DEATHS = {
    "end of stream": lambda server: server.peer.sock.close(),
    "reset": lambda server: (
        server.peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0"),
        server.peer.sock.close(),
    ),
    "half a frame": lambda server: (server.peer.sock.sendall(b"\x81\x7e\x01\x00{"), server.peer.sock.close()),
}


@pytest.mark.parametrize("death", DEATHS)
def test_dying_in_the_middle_of_a_step(fronted, upstream, death):
    with session(fronted.url, upstream) as (client, server):
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


def test_close_codes_are_passed_on(fronted, upstream):
    with session(fronted.url, upstream) as (client, server):
        server.send_frame(Frame(CLOSE, close_payload(1008, "not today")))
        frame = client.receive_frame()
        assert frame == Frame(CLOSE, close_payload(1008, "not today"))


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
    "spaces": b'{ "type" : "observation" , "data" : {"observation" : {"count":1}, "reward" : null , "done" : false } }',
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


def test_a_reply_in_fragments_is_scored(scoring, upstream):
    """No server of OpenEnv sends them, a proxy may; the environment's own reward must not slip through."""
    whole = b'{"type":"observation","data":{"observation":{"count":1},"reward":0.125,"done":false}}'
    with session(scoring.url, upstream) as (client, server):
        client.send(reset())
        server.answer("reset")
        client.receive()
        client.send(step("s"))
        server.receive()
        server.send_frame(Frame(TEXT, whole[:30], fin=False))
        server.send_frame(Frame(PING, b"between"))
        server.send_frame(Frame(CONTINUATION, whole[30:70], fin=False))
        server.send_frame(Frame(CONTINUATION, whole[70:]))
        parts = [client.receive_frame()]
        while not parts[-1].fin:
            parts.append(client.receive_frame())
        assert b"".join(each.payload for each in parts) == whole.replace(b"0.125", b"1.5")


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


FRAMES = {
    "masked": Frame(TEXT, b"{}", masked=True),
    "reserved bit": Frame(TEXT, b"{}", rsv=4),
    "reserved opcode": Frame(0x3, b"{}"),
    "continuation of nothing": Frame(0x0, b"{}"),
    "long ping": Frame(0x9, b"x" * 126),
    "fragmented close": Frame(CLOSE, close_payload(1000), fin=False),
}


@pytest.mark.parametrize("name", FRAMES)
def test_frames_that_break_the_protocol_end_the_session(fronted, upstream, name):
    with session(fronted.url, upstream) as (client, server):
        client.send(reset())
        assert server.receive()["type"] == "reset"
        server.send_frame(FRAMES[name])
        frame = client.receive_frame()
        assert frame.opcode == CLOSE and frame.close_code in (1002, 1011, 1014), frame
