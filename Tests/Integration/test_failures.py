"""What the client sees when a reward fails, and that the environment's part of the step is never lost."""

import json

import pytest

from support.client import STATE, RawClient, reset, step

RUBRIC = "scores.py:length_or_raise"


def test_the_error_holds_the_environments_reply(probe, scored_bridge):
    with RawClient(probe) as direct:
        direct.call(reset())
        direct.call(step("ab"))
        wanted = direct.call(step("boom", reward=0.7, note={"k": 1}))
    with RawClient(scored_bridge(RUBRIC).url) as client:
        client.call(reset())
        client.call(step("ab"))
        reply = client.call(step("boom", reward=0.7, note={"k": 1}))
        assert reply == {
            "type": "error",
            "data": {
                "message": "reward unavailable",
                "code": "REWARD_FAILED",
                "step_executed": True,
                "reply": wanted["data"],
            },
        }
        assert client.call(STATE)["data"]["step_count"] == 2


def test_the_episode_stays_failed_until_the_next_reset(scored_bridge):
    with RawClient(scored_bridge(RUBRIC).url) as client:
        client.call(reset())
        assert client.call(step("ab"))["data"]["reward"] == 0.2
        for message in ("boom", "ab", "ab"):
            reply = client.call(step(message))
            assert reply["data"]["code"] == "REWARD_FAILED"
            assert reply["data"]["reply"]["observation"]["text"] == message
        assert client.call(reset())["type"] == "observation"
        assert client.call(step("ab"))["data"]["reward"] == 0.2


CHOICES = {"null": ("null", None), "env": ("env", 0.7), "constant": ({"constant": -1.5}, -1.5)}


@pytest.mark.parametrize("name", CHOICES)
def test_other_ways_to_deliver_a_failure(scored_bridge, name):
    setting, delivered = CHOICES[name]
    bridge = scored_bridge(RUBRIC, on_failed=setting)
    with RawClient(bridge.url) as client:
        client.call(reset())
        for message in ("boom", "ab"):
            reply = client.call(step(message, reward=0.7))
            assert (reply["type"], reply["data"]["reward"]) == ("observation", delivered)
    first = next(row for row in bridge.rows(2) if row["step"] == 1)
    assert (first["status"], first["kind"]) == ("failed", "exception")


def test_an_environment_error_is_passed_on_and_scores_go_on(probe, scored_bridge):
    conversation = [
        reset(),
        step("ab"),
        step(fail="paint ran out"),
        {"type": "step", "data": {"size": "x"}},
        step("abc"),
    ]

    def replies(url):
        with RawClient(url) as client:
            for message in conversation:
                client.send(message)
                yield client.receive()

    direct, scored = list(replies(probe)), list(replies(scored_bridge("scores.py:length").url))
    assert scored[2:4] == direct[2:4] and scored[0] == direct[0]
    assert [json.loads(scored[index])["data"]["reward"] for index in (1, 4)] == [0.2, 0.3]


def test_steps_before_a_reset_are_unscored(scored_bridge):
    bridge = scored_bridge("scores.py:length")
    with RawClient(bridge.url) as client:
        assert client.call(step("early", reward=3))["data"]["reward"] is None
        client.call(reset())
        assert client.call(step("late", reward=3))["data"]["reward"] == 0.4
    by_episode = {row["episode"]: row for row in bridge.rows(2)}
    assert (by_episode[0]["status"], by_episode[0]["kind"]) == ("unscored", "no_reset")
    assert (by_episode[1]["status"], by_episode[1]["reward"]) == ("scored", 0.4)


def test_replies_change_nowhere_but_in_the_reward(probe, scored_bridge):
    """Byte for byte: the number is spliced, everything around it is what the environment wrote."""
    tricky = step('é\u2028"reward":9', reward=0.1, note={"reward": {"reward": 2}, "done": False, "data": {"reward": 1}})

    def reply(url):
        with RawClient(url) as client:
            client.call(reset())
            client.send(tricky)
            return client.receive()

    direct, scored = reply(probe), reply(scored_bridge("scores.py:length").url)
    assert direct.count(b'"reward":0.1,') == 1
    assert scored == direct.replace(b'"reward":0.1,', b'"reward":1.2,')


def test_no_time_is_left_for_the_client_to_wait(scored_bridge):
    """The deadline is under the client's own time-out, so that an answer comes while it still listens."""
    bridge = scored_bridge("misbehaving.py:hangs", client_timeout="3s", worker={"call_timeout": "60s"})
    with RawClient(bridge.url, deadline=3) as client:
        client.call(reset())
        assert client.call(step("bad"))["data"]["code"] == "REWARD_FAILED"
