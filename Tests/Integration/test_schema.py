"""What the bridge writes is evalrec/1, and a rubric scores the recording as it scored the live step."""

import json

import pytest
from jsonschema import Draft202012Validator
from support.bridge import RUBRICS
from support.client import RawClient, reset, step
from support.environment import PYTHON
from support.process import ROOT

SCHEMA = json.loads((ROOT / "schemas" / "evalrec-1.schema.json").read_text())


@pytest.fixture(scope="module")
def is_record():
    return Draft202012Validator(SCHEMA)


def test_an_export_fits_the_schema(scored_bridge, is_record):
    bridge = scored_bridge("scores.py:length_or_raise", ledger={"record": "full"}, on_failed="null")
    with RawClient(bridge.url) as client:
        client.call(reset(seed=3, episode_id="first"))
        client.call(step("abc", reward=0.5, note={"n": 1}))
        client.call(step("boom"))
        client.call(step("after", done=True))
        client.call(reset())
        client.call(step("abcd"))
    bridge.rows(4)
    assert bridge.stop() == 0
    records = [json.loads(line) for line in bridge.command("sessions", "export").stdout.splitlines()]
    assert len(records) == 2
    for record in records:
        is_record.validate(record)
    first = records[0]
    assert [each["index"] for each in first["steps"]] == [0, 1, 2, 3]
    assert first["steps"][0]["info"]["reset_request"] == {"seed": 3, "episode_id": "first"}
    kinds = [each.get("failure", {}).get("kind") for each in first["prior_scores"]]
    assert kinds == [None, "exception", "episode_failed"]


def test_a_recording_scores_as_it_did_live(scored_bridge, tmp_path):
    bridge = scored_bridge("episode.yaml", ledger={"record": "full"})
    with RawClient(bridge.url) as client:
        client.call(reset(seed=3))
        client.call(step("abc"))
        live = client.call(step("de", done=True))["data"]["reward"]
    assert live is not None
    assert bridge.stop() == 0
    records = tmp_path / "records.jsonl"
    records.write_text(bridge.command("sessions", "export").stdout)
    rubric = bridge.folder / RUBRICS.name / "episode.yaml"
    done = bridge.command("check", rubric, "--python", PYTHON, "--records", records, "--json")
    assert done.returncode == 0, done.stderr
    scored = json.loads(done.stdout.splitlines()[-1])
    assert scored["reward"] == live
