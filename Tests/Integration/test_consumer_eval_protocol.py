"""eval-protocol 0.3.33 sums the steps' rewards, reads null as 0 and tries a failed step again: its real processor."""

import json

import pytest

from peers.plays import FAILING, GOOD, INTENDED
from support.venvs import run_peer


def test_the_sum_is_the_intended_total_and_a_failed_scorer_is_no_number(scored_bridge):
    """One process plays all three games, since the import alone takes seconds."""
    games = [
        (scored_bridge("scores.py:length", consumer="eval-protocol").url, GOOD),
        (scored_bridge("episode.yaml", consumer="eval-protocol").url, GOOD),
        (scored_bridge("scores.py:length_or_raise", consumer="eval-protocol").url, FAILING),
    ]
    *good, failing = run_peer(".venv-evalprotocol", "evalprotocol_loop.py", json.dumps(games))
    assert good == [{"error": None, "total": pytest.approx(INTENDED)}] * 2
    assert "REWARD_FAILED" in failing["error"] and failing["total"] is None
