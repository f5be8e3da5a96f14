"""Rubrics in the bridge's own process: the same numbers as in workers, and what a runaway one takes with it."""

import json
import subprocess
import time

import pytest
import yaml

from support.bridge import BINARY, command
from support.client import RawClient, reset, step
from support.deadline import eventually
from support.environment import PYTHON
from support.process import ROOT

EXAMPLES = {"brevity.py:brevity": {}, "exact_match.py:exact_match": {}, "novelty.py:Novelty": {"args": {"decay": 0.25}}}

OWN = '''
import asyncio
import random

def by_hash(action, observation):
    """Its number depends on the order in which a set of strings is walked."""
    words = {f"word {number}" for number in range(100)}
    return sum(index * len(word) for index, word in enumerate(words)) + hash(next(iter(words))) % 1000

def parts(action, observation):
    return {"reward": len(action["message"]) / 3, "format": True, "note": "ok", "nan": float("nan")}

def refuses(action, observation):
    return {"reward": None}

def raises(action, observation):
    raise ValueError("no digits")

async def waits(action, observation):
    await asyncio.sleep(0.01)
    return 0.1 + 0.2

class Remembers:
    def __init__(self):
        self.steps = 0
    async def score(self, action, observation):
        await asyncio.sleep(0)
        self.steps += 1
        return self.steps / 7
'''

OPENENV = """
import asyncio

from openenv.core.rubrics import Rubric, TrajectoryRubric, WeightedSum


class Length(Rubric):
    def forward(self, action, observation):
        return min(len(action.message) / 10, 1.0)


class Slow(Rubric):
    async def forward(self, action, observation):
        await asyncio.sleep(0.001)
        return 0.1 + 0.2


class Tree(Rubric):
    def __init__(self):
        super().__init__()
        self.sum = WeightedSum([Length(), Length()], weights=[0.3, 0.7])

    def forward(self, action, observation):
        return self.sum(action, observation)
"""

RUNAWAY = '''
import time

def score(action, observation):
    if action["message"] == "loop":
        while True:
            pass
    while action["message"] == "stuck":
        try:
            time.sleep(0.01)
        except:
            pass
    return len(action["message"]) / 10
'''

QUICK = {"call_timeout": "300ms", "wedged_after": "1s"}


@pytest.fixture
def embedded(bridges, probe, tmp_path):
    """A bridge that embeds RUNAWAY."""

    def start(**declared):
        (tmp_path / "runaway.py").write_text(RUNAWAY)
        rubric = tmp_path / "runaway.yaml"
        rubric.write_text(yaml.safe_dump({"component": "python:runaway.py:score", "bounded": True, **declared}))
        environment = {"url": probe, "rubric": str(rubric), "python": str(PYTHON), "runtime": "embedded"}
        return bridges({"environment": environment}, embedded=QUICK)

    return start


def check(runtime, rubric, records, folder):
    found = command(
        "check", rubric, "--python", PYTHON, "--runtime", runtime, "--records", records, "--json", "--state",
        folder / "state",
    )  # fmt: skip
    lines = [json.loads(line) for line in found.stdout.splitlines()]
    assert len(lines) == 1 + len(records.read_text().splitlines()), found.stderr
    for line in lines[1:]:
        # A traceback's text names lines of the bridge's own code, which differ.
        line["message"] = line["message"] and line["message"].splitlines()[0]
    return lines[1:]


def records_file(folder):
    path = folder / "records.jsonl"
    words = ["", "a", "ten chars!", "déjà vu 日本", "x" * 1000, "a"]
    with path.open("w") as file:
        for index, word in enumerate(words):
            steps = [
                {"index": 1, "action": {"message": word}, "observation": {"n": index}, "reward": None, "done": False}
            ]
            said = {"role": "assistant", "content": word, "sampled": True}
            record = {"schema": "evalrec/1", "steps": steps, "messages": [said], "answer": "a"}
            file.write(json.dumps(record) + "\n")
    return path


@pytest.mark.parametrize("name", ["Tree", "Slow"])
def test_both_runtimes_give_the_same_results_of_openenv(tmp_path, name):
    (tmp_path / "trees.py").write_text(OPENENV)
    rubric = tmp_path / "rubric.yaml"
    rubric.write_text(yaml.safe_dump({"component": f"openenv:trees.py:{name}", "bounded": True, "types": "json"}))
    results = [check(runtime, rubric, records_file(tmp_path), tmp_path) for runtime in ("worker", "embedded")]
    assert results[0] == results[1]
    assert all(line["status"] == "scored" for line in results[0])


@pytest.mark.parametrize("target", [*EXAMPLES, *(f"own.py:{name}" for name in (
    "by_hash", "parts", "refuses", "raises", "waits", "Remembers",
))])  # fmt: skip
def test_both_runtimes_give_the_same_results(tmp_path, target):
    file = target.partition(":")[0]
    code = OWN if file == "own.py" else (ROOT / "examples" / "rewards" / file).read_text()
    (tmp_path / file).write_text(code)
    rubric = tmp_path / "rubric.yaml"
    rubric.write_text(yaml.safe_dump({"component": f"python:{target}", "bounded": True, **EXAMPLES.get(target, {})}))
    records = records_file(tmp_path)
    results = [check(runtime, rubric, records, tmp_path) for runtime in ("worker", "embedded")]
    assert results[0] == results[1]
    assert any(line["reward"] is not None or line["kind"] for line in results[0])


def test_steps_are_scored_live(embedded):
    bridge = embedded()
    with RawClient(bridge.url) as client:
        for _ in range(3):
            client.call(reset())
            assert [client.call(step("x" * n))["data"]["reward"] for n in (1, 2, 3)] == [0.1, 0.2, 0.3]
    assert [row["reward"] for row in bridge.rows(9)] == [0.1, 0.2, 0.3] * 3
    assert bridge.stop() == 0


def test_a_loop_is_ended_and_others_go_on(embedded):
    bridge = embedded()
    with RawClient(bridge.url) as looping, RawClient(bridge.url) as other:
        looping.call(reset())
        other.call(reset())
        started = time.monotonic()
        looping.send(step("loop"))
        assert other.call(step("ok"))["data"]["reward"] == 0.2
        assert json.loads(looping.receive())["data"]["code"] == "REWARD_FAILED"
        assert time.monotonic() - started < 5
        looping.call(reset())
        assert looping.call(step("ok"))["data"]["reward"] == 0.2
    assert sorted(str(row["kind"]) for row in bridge.rows(3)) == ["None", "None", "timeout"]


def test_a_call_that_cannot_be_ended_takes_the_interpreter_and_not_the_bridge(embedded):
    bridge = embedded()
    with RawClient(bridge.url) as stuck, RawClient(bridge.url) as other:
        stuck.call(reset())
        other.call(reset())
        assert stuck.call(step("stuck"))["data"]["code"] == "REWARD_FAILED"
        assert other.call(step("ok"))["data"]["code"] == "REWARD_FAILED"
        eventually(lambda: "given up" in bridge.process.output, "a line in the log")
        assert other.call({"type": "state"})["type"] == "state"
    assert {row["kind"] for row in bridge.rows(2)} == {"timeout", "wedged"}
    assert bridge.stop() == 0


def test_a_rubric_that_runs_anywhere_moves_to_workers(embedded):
    bridge = embedded(placement_free=True)
    with RawClient(bridge.url) as stuck, RawClient(bridge.url) as other:
        stuck.call(reset())
        other.call(reset())
        assert other.call(step("ok"))["data"]["reward"] == 0.2
        assert stuck.call(step("stuck"))["data"]["code"] == "REWARD_FAILED"
        assert [other.call(step("x" * n))["data"]["reward"] for n in (1, 2, 3)] == [0.1, 0.2, 0.3]
    labels = [row["labels"] for row in bridge.rows(5) if row["status"] == "scored"]
    assert labels == [None, *[{"placement": "worker"}] * 3]
    assert bridge.stop() == 0


def test_only_what_is_declared_bounded_is_embedded(tmp_path):
    (tmp_path / "rewards.py").write_text("def score(action, observation): return 1.0\n")
    done = command(
        "check", "python:rewards.py:score", "--python", PYTHON, "--runtime", "embedded", cwd=tmp_path
    )  # fmt: skip
    assert done.returncode == 2
    assert "does not declare that its calls are short" in done.stderr and "hint: " in done.stderr


def test_the_command_does_not_link_python():
    linked = subprocess.run(["ldd", BINARY], capture_output=True, text=True, check=True).stdout
    assert "libc.so" in linked and "python" not in linked
