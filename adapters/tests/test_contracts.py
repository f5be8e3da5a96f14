"""What this package shares with the Swift side: kinds, fields, the schema, the list of adapters."""

import json
import re
import subprocess
import sys
from dataclasses import fields

import pytest
from harness import ADAPTERS, REPOSITORY

import rewardbridge
from rewardbridge.adapters import find
from rewardbridge.catalogue import BUILT_IN
from rewardbridge.calling.settings import _FORMS, Settings
from rewardbridge.declare import DECLARABLE
from rewardbridge.kinds import UNSCORED, Kind
from rewardbridge.record import EvalRecord, Message, Step
from rewardbridge.result import Result, result_of
from rewardbridge.seam import FIELDS

SCHEMA = json.loads((REPOSITORY / "schemas/evalrec-1.schema.json").read_text())["$defs"]


def names(dataclass):
    return {each.name for each in fields(dataclass)} - {"extra"}


def test_kinds_are_fresh():
    script = REPOSITORY / "scripts/generate-kinds.py"
    subprocess.run([sys.executable, script, "--check"], check=True)


def test_stale_kinds_are_noticed(tmp_path):
    for file in (
        "scripts/generate-kinds.py",
        "Sources/RewardModel/OutcomeKind.swift",
        "adapters/rewardbridge/kinds.py",
    ):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text((REPOSITORY / file).read_text())
    swift = tmp_path / "Sources/RewardModel/OutcomeKind.swift"
    swift.write_text(swift.read_text().replace("    case crash\n", '    case fellOver = "fell_over"\n'))
    run = [sys.executable, tmp_path / "scripts/generate-kinds.py"]
    assert subprocess.run([*run, "--check"], capture_output=True).returncode != 0
    subprocess.run(run, check=True)
    assert 'FELL_OVER = "fell_over"' in (tmp_path / "adapters/rewardbridge/kinds.py").read_text()
    subprocess.run([*run, "--check"], check=True)


def test_every_kind_has_a_status():
    assert {each.status for each in UNSCORED} == {"unscored"}
    assert Kind.ABSTAINED.status == "unscored" and Kind.CRASH.status == "failed"


def test_the_schema_knows_all_kinds():
    assert SCHEMA["Kind"]["enum"] == [each.value for each in Kind]


def test_fields_that_can_be_needed_are_those_of_the_bridge():
    swift = (REPOSITORY / "Sources/RewardModel/RecordField.swift").read_text()
    assert list(FIELDS) == re.findall(r"^    case (\w+)$", swift, re.MULTILINE)


@pytest.mark.parametrize("dataclass", [EvalRecord, Message, Step])
def test_records_have_the_fields_of_the_schema(dataclass):
    assert names(dataclass) == SCHEMA[dataclass.__name__]["properties"].keys()


def test_results_have_fields_of_the_schema():
    failure = {"kind", "message", "traceback"}
    # For the breakdown, in OpenEnv's own form.
    breakdown = {"tree"}
    assert names(Result) - failure - breakdown < SCHEMA["ScoreResult"]["properties"].keys()
    assert failure < SCHEMA["Failure"]["properties"].keys()
    result = result_of({"reward": 1, "a": True, "b": float("nan")})
    for component in result.components:
        assert component.keys() <= SCHEMA["Component"]["properties"].keys()
        assert component["kind"] in SCHEMA["Component"]["properties"]["kind"]["enum"]


def test_the_schema_is_a_schema_and_takes_records():
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((REPOSITORY / "schemas/evalrec-1.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    valid = jsonschema.Draft202012Validator(schema).is_valid
    assert valid(RECORD)
    assert not valid(RECORD | {"unknown": 1})
    assert not valid({"steps": []})
    assert not valid(RECORD | {"steps": [{"action": 1}]})


RECORD = {
    "schema": "evalrec/1",
    "id": "r1",
    "group": {"id": "g", "index": 0, "size": 4},
    "prompt": [{"role": "user", "content": "What?"}],
    "messages": [{"role": "assistant", "content": [{"type": "text", "text": "So."}], "sampled": True}],
    "steps": [
        {"index": 0, "observation": {"a": 1}, "info": {"reset_request": {"seed": 1}}},
        {"index": 1, "action": 0, "observation": [], "reward": 0.0, "done": False, "messages": [0, 1]},
    ],
    "reward_semantics": "delta",
    "answer": ["a", "b"],
    "info": {"anything": None},
    "source": {"format": "x", "line": 3, "raw": {"native": 1}},
}


def test_records_survive_the_way_there_and_back():
    assert EvalRecord.from_json(RECORD).to_json() == RECORD


def test_unknown_fields_survive_too():
    record = RECORD | {"x": 1, "steps": [{"index": 1, "y": 2}], "prompt": [{"role": "user", "z": 3}]}
    assert EvalRecord.from_json(record).to_json() == record


def test_reading_is_lenient():
    assert EvalRecord.from_json({}).to_json() == {"schema": "evalrec/1"}
    assert EvalRecord.from_json({"steps": None}).step is None


def test_settings_are_the_same_everywhere():
    assert names(Settings) == _FORMS.keys() == {*DECLARABLE, "args"}


def test_built_in_adapters_are_entry_points_too():
    tomllib = pytest.importorskip("tomllib", reason="from Python 3.11 on")
    project = tomllib.loads((ADAPTERS / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["rewardbridge.adapters"] == {name: each.adapter for name, each in BUILT_IN.items()}
    assert project["version"] == rewardbridge.__version__
    assert all(callable(find(name)) for name in BUILT_IN)
