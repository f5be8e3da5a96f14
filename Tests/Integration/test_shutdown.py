"""SIGTERM: no new connections, steps in flight finish with their rewards, both legs close with 1012, exit 0."""

import json
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.bridge import scored
from support.client import RawClient, connect, reset, step
from support.deadline import eventually
from support.frames import CLOSE, Ended, Frame
from support.process import descendants, is_alive
from support.upstream import session


def refuses(url: str) -> bool:
    try:
        connect(url, 1).close()
        return False
    except ConnectionError:
        return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_idle_sessions_are_closed(scored_bridge, number):
    bridge = scored_bridge("scores.py:length")
    with RawClient(bridge.url) as client:
        client.call(reset())
        bridge.process.signal(number)
        assert client.closed() == 1012
    assert bridge.process.wait() == 0


def test_without_sessions_it_ends_at_once(scored_bridge):
    bridge = scored_bridge("scores.py:length")
    started = time.monotonic()
    assert bridge.stop() == 0
    assert time.monotonic() - started < 5


def test_a_step_in_flight_finishes_with_its_reward(scored_bridge, tmp_path):
    bridge, gate = scored_bridge("scores.py:length"), tmp_path / "gate"
    with RawClient(bridge.url) as client:
        client.call(reset())
        client.send(step("abc", gate=str(gate)))
        eventually(gate.with_name("gate.started").exists, "the step to reach the environment")
        bridge.process.signal(signal.SIGTERM)
        eventually(lambda: refuses(bridge.url), "the listener to close")
        gate.touch()
        assert json.loads(client.receive())["data"]["reward"] == 0.3
        assert client.closed() == 1012
    assert bridge.process.wait() == 0


def test_a_reward_in_flight_is_delivered(scored_bridge, tmp_path):
    bridge, gate = scored_bridge("scores.py:slow", worker={"sandbox": "off"}), tmp_path / "gate"
    with RawClient(bridge.url) as client:
        client.call(reset())
        client.send(step(str(gate)))
        eventually(gate.with_name("gate.started").exists, "the rubric to start")
        bridge.process.signal(signal.SIGTERM)
        eventually(lambda: refuses(bridge.url), "the listener to close")
        gate.touch()
        assert json.loads(client.receive())["data"]["reward"] == 1.0
        assert client.closed() == 1012
    assert bridge.process.wait() == 0
    assert [row["reward"] for row in bridge.rows(1)] == [1.0]


def test_both_legs_get_1012(scoring, upstream):
    with session(scoring.url, upstream) as (client, server):
        scoring.process.signal(signal.SIGTERM)
        frame = server.peer.reader.frame()
        assert (frame.opcode, frame.close_code) == (CLOSE, 1012)
        server.send_frame(Frame(CLOSE, frame.payload))
        assert client.closed() == 1012
    assert scoring.process.wait() == 0


def test_a_stop_among_handshakes(scored_bridge):
    """Whatever a connection is in the middle of: it ends, and the bridge with it."""
    bridge = scored_bridge("scores.py:length")
    stopped = threading.Event()

    def connect_and_leave():
        while not stopped.is_set():
            try:
                with RawClient(bridge.url) as client:
                    client.send(reset())
            except (ConnectionError, Ended, AssertionError):
                pass

    with ThreadPoolExecutor(16) as pool:
        running = [pool.submit(connect_and_leave) for _ in range(16)]
        eventually(lambda: len(bridge.sessions()) >= 32, "a good number of sessions")
        bridge.process.signal(signal.SIGTERM)
        code = bridge.process.wait()
        stopped.set()
        for each in running:
            each.result()
    assert code == 0, bridge.process.output


def test_the_drain_has_an_end(probe, bridges, tmp_path):
    bridge = bridges(scored(probe, "scores.py:length"), limits={"drain": "500ms", "close_timeout": "500ms"})
    gate = tmp_path / "gate"
    with RawClient(bridge.url) as client:
        client.call(reset())
        client.send(step("never", gate=str(gate)))
        eventually(gate.with_name("gate.started").exists, "the step to reach the environment")
        started = time.monotonic()
        bridge.process.signal(signal.SIGTERM)
        client.closed()
        bridge.process.wait()
        assert time.monotonic() - started < 6
    gate.touch()


def test_a_second_signal_ends_at_once(scored_bridge, tmp_path):
    bridge, gate = scored_bridge("scores.py:length"), tmp_path / "gate"
    with RawClient(bridge.url) as client:
        client.call(reset())
        client.send(step("held", gate=str(gate)))
        eventually(gate.with_name("gate.started").exists, "the step to reach the environment")
        bridge.process.signal(signal.SIGTERM)
        eventually(lambda: refuses(bridge.url), "the listener to close")
        started = time.monotonic()
        bridge.process.signal(signal.SIGTERM)
        code = bridge.process.wait()
        assert time.monotonic() - started < 2
        assert code != 0, "it did not finish what it had begun"
    gate.touch()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_worker_outlives_the_bridge(scored_bridge, number):
    bridge = scored_bridge("scores.py:length")
    workers = descendants(bridge.process.pid)
    assert workers
    bridge.process.signal(number)
    bridge.process.wait()
    eventually(lambda: not any(is_alive(pid) for pid in workers), "the end of all workers")


def test_a_connection_that_waits_in_the_handshake_does_not_hold_the_end(scored_bridge):
    bridge = scored_bridge("scores.py:length")
    with socket.create_connection(("127.0.0.1", int(bridge.url.rsplit(":", 1)[1])), timeout=10) as sock:
        sock.sendall(b"GET /ws HTTP/1.1\r\nHost: a\r\n")
        started = time.monotonic()
        assert bridge.stop() == 0
        assert time.monotonic() - started < 8
        try:
            assert sock.recv(100) == b""
        except ConnectionError:
            pass
