"""What a rubric can reach with bubblewrap around its worker, and without."""

import os
import shutil

import pytest

from support.client import RawClient, reset, step

REQUIRED, OFF = {"sandbox": "required"}, {"sandbox": "off"}

pytestmark = pytest.mark.skipif(
    shutil.which("bwrap") is None, reason="bubblewrap is not installed: apt-get install bubblewrap"
)


def ask(bridge, message) -> float:
    with RawClient(bridge.url) as client:
        client.call(reset())
        return client.call(step(str(message)))["data"]["reward"]


def test_the_ledger_is_out_of_sight(scored_bridge):
    open_, closed = scored_bridge("reaching.py:reads", worker=OFF), scored_bridge("reaching.py:reads", worker=REQUIRED)
    assert ask(open_, open_.state / "ledger.sqlite") == 1.0
    assert ask(closed, closed.state / "ledger.sqlite") == 0.0


def test_nothing_outside_can_be_written(scored_bridge, tmp_path):
    target = tmp_path / "written"
    ask(scored_bridge("reaching.py:writes", worker=REQUIRED), target)
    assert not target.exists(), "a folder of the same name in the sandbox is not this one"
    assert ask(scored_bridge("reaching.py:writes", worker=OFF), target) == 1.0
    assert target.exists()


def test_there_is_no_network(scored_bridge, probe):
    port = probe.rsplit(":", 1)[1]
    assert ask(scored_bridge("reaching.py:connects", worker=REQUIRED), port) == 0.0
    assert ask(scored_bridge("reaching.py:connects", worker=OFF), port) == 1.0


def test_other_processes_are_out_of_sight(scored_bridge):
    assert ask(scored_bridge("reaching.py:sees_processes", worker=REQUIRED), "") <= 2
    assert ask(scored_bridge("reaching.py:sees_processes", worker=OFF), "") > 2


@pytest.mark.parametrize("worker", [REQUIRED, OFF], ids=["sandboxed", "bare"])
def test_secrets_of_the_environment_are_not_inherited(scored_bridge, monkeypatch, worker):
    monkeypatch.setenv("A_SECRET_OF_THE_OPERATOR", "x")
    bridge = scored_bridge("reaching.py:sees_variable", worker=worker)
    assert ask(bridge, "A_SECRET_OF_THE_OPERATOR") == 0.0
    assert ask(bridge, "PATH") == 1.0
    assert "A_SECRET_OF_THE_OPERATOR" in os.environ
