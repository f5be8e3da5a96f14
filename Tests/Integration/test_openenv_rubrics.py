"""OpenEnv's own rubrics, scored live in front of environments that know nothing of it."""

import importlib
import os
import shutil
import signal
import subprocess
import sys

import pytest

from support.client import RawClient, reset, step
from support.environment import PYTHON, EnvironmentServer
from support.process import ROOT, descendants

EXAMPLE = ROOT / "examples" / "openenv-rubric"
WORKER = {"workers": 1, "spares": 0, "restart": {"initial": "10ms", "failures": 100}}

SAID = ["hello there", "goodbye", "hello there", "hi, how are you today?", "hi"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The example's folder after its first line, `openenv init greeter`."""
    folder = tmp_path_factory.mktemp("openenv") / "example"
    shutil.copytree(EXAMPLE, folder)
    made = [PYTHON.with_name("openenv"), "init", "greeter"]
    subprocess.run(made, cwd=folder, check=True, capture_output=True, timeout=120)
    return folder


@pytest.fixture(scope="module")
def greeter(folder):
    with EnvironmentServer("server.app:app", cwd=folder / "greeter") as server:
        yield server


@pytest.fixture
def bridge(bridges, folder, greeter):
    settings = {"url": greeter.url, "rubric": str(folder / "rubric.yaml"), "python": str(PYTHON), "breakdown": True}
    return bridges({"environment": settings}, worker=WORKER)


@pytest.fixture
def expected(folder, monkeypatch):
    """What the library gives, in one process with the environment: rewards, and the scores of all nodes."""
    monkeypatch.syspath_prepend(folder)
    for name in [each for each in sys.modules if each.partition(".")[0] in ("greeter", "greeting")]:
        monkeypatch.delitem(sys.modules, name)
    environment = importlib.import_module("greeter.server.greeter_environment").GreeterEnvironment()
    action = importlib.import_module("greeter").GreeterAction
    rubric = importlib.import_module("greeting").greeting(words=["hello", "hi"], most=12)
    environment.reset()
    found = []
    for message in SAID:
        reward = rubric(action(message=message), environment.step(action(message=message)))
        found.append((reward, {name: each.last_score for name, each in rubric.named_rubrics()}))
    return found


def played(bridge) -> list[dict]:
    """The `data` of each step's reply."""
    with RawClient(bridge.url) as client:
        client.call(reset())
        return [client.call(step(message))["data"] for message in SAID]


def test_an_environment_of_openenvs_template_is_scored_as_the_library_scores(bridge, expected):
    replies = played(bridge)
    assert [each["reward"] for each in replies] == [reward for reward, _ in expected]
    assert [each["reward"] for each in replies] == pytest.approx([1.0, 0.0, 0.75, 0.75 * 12 / 22 + 0.25, 1.0])
    for reply, (reward, scores) in zip(replies, expected):
        found = reply["metadata"]["rewardbridge"]
        # The environment's own metadata stays.
        assert reply["metadata"].keys() == {"original_message", "step", "rewardbridge"}
        assert found["status"] == "scored" and found["rubric_scores"].pop("greeting") == reward
        assert found["rubric_scores"].keys() == scores.keys()
        if reward:
            assert found["rubric_scores"] == scores
    skipped = replies[1]["metadata"]["rewardbridge"]["rubric_scores"]
    assert [skipped[f"rubric_1{child}"] for child in ("", ".rubric_0", ".rubric_1")] == [None] * 3
    assert skipped["rubric_0"] == skipped["rubric_0.rubric"] == 0.0
    assert len(bridge.rows(len(SAID))) == len(SAID)


def test_the_state_of_a_tree_survives_its_worker(bridge, expected):
    with RawClient(bridge.url) as client:
        client.call(reset())
        rewards = [client.call(step(message))["data"]["reward"] for message in SAID[:2]]
        for pid in descendants(bridge.process.pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        bridge.process.wait_for("a worker ended")
        rewards += [client.call(step(message))["data"]["reward"] for message in SAID[2:]]
    assert rewards == [reward for reward, _ in expected]


def test_a_trajectory_is_scored_at_its_end(scored_bridge):
    bridge = scored_bridge("share.yaml")
    with RawClient(bridge.url) as client:
        client.call(reset())
        sent = [step(reward=1), step(), step(reward=0), step(reward=1, done=True)]
        assert [client.call(each)["data"]["reward"] for each in sent] == [None, None, None, 0.75]
        client.call(reset())
        assert client.call(step(reward=1))["data"]["reward"] is None
        client.call(reset())
        assert client.call(step(reward=1, done=True))["data"]["reward"] == 1.0
    episodes = bridge.show(bridge.sessions()[0]["session"])["episodes"]
    assert [(each["end"], each.get("score")) for each in episodes][:3:2] == [("done", 0.75), ("done", 1.0)]
    assert episodes[1]["end"] == "reset" and episodes[1].get("kind") == "abstained"
