"""Recorded traffic of real clients and servers: through the bridge, every frame arrives as the bytes that were sent."""

import pytest

from support.bridge import Bridge, relayed
from support.captures import FILES, dialogues
from support.replay import Upstream, play


@pytest.fixture(scope="module")
def upstream():
    upstream = Upstream()
    yield upstream
    upstream.close()


@pytest.fixture(scope="module", params=["direct", "bridge"])
def entrance(request, upstream, tmp_path_factory):
    """Where the scripted client connects."""
    if request.param == "direct":
        yield upstream.url
        return
    with Bridge(tmp_path_factory.mktemp("replay"), relayed(upstream.url)) as bridge:
        yield bridge.ready().url


@pytest.mark.parametrize("capture", FILES)
def test_capture(entrance, upstream, capture):
    compared = [play(entrance, upstream, turns) for turns in dialogues(capture)]
    assert compared and min(compared) >= 2
