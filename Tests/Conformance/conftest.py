"""Bridges in front of an environment that the test plays itself, one for each way through the relay."""

from contextlib import ExitStack

import pytest

from ends import LIMITS, Ends, meet
from support.bridge import Bridge, relayed, scored
from support.replay import Upstream

ROUTES = {"relayed": "/ws", "scored": "/ws", "streamed": "/mcp"}
"""`/ws` without a rubric and with one: messages are looked into. Any other path: frames are passed on as they come."""


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """`served(route)`: a bridge and its environment's listening socket, the same ones for all tests."""
    running: dict[str, tuple[Bridge, Upstream]] = {}

    def start(route: str) -> tuple[Bridge, Upstream]:
        if route not in running:
            upstream = Upstream()
            settings = scored(upstream.url, "scores.py:count") if route == "scored" else relayed(upstream.url)
            bridge = Bridge(tmp_path_factory.mktemp(route), settings, limits=LIMITS)
            running[route] = bridge.ready(), upstream
        return running[route]

    yield start
    with ExitStack() as stack:
        for bridge, _ in running.values():
            stack.push(bridge)


@pytest.fixture(params=ROUTES)
def route(request) -> str:
    return request.param


@pytest.fixture
def ends(served, route):
    """Both ends of a fresh session."""
    bridge, upstream = served(route)
    with meet(bridge, upstream, ROUTES[route]) as ends:
        yield ends


@pytest.fixture(params=["client", "environment"])
def sender(request, ends: Ends):
    """The end that a test sends from: each of both."""
    return ends.client if request.param == "client" else ends.environment
