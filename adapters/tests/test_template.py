"""examples/adapter-template, as a third party would install it: into an environment, found by its entry point."""

import json
import shutil
import subprocess
import sys
import venv

import pytest
from harness import ADAPTERS, REPOSITORY, Worker

TEMPLATE = REPOSITORY / "examples" / "adapter-template"


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """Of an environment with the template."""
    folder = tmp_path_factory.mktemp("template")
    copy = shutil.copytree(TEMPLATE, folder / "source", ignore=shutil.ignore_patterns("build", "*.egg-info", ".venv"))
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", copy]
    installed = subprocess.run(command, capture_output=True, text=True)
    if "No matching distribution found for setuptools" in installed.stderr:
        pytest.skip("no package index can be reached, which pip needs to build the package")
    assert installed.returncode == 0, installed.stderr
    return str(python)


@pytest.fixture
def worker(python, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", python)
    shutil.copy(TEMPLATE / "words.txt", tmp_path)
    worker = Worker(tmp_path)
    yield worker
    worker.end()


def test_it_scores(worker):
    answer = worker.load("words.txt", "keywords", args={"ignore_case": True})
    assert answer["type"] == "loaded", answer
    description = answer["description"]
    assert description["needs"] == ["completion"] and description["range"] == [0.0, 1.0]
    assert "rewardbridge-keywords" in [each["name"] for each in description["distributions"]]
    records = [json.loads(line) for line in (TEMPLATE / "records.jsonl").read_text().splitlines()]
    outcomes = [worker.score(record, call) for call, record in enumerate(records, 1)]
    assert [each["reward"] for each in outcomes] == [1.0, 0.5]
    assert outcomes[1]["components"][1] == {
        "path": "France",
        "kind": "reward",
        "value": 0.0,
        "weight": 0.5,
        "raw": 0.0,
    }


def test_it_refuses(worker):
    answer = worker.load("words.txt", "keywords", args={"ignore_cas": True})
    assert (answer["type"], answer["hint"]) == ("refused", "did you mean 'ignore_case'?")


def test_it_is_listed(python):
    listed = subprocess.run(
        [python, "-m", "rewardbridge.catalogue"], capture_output=True, check=True, env={"PYTHONPATH": str(ADAPTERS)}
    )
    names = {each["name"]: each for each in json.loads(listed.stdout)["adapters"]}
    assert names["keywords"] == {"name": "keywords", "adapter": "rewardbridge_keywords:KeywordsAdapter"}


def test_its_own_tests(python):
    """They need pytest only; this interpreter's own is lent to them."""
    site = str(next(path for path in map(str, sys.path) if path.endswith("site-packages")))
    ran = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(TEMPLATE / "tests")],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": f"{ADAPTERS}:{site}", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert ran.returncode == 0 and "5 passed" in ran.stdout, ran.stdout + ran.stderr
