"""verifiers 0.4.0 sums the steps' rewards and reads null as 0: its real environment class, in its own venv."""

import json

import pytest

from peers.plays import FAILING, GOOD, INTENDED
from support.venvs import run_peer


def test_the_sum_is_the_intended_total_and_a_failed_scorer_is_no_number(scored_bridge):
    """One process plays all three games, since the import alone takes seconds."""
    games = [
        (scored_bridge("scores.py:length", consumer="verifiers", breakdown=True).url, GOOD),
        (scored_bridge("episode.yaml", consumer="verifiers", breakdown=True).url, GOOD),
        (scored_bridge("scores.py:length_or_raise", consumer="verifiers").url, FAILING),
    ]
    *good, failing = run_peer(".venv-verifiers", "verifiers_loop.py", json.dumps(games))
    for played in good:
        assert played["error"] is None
        assert played["recorded"] == {"openenv_reward": pytest.approx(INTENDED)}
        seen = [json.loads(prompt)["observation"] for prompt in played["prompts"]]
        assert [each["metadata"] for each in seen] == [{}] * 3, "opaque to the policy"
    assert "REWARD_FAILED" in failing["error"] and "secret" not in failing["error"]
    assert failing["recorded"] == {}
