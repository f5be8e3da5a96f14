"""Real servers, and bridges in front of them; everything listens on free ports and ends with its test."""

from contextlib import ExitStack

import pytest

from support.bridge import Bridge, relayed, scored
from support.environment import EnvironmentServer
from support.replay import Upstream


@pytest.fixture(scope="session")
def servers():
    """`servers(app)` is the URL of a server that all tests share; it is started when first asked for."""
    running: dict[str, EnvironmentServer] = {}

    def url(app: str) -> str:
        if app not in running:
            running[app] = EnvironmentServer(f"environments.{app}:app")
        return running[app].ready().url

    yield url
    for server in running.values():
        server.process.stop()


@pytest.fixture(scope="session")
def relays(servers, tmp_path_factory):
    """`relays(app)` is the URL of a bridge without a rubric in front of that shared server."""
    running: dict[str, Bridge] = {}

    def url(app: str) -> str:
        if app not in running:
            running[app] = Bridge(tmp_path_factory.mktemp(app), relayed(servers(app))).ready()
        return running[app].url

    yield url
    with ExitStack() as stack:
        for bridge in running.values():
            stack.push(bridge)


@pytest.fixture(params=["direct", "bridge"])
def route(request, servers, relays):
    """`route(app)`: each test that uses it runs against the server itself, then through a bridge without a rubric."""
    return servers if request.param == "direct" else relays


@pytest.fixture
def probe(servers) -> str:
    return servers("probe")


@pytest.fixture
def own_server():
    """`own_server(app)`: a server that the test may break."""
    running = []

    def start(app: str, **options) -> EnvironmentServer:
        running.append(EnvironmentServer(f"environments.{app}:app", **options))
        return running[-1].ready()

    yield start
    for server in running:
        server.process.stop()


@pytest.fixture
def bridges(tmp_path):
    """`bridges(environments, **settings)`: a bridge of the test's own, checked for a crash at the end."""
    running: list[Bridge] = []

    def start(environments: dict, **settings) -> Bridge:
        running.append(Bridge(tmp_path / f"bridge{len(running)}", environments, **settings))
        return running[-1].ready()

    yield start
    with ExitStack() as stack:
        for bridge in running:
            stack.push(bridge)


@pytest.fixture
def scored_bridge(bridges, probe):
    """`scored_bridge("scores.py:length", **settings)` in front of the shared probe environment, with one worker."""

    def start(target: str, *, worker=None, ledger=None, **settings) -> Bridge:
        sections = {"worker": worker or {"workers": 1, "spares": 0}, "ledger": ledger}
        return bridges(scored(probe, target, **settings), **{name: each for name, each in sections.items() if each})

    return start


@pytest.fixture
def upstream():
    """An environment that the test plays itself."""
    upstream = Upstream()
    yield upstream
    upstream.close()


@pytest.fixture(params=["relayed", "scored"])
def fronted(request, bridges, upstream):
    """A bridge in front of `upstream`, without a rubric and with one."""
    settings = relayed(upstream.url) if request.param == "relayed" else scored(upstream.url, "scores.py:count")
    return bridges(settings, limits={"handshake_timeout": "2s", "connect_timeout": "2s"})


@pytest.fixture
def scoring(bridges, upstream):
    """A bridge in front of `upstream`, with a rubric."""
    return bridges(scored(upstream.url, "scores.py:count"))
