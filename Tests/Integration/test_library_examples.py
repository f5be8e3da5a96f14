"""The examples of libraries, as a user runs them: in the environments that scripts/test-libraries.sh makes."""

import json
import sys

import pytest

from support.bridge import command
from support.process import ROOT

# The stub of a judge that the adapters' tests use.
sys.path.append(str(ROOT / "adapters" / "tests" / "libraries"))
from judge import Judge  # noqa: E402

EXAMPLES = ROOT / "examples"
LIBRARIES = ROOT / ".libraries"

# What each record is worth; None has no score.
WORTH = {
    "atropos": [2.0, 1.0, 0.0],
    "command": [1.0, 0.0],
    "eval_protocol": [1.0, 0.5, None],
    "harbor": [1.0, 0.0],
    "inspect": [1.0, 0.5, 0.0],
    "math_verify": [1.0, 0.0, 1.0],
    "open_instruct": [1.0, 0.0],
    "openreward": [1.0, 0.5, None],
    "openrlhf": [1.0, 0.0],
    "reasoning_gym": [1.0, 0.05, 0.01],
    "reward_kit": [1.0, 0.5, None],
    "rewardkit": [1.0, 0.25],
    "skyrl_gym": [1.04, 0.08],
    "trl": [1.0, 0.0, None],
    "verifiers": [1.0, 0.0, 0.75],
    "verifiers_v1": [1.0, 0.0, 0.75],
    "verl": [1.0, 0.1, 0.0],
}


def environment(name):
    if not (LIBRARIES / name / "bin" / "python").exists():
        pytest.skip(f"no environment .libraries/{name}: make libraries")
    return LIBRARIES / name


def check(rubric, records, state, *options):
    done = command("check", rubric, "--records", records, "--json", "--state", state, *options)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines, done.stderr
    return lines[1:]


@pytest.mark.parametrize("name", WORTH)
def test_the_example_of_a_library(name, tmp_path):
    folder = EXAMPLES / "libraries" / name
    lines = check(folder / "rubric.yaml", folder / "records.jsonl", tmp_path, "--python", environment(name))
    assert [line["reward"] for line in lines] == WORTH[name]


def test_three_libraries_make_one_number(tmp_path):
    rubric = (EXAMPLES / "mixed" / "rubric.yaml").read_text()
    for name, library in {"trl": "trl", "verifiers": "verifiers_v1"}.items():
        rubric = rubric.replace(f"python: {name}\n", f"python: {environment(library)}\n")
    for file in ("format.py", "my_env.py"):
        (tmp_path / file).write_text((EXAMPLES / "mixed" / file).read_text())
    (tmp_path / "rubric.yaml").write_text(rubric)
    lines = check(tmp_path / "rubric.yaml", EXAMPLES / "mixed" / "records.jsonl", tmp_path / "state")
    assert [line["reward"] for line in lines] == [1.0, 0.2, 0.0, 0.8 * 1.0 + 0.2 * 0.5]
    told = {each["path"]: each for each in lines[0]["components"]}
    assert told["accuracy"]["library"].startswith("trl 1.") and told["style"]["library"].startswith("verifiers 0.4")
    assert lines[0]["metrics"] == {"style.length": 31.0}
    unboxed = {each["path"]: each for each in lines[2]["components"]}
    assert [unboxed[name]["reason"] for name in ("accuracy", "style")] == ["not called"] * 2


def test_a_group_is_scored_together(tmp_path):
    rubric = f"python:{EXAMPLES}/mixed/group.py:brevity"
    [line] = check(rubric, EXAMPLES / "mixed" / "group.jsonl", tmp_path)
    assert [each["reward"] for each in line["members"]] == [1.0, 0.0, 14 / 18]


def test_a_judge_answers_through_the_bridge(tmp_path, monkeypatch):
    """The library's own prompts, a stub in place of the model, and the gate between them."""
    monkeypatch.setenv("REAL_KEY", "secret")
    folder = EXAMPLES / "libraries" / "rubric"
    rubric = (folder / "rubric.yaml").read_text().replace("env: [JUDGE_URL]", "judges: {JUDGE_URL: grader}")
    (tmp_path / "rubric.yaml").write_text(rubric)
    (tmp_path / "quality.yaml").write_text((folder / "quality.yaml").read_text())
    with Judge(says) as model:
        (tmp_path / "bridge.yaml").write_text(f"judges: {{grader: {{url: '{model.url}', key_from: REAL_KEY}}}}\n")
        options = ["--python", environment("rubric"), "--config", tmp_path / "bridge.yaml"]
        lines = check(tmp_path / "rubric.yaml", folder / "records.jsonl", tmp_path / "state", *options)
        assert {headers["authorization"] for headers in model.headers} == {"Bearer secret"}
    assert [line["reward"] for line in lines] == [1.0, 0.25]
    assert [line["metrics"]["judge_calls"] for line in lines] == [3.0, 3.0]
    assert [component["raw"] for component in lines[1]["components"]] == ["UNMET", "MET", "UNMET"]


def says(question):
    """Criteria of an answer that holds 144 are met, but for the false product; of others the second one is."""
    is_right, is_second = "= 144" in question, "shows how" in question
    met = "false product" not in question and (is_right or is_second)
    return json.dumps({"criterion_status": "MET" if met else "UNMET", "explanation": ""})
