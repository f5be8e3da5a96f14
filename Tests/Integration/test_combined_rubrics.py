"""Rubrics of several components: each in its own virtual environment and runtime, joined into one number."""

import json
import subprocess
import sys

import pytest
import yaml

from support.bridge import command
from support.client import RawClient, reset, step
from support.deadline import eventually
from support.environment import PYTHON

# Each venv has a module of the same name and another content, which no single Python could hold.
LIBRARY = "FACTOR = {factor}\n"

ACCURACY = """
import os

import whoami

def score(action, observation):
    if action["message"] == "die":
        os._exit(3)
    return whoami.FACTOR * len(action["message"])
"""

STYLE = """
import os

import whoami

def score(action, observation):
    if action["message"] == "fall":
        os._exit(3)
    return {"reward": whoami.FACTOR * len(action["message"]), "note": "fine", "upper": action["message"].isupper()}
"""

FORMAT = """
def score(action, observation):
    return float(not action["message"].startswith("!"))

def length(action, observation):
    return float("nan") if action["message"] == "nan" else len(action["message"])
"""


def venv(folder, name, factor):
    """A bare virtual environment with one module."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / name], check=True, timeout=120)
    [packages] = (folder / name).glob("lib/python*/site-packages")
    (packages / "whoami.py").write_text(LIBRARY.format(factor=factor))
    return f"./{name}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mixed")
    for name, code in {"accuracy": ACCURACY, "style": STYLE, "form": FORMAT}.items():
        (folder / f"{name}.py").write_text(code)
    rubric = {
        "combine": "weighted_sum",
        "of": [
            {"component": "python:form.py:score", "name": "format", "role": "gate", "bounded": True,
             "runtime": "embedded", "python": str(PYTHON)},
            {"component": "python:accuracy.py:score", "name": "accuracy", "weight": 0.75,
             "python": venv(folder, "one", 1)},
            {"component": "python:style.py:score", "name": "style", "weight": 0.25, "on_absent": "skip",
             "python": venv(folder, "ten", 10)},
            {"component": "python:form.py:length", "name": "length", "role": "metric", "python": str(PYTHON)},
        ],
    }  # fmt: skip
    (folder / "mixed.yaml").write_text(yaml.safe_dump(rubric))
    return folder


@pytest.fixture
def bridge(bridges, folder, probe):
    environment = {"url": probe, "rubric": str(folder / "mixed.yaml"), "breakdown": True}
    return bridges({"environment": environment}, worker={"workers": 1, "spares": 0, "restart": {"initial": "10ms"}})


def components(row):
    return {each["path"]: each for each in row["components"]}


def test_three_environments_and_two_runtimes_make_one_number(bridge):
    with RawClient(bridge.url) as client:
        client.call(reset())
        data = client.call(step("four"))["data"]
        assert data["reward"] == 0.75 * 4 + 0.25 * 40
        told = data["metadata"]["rewardbridge"]
        assert told["rubric_scores"] == {
            "mixed": 13.0, "format": 1.0, "accuracy": 4.0, "style": 40.0, "style.upper": 0.0, "length": 4.0,
        }  # fmt: skip
        assert [node["name"] for node in told["tree"]] == ["root"] + [
            f"root.{name}" for name in ("format", "accuracy", "style", "length")
        ]
    [row] = bridge.rows(1)
    parts = components(row)
    assert {name: each.get("contribution") for name, each in parts.items()} == {
        "format": None, "accuracy": 3.0, "style": 10.0, "style.upper": None, "length": None,
    }  # fmt: skip
    assert parts["style"]["raw"] == 40.0 and parts["style"]["labels"] == {"note": "fine"}
    assert all(each["library"].startswith("python 3.") for name, each in parts.items() if "." not in name)
    assert parts["accuracy"]["run_us"] >= 0


def test_a_gate_saves_the_calls_behind_it(bridge):
    with RawClient(bridge.url) as client:
        client.call(reset())
        assert client.call(step("!four"))["data"]["reward"] == 0.0
    [row] = bridge.rows(1)
    parts = components(row)
    assert parts["format"]["value"] == 0.0
    assert [parts[name]["reason"] for name in ("accuracy", "style", "length")] == ["not called"] * 3


def test_a_metric_that_is_no_number_never_reaches_the_total(bridge):
    with RawClient(bridge.url) as client:
        client.call(reset())
        assert client.call(step("nan"))["data"]["reward"] == 0.75 * 3 + 0.25 * 30
    [row] = bridge.rows(1)
    assert components(row)["length"]["failure"]["kind"] == "not_finite"


def test_a_worker_that_dies_fails_its_component_alone(bridge):
    with RawClient(bridge.url) as client:
        client.call(reset())
        assert client.call(step("die"))["data"]["code"] == "REWARD_FAILED"
        client.call(reset())
        eventually(lambda: client.call(reset()) and client.call(step("ok"))["data"].get("reward"), "a new worker")
    failed = bridge.rows(2)[0]
    assert failed["kind"] == "crash" and failed["message"].startswith("accuracy: ")
    assert components(failed)["style"]["value"] == 30.0


def test_a_component_that_may_be_absent_is_left_out_when_its_worker_dies(bridge):
    with RawClient(bridge.url) as client:
        client.call(reset())
        assert client.call(step("fall"))["data"]["reward"] == 0.75 * 4 * (1 / 0.75)
    [row] = bridge.rows(1)
    assert components(row)["style"]["failure"]["kind"] == "crash"


def test_check_tells_what_is_combined(folder, tmp_path):
    records = tmp_path / "records.jsonl"
    lines = [{"schema": "evalrec/1", "steps": [{"index": 1, "action": {"message": word}, "observation": {}}]}
             for word in ("four", "!x")]  # fmt: skip
    records.write_text("\n".join(map(json.dumps, lines)))
    done = command("check", folder / "mixed.yaml", "--records", records, "--json", "--state", tmp_path / "state")
    assert done.returncode == 0, done.stderr
    description, *results = map(json.loads, done.stdout.splitlines())
    assert description["unit"] == "step" and description["deterministic"] is None
    assert [each["reward"] for each in results] == [13.0, 0.0]


def test_components_of_two_units_do_not_combine(folder, tmp_path):
    whole = {"component": "python:form.py:whole", "unit": "episode"}
    rubric = {"combine": "mean", "of": ["python:form.py:score", whole]}
    (tmp_path / "form.py").write_text(FORMAT + "\ndef whole(record):\n    return 1.0\n")
    (tmp_path / "two.yaml").write_text(yaml.safe_dump(rubric))
    done = command("check", tmp_path / "two.yaml", "--python", PYTHON, "--state", tmp_path / "state")
    assert done.returncode == 2 and "one scores by the step, the other by the episode" in done.stderr, done.stderr


@pytest.mark.parametrize("method, shares", [
    ({"credit": "final"}, [0.0, 0.0, 6.0]), ({"credit": "equal"}, [2.0, 2.0, 2.0]),
    ({"credit": "discounted", "discount": 0.5}, [1.5, 3.0, 6.0]),
])  # fmt: skip
def test_an_episode_s_score_is_handed_down(bridges, probe, tmp_path, method, shares):
    (tmp_path / "whole.py").write_text("def score(record):\n    return 2.0 * (len(record.steps) - 1)\n")
    rubric = {"component": "python:whole.py:score", "unit": "episode", **method}
    (tmp_path / "whole.yaml").write_text(yaml.safe_dump(rubric))
    environment = {"url": probe, "rubric": str(tmp_path / "whole.yaml"), "python": str(PYTHON)}
    bridge = bridges({"environment": environment}, worker={"workers": 1, "spares": 0})
    with RawClient(bridge.url) as client:
        client.call(reset())
        for _ in range(3):
            client.call(step("x"))
        client.call(reset())

    def credits():
        rows = bridge.show(bridge.sessions()[0]["session"])["outcomes"]
        found = [row["reward"] for row in rows if row["purpose"] == "credit"]
        return found if len(found) == 3 else None

    assert eventually(credits, "three rows of credit") == shares
