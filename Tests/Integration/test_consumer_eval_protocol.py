"""eval-protocol 0.3.33 sums the steps' rewards, reads null as 0 and tries a failed step again: its real processor."""

import json

import pytest

from peers.plays import FAILING, GOOD, INTENDED
from support.venvs import run_peer


def play(url: str, messages: list[str]) -> dict:
    return run_peer(".venv-evalprotocol", "evalprotocol_loop.py", url, json.dumps(messages))


@pytest.mark.parametrize("rubric", ["scores.py:length", "episode.yaml"])
def test_the_sum_is_the_intended_total(scored_bridge, rubric):
    played = play(scored_bridge(rubric, consumer="eval-protocol").url, GOOD)
    assert (played["error"], played["total"]) == (None, pytest.approx(INTENDED))


def test_a_failed_scorer_is_no_number_even_when_the_step_is_tried_again(scored_bridge):
    played = play(scored_bridge("scores.py:length_or_raise", consumer="eval-protocol").url, FAILING)
    assert "REWARD_FAILED" in played["error"] and played["total"] is None
