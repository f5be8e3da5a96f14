"""How a reward finds its step: sessions, names, episodes, tasks; and what is cut out before the environment sees it."""

import json
import re

import pytest
from openenv import GenericEnvClient

from support.bridge import relayed, rubric
from support.client import RawClient, reset, step
from support.environment import PYTHON

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
ANSWER = {"view": {"answer": "/task/answer"}}


def test_each_connection_is_a_session_of_its_own(scored_bridge):
    bridge = scored_bridge("scores.py:length")
    ids = []
    for _ in range(3):
        with RawClient(bridge.url) as client:
            ids.append(client.response.header("RewardBridge-Session"))
            client.call(reset())
            client.call(step("abc"))
            client.close()
    assert len(set(ids)) == 3 and all(UUID7.fullmatch(each) for each in ids)
    assert [row["session"] for row in bridge.rows(3)] == ids


def test_rows_are_joined_by_session_episode_and_step(scored_bridge):
    bridge = scored_bridge("scores.py:length")
    with RawClient(bridge.url) as client:
        for episode in range(1, 4):
            client.call(reset(episode_id=f"id-{episode}"))
            for ordinal in range(1, 4):
                client.call(step("x" * (10 * episode + ordinal)))
    rows = bridge.rows(9)
    assert len(rows) == 9
    for row in rows:
        assert row["reward"] == (10 * row["episode"] + row["step"]) / 10
        assert row["delivery"] == "inline" and row["delivered"] == row["reward"]
    (session,) = bridge.sessions()
    episodes = bridge.show(session["session"])["episodes"]
    assert [(each["episode"], each["episode_id"], each["steps"]) for each in episodes] == [
        (1, "id-1", 3),
        (2, "id-2", 3),
        (3, "id-3", 3),
    ]
    assert [each["end"] for each in episodes] == ["reset", "reset", "disconnect"]


def test_names_by_path_header_and_reset_key(scored_bridge):
    bridge = scored_bridge("scores.py:length")
    with RawClient(bridge.url, "/as/run-7/ws") as client:
        client.call(reset())
    with RawClient(bridge.url, headers=(("RewardBridge-Name", "by header"),)) as client:
        client.call(reset())
    with RawClient(bridge.url) as client:
        client.call(reset(rewardbridge={"name": "by key"}))
        client.call(step("x"))
    with RawClient(bridge.url, "/as/run-7/ws") as client:
        client.call(reset())
    bridge.rows(1)
    by_name = [each["session"] for each in bridge.json("sessions", "list", "--name", "run-7")]
    assert len(by_name) == 2, "a name need not be unique"
    assert {"by header", "by key"} <= {each["name"] for each in bridge.sessions()} | {
        episode["name"] for each in bridge.sessions() for episode in bridge.show(each["session"])["episodes"]
    }


def test_a_named_path_serves_real_clients_and_http(scored_bridge):
    bridge = scored_bridge("scores.py:length")
    with GenericEnvClient(base_url=f"{bridge.url}/as/real").sync() as client:
        client.reset()
        assert client.step({"message": "ab"}).reward == 0.2
    assert bridge.sessions()[0]["name"] == "real"


@pytest.mark.parametrize("attached", [True, False], ids=["scored", "relayed"])
def test_the_reset_key_never_reaches_the_environment(attached, probe, bridges, scored_bridge):
    """Also when the rubric is switched off: no gold answer leaks because of it."""
    bridge = scored_bridge("scores.py:length") if attached else bridges(relayed(probe))
    key = {"answer": "gold", "task": {"level": 3}, "name": "n"}
    for data in ({"rewardbridge": key, "seed": 5}, {"seed": 5, "rewardbridge": key}, {"seed": 5, "rewardbridge": {}}):
        with RawClient(bridge.url) as client:
            seen = client.call(reset(**data))["data"]["observation"]["seen"]
            assert seen == {"seed": 5}
    with RawClient(bridge.url) as client:
        assert client.call({"data": {"rewardbridge": key}, "type": "reset"})["data"]["observation"]["seen"] == {
            "seed": None
        }


@pytest.mark.parametrize("key", [{"answr": 1}, "answer", [], {"name": 7}, {"rubric": "none-of-the-choices"}])
def test_a_reset_key_that_is_wrong_is_refused(scored_bridge, key):
    bridge = scored_bridge("scores.py:length")
    with RawClient(bridge.url) as client:
        reply = client.call(reset(rewardbridge=key))
        assert (reply["type"], reply["data"]["code"]) == ("error", "VALIDATION_ERROR")
        assert client.call(reset())["type"] == "observation"
        assert client.call(step("abc"))["data"]["reward"] == 0.3


def test_answers_from_the_reset_key(scored_bridge):
    bridge = scored_bridge("exact.yaml", **ANSWER)
    with RawClient(bridge.url) as client:
        for answer in ("blue", "red"):
            client.call(reset(rewardbridge={"answer": answer}))
            assert client.call(step("blue"))["data"]["reward"] == float(answer == "blue")
        client.call(reset())
        assert client.call(step("blue"))["data"]["reward"] is None, "an answer is of its own episode"
    last = bridge.rows(3)[-1]
    assert last["status"] == "unscored"


def test_answers_from_a_task_file(scored_bridge, tmp_path):
    tasks = tmp_path / "tasks.jsonl"
    tasks.write_text("".join(json.dumps({"id": str(seed), "answer": f"a{seed}"}) + "\n" for seed in range(5)))
    bridge = scored_bridge("exact.yaml", tasks=str(tasks), task_from="/reset_request/seed", **ANSWER)
    with RawClient(bridge.url) as client:
        for seed in (3, 1):
            client.call(reset(seed=seed))
            assert client.call(step("a3"))["data"]["reward"] == float(seed == 3)
        client.call(reset(seed=99))
        assert client.call(step("a3"))["data"]["reward"] is None
    last = bridge.rows(3)[-1]
    assert (last["status"], last["kind"]) == ("unscored", "no_task")


def test_several_environments_under_their_names(servers, bridges):
    bridge = bridges(
        {
            "environments": {
                "one": {"url": servers("probe"), "rubric": rubric("scores.py:length"), "python": str(PYTHON)},
                "two": {"url": servers("tools")},
            }
        }
    )
    with RawClient(bridge.url, "/one/as/me/ws") as client:
        client.call(reset())
        assert client.call(step("ab"))["data"]["reward"] == 0.2
    with GenericEnvClient(base_url=f"{bridge.url}/two").sync() as client:
        client.reset()
        assert client.step({"type": "list_tools"}).reward is None
    assert ("one", "me") in {(each["environment"], each["name"]) for each in bridge.sessions()}


def test_no_name_of_a_rubric_reaches_the_agent(scored_bridge):
    bridge = scored_bridge("scores.py:length", breakdown=True)
    with RawClient(bridge.url) as client:
        client.call(reset())
        observation = client.call(step("ab"))["data"]["observation"]
    assert "length" not in json.dumps(observation) and "rewardbridge" not in json.dumps(observation)
