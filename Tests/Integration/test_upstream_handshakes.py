"""Environments that refuse a session, never answer, point elsewhere, or say more than was asked with the handshake."""

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.bridge import relayed
from support.client import RawClient, request
from support.frames import CLOSE, TEXT, Frame, close_payload, encode
from support.http import read_message
from support.replay import Upstream, accepting
from support.upstream import SWITCHING, accept_session, answer_once

GET_WS = (
    b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: aW50ZWdyYXRpb24tdGVzdA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def test_a_refused_connection_is_a_bad_gateway(bridges):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    bridge = bridges(relayed(f"http://127.0.0.1:{port}"))
    assert request(bridge.url, GET_WS).status == 502
    assert request(bridge.url, b"GET /schema HTTP/1.1\r\nHost: a\r\n\r\n").status == 502


def test_a_handshake_that_is_never_answered(fronted, upstream):
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(request, fronted.url, GET_WS)
        peer = upstream.accept()
        assert asked.result().status in (502, 504)
        peer.sock.close()


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden", "404 Not Found", "429 Too Many", "500 Oops"])
def test_a_refused_handshake_is_passed_on(fronted, upstream, status):
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(request, fronted.url, GET_WS)
        answer_once(upstream, f"HTTP/1.1 {status}\r\nX-Why: because\r\nContent-Length: 4\r\n\r\nbody".encode())
        reply = asked.result()
    assert (reply.status, reply.header("x-why"), reply.body) == (int(status[:3]), "because", b"body")


def test_a_redirected_handshake_is_followed(fronted, upstream):
    with ThreadPoolExecutor(1) as pool:
        connecting = pool.submit(RawClient, fronted.url)
        location = upstream.url.replace("http", "ws") + "/elsewhere/ws"
        answer_once(upstream, f"HTTP/1.1 307 Go\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())
        server = accept_session(upstream)
        with connecting.result() as client:
            client.send({"type": "state"})
            assert server.receive() == {"type": "state"}


def test_a_handshake_redirected_to_a_server_that_is_allowed(bridges, upstream):
    other = Upstream()
    settings = {"url": upstream.url, "redirect_origins": [other.url]}
    bridge = bridges({"environment": settings})
    with ThreadPoolExecutor(1) as pool:
        connecting = pool.submit(RawClient, bridge.url)
        location = other.url.replace("http", "ws") + "/elsewhere/ws"
        answer_once(upstream, f"HTTP/1.1 307 Go\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())
        server = accept_session(other)
        with connecting.result() as client:
            client.send({"type": "state"})
            assert server.receive() == {"type": "state"}
    other.close()


def test_a_refusal_in_one_piece_with_the_handshake(fronted, upstream):
    """As a full server sends it: the 101, an error frame that nobody asked for, and the close, in one segment."""
    error = b'{"type":"error","data":{"message":"full","code":"CAPACITY_REACHED"}}'
    frames = encode(Frame(TEXT, error)) + encode(Frame(CLOSE, close_payload(1000)))
    with ThreadPoolExecutor(1) as pool:
        connecting = pool.submit(RawClient, fronted.url)
        peer = upstream.accept()
        peer.sock.sendall(accepting(SWITCHING, read_message(peer.reader)).raw + frames)
        with connecting.result() as client:
            assert client.receive() == error
            assert client.closed() == 1000
        peer.sock.close()


def test_the_environment_accepts_with_an_extension_nobody_offered(fronted, upstream):
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(request, fronted.url, GET_WS)
        peer = upstream.accept()
        accepted = accepting(SWITCHING, read_message(peer.reader))
        accepted.headers.append(("Sec-WebSocket-Extensions", "permessage-deflate"))
        peer.sock.sendall(accepted.raw)
        assert asked.result().status == 502
        peer.sock.close()
