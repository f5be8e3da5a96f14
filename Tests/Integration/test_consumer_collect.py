"""`openenv collect` takes the last reward that is not null: the real command, with a game of ours in its registry."""

import json
import os
import subprocess

import pytest

from peers.plays import INTENDED
from support.process import HERE, ROOT


def collect(url: str, game: str, folder) -> tuple[list[dict], str]:
    command = [ROOT / ".venv/bin/openenv", "collect", f"openspiel:{game}", "--base-url", url, "--output-dir", folder]
    environment = {**os.environ, "PYTHONPATH": f"{HERE}:{HERE}/peers/collect", "COLUMNS": "200"}
    done = subprocess.run([*command, "-n", "2"], capture_output=True, text=True, timeout=120, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    results = folder / "results.jsonl"
    return [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else [], done.stdout


SO_FAR = {"scores.py:length": [0.3, 0.8, 0.9], "episode.yaml": [None, None, 0.9]}
"""The reward of each step: a step rubric's is right also for an episode that is truncated."""


@pytest.mark.parametrize("rubric", SO_FAR)
def test_the_record_holds_the_intended_total(scored_bridge, tmp_path, rubric):
    records, _ = collect(scored_bridge(rubric, consumer="collect", breakdown=True).url, "good", tmp_path)
    assert [record["episode_id"] for record in records] == ["ep-000000", "ep-000001"]
    for record in records:
        assert record["reward"] == pytest.approx(INTENDED)
        assert record["done"] is True
        steps = [entry["result"]["metadata"]["reward"] for entry in record["tool_trace"]]
        assert steps == pytest.approx(SO_FAR[rubric], nan_ok=True)
        assert "rewardbridge" not in json.dumps(record["messages"]), "opaque to the policy"


def test_a_failed_scorer_is_a_failed_episode(scored_bridge, tmp_path):
    records, said = collect(scored_bridge("scores.py:length_or_raise", consumer="collect").url, "failing", tmp_path)
    assert records == []
    assert "Collected=0" in said and "failed=2" in said
