"""Without a rubric a client can't tell the bridge from the environment: the same bytes, frame for frame."""

import json
from contextlib import ExitStack
from urllib.parse import urljoin

import pytest

from support.client import STATE, RawClient, ask, reset, step
from support.frames import BINARY, CONTINUATION, PING, PONG, TEXT, Frame

CONVERSATIONS = {
    "reset, steps, state": [
        reset(seed=1, episode_id="e-1"),
        step("a", reward=0.1),
        step("b", reward=1, done=True),
        STATE,
    ],
    "step before reset": [step("early", reward=True), STATE],
    "every kind of reward": [step(reward=value) for value in (0.30000000000000004, 5e-324, 1, True, None, 2**63 + 1)],
    "numbers only Python reads": [
        '{"type":"step","data":{"message":"x","reward":NaN}}',
        '{"type":"step","data":{"reward":1e999}}',
    ],
    "text of all kinds": [
        step('\u2028 \x7f \U0001f600 \x00 " \\'),
        '{"type":"step","data":{"message":"\\ud83d\\ude00 raw é"}}',
    ],
    "metadata": [step("m", reward=1.5, note={"deep": {"reward": 7, "done": [1, "}"]}, "metadata": {}})],
    "the environment raises": [reset(), step(fail='out of "paint"'), step("on")],
    "not JSON": ["", "{", "nul", '{"type":"step"', "\u2028"],
    "no such message": [{"type": "fly"}, {"data": {}}, {"type": None}, {"type": "reset", "data": [], "more": 1}],
    "wrong data": [{"type": "step"}, {"type": "step", "data": {"size": "many"}}, {"type": "state", "data": {}}],
    "strange spacing": [' {\n"data" : {"message":"x"} , "type"\t: "step"}\n', '{"type":"step","type":"state"}'],
    "reply can't be written": [step(note={"text": "\ud83d"}), step("on")],
    "in-band MCP": [{"type": "mcp", "data": {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}}, step("on")],
    "key named as the bridge's, elsewhere": [
        step(note={"rewardbridge": {"answer": 1}}),
        reset(options={"rewardbridge": 1}),
    ],
}


def transcript(url: str, messages: list) -> list[bytes]:
    with RawClient(url) as client:
        replies = []
        for message in messages:
            client.send(message)
            replies.append(client.receive())
        assert client.close() == 1000
        return replies


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_replies_are_byte_identical(servers, relays, name):
    messages = CONVERSATIONS[name]
    direct = transcript(servers("probe"), messages)
    assert len(direct) == len(messages)
    assert transcript(relays("probe"), messages) == direct


@pytest.mark.parametrize(
    "frame", [Frame(TEXT, b"[1]", masked=True), Frame(BINARY, b"{}", masked=True)], ids=["array", "binary"]
)
def test_messages_that_end_the_session(servers, relays, frame):
    def conversation(url):
        with RawClient(url) as client:
            client.send_frame(frame)
            return client.receive(), client.closed()

    direct = conversation(servers("probe"))
    assert b"SESSION_ERROR" in direct[0] and direct[1] == 1000
    assert conversation(relays("probe")) == direct


def test_pipelined_requests_are_answered_in_order(route, tmp_path):
    gate = tmp_path / "gate"
    with RawClient(route("probe")) as client:
        client.send(step("first", gate=str(gate)))
        for index in range(40):
            client.send(step(str(index)))
        client.send(STATE)
        gate.touch()
        texts = [json.loads(client.receive())["data"]["observation"]["text"] for _ in range(41)]
        assert texts == ["first", *map(str, range(40))]
        assert json.loads(client.receive())["data"]["step_count"] == 41


def test_fragments_and_control_frames_between_them(route):
    whole = json.dumps(step("in parts")).encode()
    with RawClient(route("probe")) as client:
        client.send_frame(Frame(TEXT, whole[:5], fin=False, masked=True))
        client.send_frame(Frame(PING, b"beat", masked=True))
        client.send_frame(Frame(CONTINUATION, whole[5:5], fin=False, masked=True))
        client.send_frame(Frame(CONTINUATION, whole[5:], masked=True))
        frames = [client.receive_frame(), client.receive_frame()]
        assert Frame(PONG, b"beat") in frames
        reply = next(each for each in frames if each.opcode == TEXT)
        assert json.loads(reply.payload)["data"]["observation"]["text"] == "in parts"


def test_pings_are_answered_while_a_step_runs(route, tmp_path):
    gate = tmp_path / "gate"
    with RawClient(route("probe")) as client:
        client.send(step("slow", gate=str(gate)))
        client.send_frame(Frame(PING, b"are you there", masked=True))
        assert client.receive_frame() == Frame(PONG, b"are you there")
        gate.touch()
        assert b"slow" in client.receive()


def test_large_messages(route):
    with RawClient(route("probe")) as client:
        reply = client.call(step("m" * 2_000_000, size=30_000_000))
        assert len(reply["data"]["observation"]["blob"]) == 30_000_000
        assert len(reply["data"]["observation"]["text"]) == 2_000_000


def test_many_sessions_at_once_do_not_mix(route):
    with ExitStack() as stack:
        clients = [stack.enter_context(RawClient(route("probe"))) for _ in range(32)]
        for turn in range(5):
            for index, client in enumerate(clients):
                client.send(step(f"{index}:{turn}", reward=index))
            for index, client in enumerate(clients):
                reply = json.loads(client.receive())["data"]
                assert (reply["observation"]["text"], reply["reward"]) == (f"{index}:{turn}", index)
                assert reply["observation"]["count"] == turn + 1


HTTP = {
    "health": ("GET /health", None),
    "metadata": ("GET /metadata", None),
    "schema": ("GET /schema", None),
    "state": ("GET /state", None),
    "reset": ("POST /reset", {"seed": 1, "episode_id": "e", "color": "blue"}),
    "reset without a body": ("POST /reset", None),
    "step": ("POST /step", {"action": {"message": "m", "reward": 1}}),
    "a step that is wrong": ("POST /step", {"action": {"size": "many"}}),
    "a step that raises": ("POST /step", {"action": {"fail": "x"}}),
    "MCP": ("POST /mcp", {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}),
    "no such route": ("GET /nowhere", None),
    "no such method": ("HEAD /health", None),
    "a slash too many": ("GET /schema/", None),
    "environments": ("GET /list_environments", None),
    "openapi": ("GET /openapi.json", None),
}


@pytest.mark.parametrize("name", HTTP)
def test_http_routes_are_passed_on(servers, relays, name):
    line, body = HTTP[name]

    def answer(url):
        host, reply = url.removeprefix("http://"), ask(url, line, body)
        kept = {name.lower(): value for name, value in reply.headers if name.lower() not in ("date", "connection")}
        if "location" in kept:
            kept["location"] = urljoin(url, kept["location"]).replace(host, "HOST")
        return reply.status, kept, reply.body

    assert answer(relays("probe")) == answer(servers("probe"))
