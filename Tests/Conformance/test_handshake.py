"""RFC 6455 sections 4, 9 and 11: the opening handshake passes through, and the environment decides."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from conftest import ROUTES
from support.client import KEY, connect, request
from support.frames import ByteReader
from support.http import Message, read_message
from support.replay import accepting
from support.upstream import SWITCHING, answer_once

FIELDS = {
    "Host": "environment.example",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
}


class Handshakes:
    """Handshakes through one bridge, and what the environment sees of them."""

    def __init__(self, bridge, upstream, path: str):
        self.bridge, self.upstream, self.path = bridge, upstream, path

    def ask(self, answer: bytes, **changes) -> tuple[Message, Message]:
        """The request as it arrived, and the answer as it arrived. A field of None is left out."""
        with ThreadPoolExecutor(1) as pool:
            answered = pool.submit(request, self.bridge.url, self.head(**changes).raw)
            arrived = answer_once(self.upstream, answer)
            return arrived, answered.result()

    def head(self, method: str = "GET", version: str = "HTTP/1.1", **changes) -> Message:
        fields = FIELDS | {name.replace("_", "-"): value for name, value in changes.items()}
        kept = [(name, value) for name, value in fields.items() if value is not None]
        return Message(f"{method} {self.path} {version}", kept)

    def switch(self, **changes) -> tuple[Message, Message]:
        """The same, of a handshake that the environment accepts, with these fields in its answer."""
        with ThreadPoolExecutor(1) as pool:
            answered = pool.submit(self.switched, self.head(**changes))
            peer = self.upstream.accept()
            arrived = read_message(peer.reader)
            peer.sock.sendall(accepting(SWITCHING, arrived).raw)
            answer = answered.result()
            peer.sock.close()
            return arrived, answer

    def switched(self, head: Message) -> Message:
        with connect(self.bridge.url) as sock:
            sock.sendall(head.raw)
            return read_message(ByteReader(sock))


@pytest.fixture
def handshakes(served, route) -> Handshakes:
    bridge, upstream = served(route)
    return Handshakes(bridge, upstream, ROUTES[route])


def answer(status: str, **fields: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "Content-Length: 4", "", "body"]).encode()


def test_the_key_is_the_clients_own(handshakes):
    """Sections 4.1 and 4.2.2: so that the environment's answer to it is good for the client."""
    arrived, answered = handshakes.switch()
    assert arrived.header("sec-websocket-key") == KEY
    assert answered.status == 101
    assert answered.header("sec-websocket-accept") == accepting(SWITCHING, arrived).header("sec-websocket-accept")
    assert answered.header("upgrade").lower() == "websocket"
    assert answered.header("connection").lower() == "upgrade"


@pytest.mark.parametrize(
    "fields",
    [
        {"Upgrade": "WebSocket"},
        {"Connection": "upgrade"},
        {"Connection": "keep-alive, Upgrade"},
        {"Upgrade": None, "upgrade": "websocket"},
        {"Origin": "https://example.org"},
    ],
    ids=str,
)
def test_spellings_of_a_good_handshake(handshakes, fields):
    """Section 4.2.1: names and tokens in any case, in lists."""
    assert handshakes.switch(**fields)[1].status == 101


@pytest.mark.parametrize("version", [None, "8", "12", "14", "thirteen"])
def test_another_version_is_the_environments_to_refuse(handshakes, version):
    """Section 4.4: with 426 and the version that it speaks."""
    refusal = answer("426 Upgrade Required", Sec_WebSocket_Version="13")
    arrived, answered = handshakes.ask(refusal, **{"Sec-WebSocket-Version": version})
    assert arrived.header("sec-websocket-version") == version
    assert (answered.status, answered.header("sec-websocket-version"), answered.body) == (426, "13", b"body")


@pytest.mark.parametrize("key", [None, "", "short", "not base64 at all!!"])
def test_a_bad_key_is_the_environments_to_refuse(handshakes, key):
    """Section 4.2.1, item 5."""
    arrived, answered = handshakes.ask(answer("400 Bad Request"), **{"Sec-WebSocket-Key": key})
    assert arrived.header("sec-websocket-key") == key
    assert (answered.status, answered.body) == (400, b"body")


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden", "404 Not Found", "503 Service Unavailable"])
def test_refusals_pass(handshakes, status):
    """Section 4.2.2, item 4."""
    _, answered = handshakes.ask(answer(status, WWW_Authenticate="Basic"))
    assert (answered.status, answered.body) == (int(status[:3]), b"body")
    assert answered.header("www-authenticate") == "Basic"


@pytest.mark.parametrize(
    "offer",
    ["permessage-deflate", "permessage-deflate; client_max_window_bits", "x-webkit-deflate-frame", "foo, bar; baz=2"],
)
def test_extensions_are_declined(handshakes, offer):
    """Section 9.1: not offered to the environment, not accepted for the client."""
    arrived, answered = handshakes.switch(**{"Sec-WebSocket-Extensions": offer})
    assert arrived.header("sec-websocket-extensions") is None
    assert (answered.status, answered.header("sec-websocket-extensions")) == (101, None)


def test_an_extension_that_was_not_offered_is_no_handshake(handshakes):
    """Section 4.1, item 5 of the response."""
    forced = Message(SWITCHING.start, [*SWITCHING.headers, ("Sec-WebSocket-Extensions", "permessage-deflate")])
    _, answered = handshakes.ask(forced.raw)
    assert answered.status == 502


def test_subprotocols_are_the_endpoints_to_choose(handshakes):
    """Sections 1.9 and 4.2.2."""
    chosen = Message(SWITCHING.start, [*SWITCHING.headers, ("Sec-WebSocket-Protocol", "mcp")])
    with ThreadPoolExecutor(1) as pool:
        answered = pool.submit(handshakes.switched, handshakes.head(**{"Sec-WebSocket-Protocol": "mcp, chat"}))
        arrived = answer_once(handshakes.upstream, chosen.raw)
        assert arrived.header("sec-websocket-protocol") == "mcp, chat"
        assert answered.result().header("sec-websocket-protocol") == "mcp"


@pytest.mark.parametrize("changes", [{"method": "POST", "Content-Length": "0"}, {"version": "HTTP/1.0"}], ids=str)
def test_what_is_no_handshake_is_not_switched(handshakes, changes):
    """Section 4.1, items 1 and 2: GET, HTTP/1.1 at least. The request is an ordinary one, if one at all."""
    arrived, answered = handshakes.ask(answer("404 Not Found"), **changes)
    assert arrived.header("upgrade") is None
    assert (answered.status, answered.body) == (404, b"body")
