"""verifiers 0.4.0 sums the steps' rewards and reads null as 0: its real environment class, in its own venv."""

import json

import pytest

from peers.plays import FAILING, GOOD, INTENDED
from support.venvs import run_peer


def play(url: str, messages: list[str]) -> dict:
    return run_peer(".venv-verifiers", "verifiers_loop.py", url, json.dumps(messages))


@pytest.mark.parametrize("rubric", ["scores.py:length", "episode.yaml"])
def test_the_sum_is_the_intended_total(scored_bridge, rubric):
    played = play(scored_bridge(rubric, consumer="verifiers", breakdown=True).url, GOOD)
    assert played["error"] is None
    assert played["recorded"]["openenv_reward"] == pytest.approx(INTENDED)
    assert not any("reward" in prompt.split('"action_schema"')[0] for prompt in played["prompts"]), "opaque to the policy"


def test_a_failed_scorer_is_no_number(scored_bridge):
    played = play(scored_bridge("scores.py:length_or_raise", consumer="verifiers").url, FAILING)
    assert "REWARD_FAILED" in played["error"] and "secret" not in played["error"]
    assert played["recorded"] == {}
