"""`check --self-test`: what a rubric promises is held against what it does, and what it does not promise is noted."""

import json

import pytest
import yaml

from support.bridge import command
from support.environment import PYTHON

CODE = '''
import asyncio
import math
import os
import signal
import time

from rewardbridge import rubric


@rubric(shape="text", range=[0, 1], deterministic=True)
def good(completion, answer):
    return {"reward": float(completion.strip() == answer), "length": len(completion)}


calls = 0

@rubric(shape="text")
def counts(completion):
    global calls
    calls += 1
    return calls

@rubric(shape="text", deterministic=True)
def counts_in_a_part(completion):
    return {"reward": 1, "calls": counts(completion)}

START = time.monotonic_ns()

@rubric(shape="text", deterministic=True)
def differs_by_process(completion):
    return START


@rubric(shape="text", deterministic=True)
def alarmed(completion, answer):
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(3)
    return float(answer in completion)


@rubric(shape="text", range=[0, 1])
def beyond(completion, answer):
    return 2.0 if completion == "Rome" else 1.0


@rubric(shape="text")
def constant(completion):
    return 0.5


@rubric(shape="text", range=[0, 1])
def likes_nothing(completion, answer):
    return float(not completion or completion == answer)


@rubric(shape="text", range=[0, 1])
def dies(completion, answer):
    if not completion.strip() or len(completion) > 1000:
        os._exit(3)
    return float(completion == answer)


@rubric(shape="text")
def odd(completion):
    return {"Paris": math.nan, "Rome": None}.get(completion, 1.0)


@rubric(shape="record", needs=["messages"])
def peeks(record):
    return float(record.messages[-1].content == record.answer)


def lenient(action, observation):
    return float(len(action["message"]))


@rubric(shape="text")
async def later(completion, answer):
    await asyncio.sleep(0)
    return float(completion == answer)


class Said:
    """How many steps of the episode: each record is one of its own."""
    steps = 0
    def score(self, action, observation):
        self.steps += 1
        return float(self.steps == 1 and action["message"] == "Paris")


@rubric(bounded=True)
def short(action, observation):
    return float(action["message"] == "Paris")


def slow(action, observation):
    time.sleep(0.6 if action["message"] == "Rome" else 0)
    return float(action["message"] == "Paris")
'''


def record(completion, answer="Paris"):
    return {
        "schema": "evalrec/1",
        "prompt": [{"role": "user", "content": "Capital of France?"}],
        "messages": [{"role": "assistant", "content": completion, "sampled": True}],
        "answer": answer,
        "steps": [{"index": 1, "action": {"message": completion}, "observation": {}, "reward": 0.0, "done": True}],
    }


def write(path, *records):
    path.write_text("".join(json.dumps(each) + "\n" for each in records))
    return path


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "rewards.py").write_text(CODE)
    write(tmp_path / "records.jsonl", record("Paris"), record("Rome"), record("Lyon"))
    return tmp_path


@pytest.fixture
def run(folder):
    """`run("python:rewards.py:good", ...)`: the exit status and the probes by name."""

    def self_test(rubric, *more, records="records.jsonl"):
        options = ["--records", records, "--self-test", "--json", "--state", "state", "--python", PYTHON]
        done = command("check", rubric, *options, *more, cwd=folder)
        assert done.returncode in (0, 1) and done.stdout, done.stderr
        [line] = done.stdout.splitlines()
        report = json.loads(line)
        assert report["passed"] == (done.returncode == 0)
        assert report["description"]["unit"] == "step"
        return done.returncode, {each["name"]: each for each in report["probes"]}

    return self_test


def verdicts(probes, *verdicts):
    return {name for name, probe in probes.items() if probe["verdict"] in verdicts}


def test_a_good_rubric_passes(run):
    status, probes = run("python:rewards.py:good")
    assert status == 0
    assert verdicts(probes, "failed", "noted", "skipped") <= {"placement"}
    assert probes["again"]["figure"] == probes["second_worker"]["figure"] == "3/3 the same"
    assert probes["second_thread"]["figure"] == "3/3 the same"
    assert probes["floor"]["figure"] == "9/9 at the bottom"
    assert "unscored(needs) 6" in probes["absent"]["explanation"]
    assert "MiB" in probes["load"]["figure"] and "median" in probes["time"]["figure"]


def test_people_read_a_table(folder):
    options = ["--records", "records.jsonl", "--self-test", "--state", "state", "--python", PYTHON]
    done = command("check", "python:rewards.py:good", *options, cwd=folder)
    description, table = done.stdout.split("\n\n")
    assert description.startswith("rubric    good\n") and done.returncode == 0
    titles, *rows = table.splitlines()
    assert titles.split() == ["PROBE", "VERDICT", "FIGURE", "FINDING"]
    assert [row.split()[:2] for row in rows[1:5]] == [
        ["outcomes", "passed"],
        ["again", "passed"],
        ["second_worker", "passed"],
        ["second_thread", "passed"],
    ]


def test_a_counter_is_noted(run):
    status, probes = run("python:rewards.py:counts")
    assert status == 0
    assert {"again", "second_worker", "second_thread"} <= verdicts(probes, "noted")
    assert probes["again"]["explanation"].startswith("line 1: 1.0 and 4.0")
    # Nothing is said of an answer that cannot have been the reason.
    assert probes["absent"]["verdict"] == "passed"


def test_a_counter_that_is_declared_deterministic_fails(run):
    status, probes = run("python:rewards.py:counts_in_a_part")
    assert status == 1
    assert verdicts(probes, "failed") == {"again", "second_worker"}
    assert "another component 'calls'" in probes["again"]["explanation"]


def test_each_worker_is_loaded_anew(run):
    status, probes = run("python:rewards.py:differs_by_process")
    assert status == 1
    assert probes["again"]["verdict"] == "passed" and probes["second_worker"]["verdict"] == "failed"


def test_what_needs_the_main_thread_is_noted(run):
    """Not failed, for in the bridge all calls come on the main thread."""
    status, probes = run("python:rewards.py:alarmed")
    assert status == 0
    assert probes["second_thread"]["verdict"] == "noted"
    assert "signal only works in main thread" in probes["second_thread"]["explanation"]
    assert probes["again"]["verdict"] == probes["second_worker"]["verdict"] == "passed"


def test_out_of_range(run):
    status, probes = run("python:rewards.py:beyond")
    assert status == 1
    assert verdicts(probes, "failed") == {"range"}
    assert probes["range"]["explanation"] == "outside of [0.0, 1.0]: line 2"
    assert "failed(out_of_range): line 2" in probes["outcomes"]["explanation"]


def test_a_constant(run):
    status, probes = run("python:rewards.py:constant")
    assert status == 0
    assert probes["sensitivity"]["verdict"] == "noted" and "0.5" in probes["sensitivity"]["explanation"]
    assert probes["range"]["verdict"] == "noted" and probes["range"]["figure"] == "[0.5, 0.5]"


def test_a_reward_for_nothing(run, folder):
    status, probes = run("python:rewards.py:likes_nothing")
    assert status == 0
    assert probes["floor"]["verdict"] == "noted" and "an empty text in line 1: 1.0" in probes["floor"]["explanation"]
    write(folder / "bad.jsonl", record("Berlin"), record(""))
    status, probes = run("python:rewards.py:likes_nothing", "--floor", "bad.jsonl")
    assert status == 1
    assert probes["floor"]["verdict"] == "failed"
    assert probes["floor"]["explanation"] == "not at the range's lower end 0.0: line 2: 1.0"


def test_known_good_records(run, folder):
    write(folder / "good.jsonl", record("Paris"), record(" Paris\n"))
    status, probes = run("python:rewards.py:good", "--oracle", "good.jsonl")
    assert status == 0 and probes["oracle"]["figure"] == "2/2 at the top"
    write(folder / "good.jsonl", record("Paris"), record("It is Paris."))
    status, probes = run("python:rewards.py:good", "--oracle", "good.jsonl")
    assert status == 1 and "line 2: 0.0" in probes["oracle"]["explanation"]


def test_a_crash_ends_no_probe_but_its_own(run, folder):
    status, probes = run("python:rewards.py:dies")
    assert status == 0
    assert "failed(crash)" in probes["floor"]["explanation"] and probes["floor"]["figure"] == "0/9 at the bottom"
    # Those after it had a worker again.
    assert probes["absent"]["verdict"] == "passed" and "unscored(needs) 6" in probes["absent"]["explanation"]
    assert probes["second_worker"]["figure"] == "3/3 the same"
    write(folder / "deadly.jsonl", record(""), record("Paris"))
    status, probes = run("python:rewards.py:dies", records="deadly.jsonl")
    assert status == 0
    assert probes["outcomes"]["explanation"] == "failed(crash): line 1"
    assert probes["second_thread"]["figure"] == "2/2 the same"


ONCE = '''
import os

os.close(os.open("{marker}", os.O_CREAT | os.O_EXCL))

def score(action, observation):
    return 1.0
'''


def test_a_rubric_that_can_be_loaded_once(run, folder):
    (folder / "once.py").write_text(ONCE.format(marker=folder / "marker"))
    status, probes = run("python:once.py:score", "--sandbox", "off")
    assert status == 0
    assert probes["again"]["verdict"] == "passed"
    for name in ("second_worker", "second_thread"):
        assert probes[name]["verdict"] == "noted" and "FileExistsError" in probes[name]["explanation"]
    assert probes["placement"]["verdict"] == "noted" and "no sandbox" in probes["placement"]["explanation"]


def test_what_is_no_number_is_listed(run):
    status, probes = run("python:rewards.py:odd")
    assert status == 0 and probes["outcomes"]["figure"] == "1/3 scored"
    assert probes["outcomes"]["explanation"] == "failed(not_finite): line 1; unscored(abstained): line 2"
    assert probes["sensitivity"]["verdict"] == "skipped"


def test_an_answer_that_is_read_without_a_word(run):
    status, probes = run("python:rewards.py:peeks")
    assert status == 0
    assert probes["absent"]["verdict"] == "noted"
    assert "1.0 becomes 0.0 without answer in line 1" in probes["absent"]["explanation"]


def test_asynchronous_calls_have_no_second_thread(run):
    status, probes = run("python:rewards.py:later")
    assert status == 0
    assert probes["second_thread"]["verdict"] == "skipped" and "asynchronous" in probes["second_thread"]["explanation"]


def test_each_record_is_an_episode(run):
    status, probes = run("python:rewards.py:Said")
    assert status == 0
    assert {"again", "second_worker", "second_thread"} <= verdicts(probes, "passed")


def test_long_calls_are_noted(run, folder):
    def within(call_timeout):
        options = {"environment": {"url": "http://127.0.0.1:9"}, "worker": {"call_timeout": call_timeout}}
        (folder / "bridge.yaml").write_text(yaml.safe_dump(options))
        status, probes = run("python:rewards.py:slow", "--config", "bridge.yaml")
        assert status == 0
        return probes["time"]

    assert within("1s")["verdict"] == "noted"
    assert within("200ms")["explanation"] == "out of time: line 2"
    assert within("60s")["verdict"] == "passed"


def test_an_embedded_rubric(run):
    status, probes = run("python:rewards.py:short", "--runtime", "embedded")
    assert status == 0
    assert probes["placement"]["figure"] == "embedded"
    assert verdicts(probes, "skipped") == {"load", "second_worker", "second_thread"}
    status, probes = run("python:rewards.py:short")
    assert "bounded" in probes["placement"]["explanation"]


TREE = {
    "combine": "weighted_sum",
    "of": [
        {"component": "python:rewards.py:good", "weight": 0.75},
        {"component": "python:rewards.py:later", "weight": 0.25, "range": [0, 1]},
    ],
}


def test_a_tree_of_two(run, folder):
    (folder / "tree.yaml").write_text(yaml.safe_dump({**TREE, "range": [0, 1]}))
    write(folder / "good.jsonl", record("Paris"))
    status, probes = run("tree.yaml", "--oracle", "good.jsonl")
    assert status == 0
    assert verdicts(probes, "failed", "noted", "skipped") <= {"placement"}
    assert probes["load"]["explanation"].startswith("good ") and "; later " in probes["load"]["explanation"]
    assert "not later: asynchronous" in probes["second_thread"]["explanation"]
    assert probes["oracle"]["explanation"] == "they reach the range's upper end 1.0"


def test_a_component_that_leaves_its_range_fails_the_tree(run, folder):
    beyond = {"component": "python:rewards.py:beyond", "weight": 0.25, "range": [0, 1], "on_absent": "skip"}
    (folder / "tree.yaml").write_text(yaml.safe_dump({"combine": "weighted_sum", "of": [TREE["of"][0], beyond]}))
    status, probes = run("tree.yaml")
    assert status == 1 and verdicts(probes, "failed") == {"range"}
    assert probes["range"]["explanation"] == "outside of a component's range: line 2"


WRONG = {
    "no records": (["--self-test"], "--records"),
    "an oracle without a test": (["--records", "records.jsonl", "--oracle", "records.jsonl"], "--self-test"),
    "an empty file": (["--records", "records.jsonl", "--self-test", "--oracle", "empty.jsonl"], "empty.jsonl"),
    "no such file": (["--records", "records.jsonl", "--self-test", "--floor", "nowhere.jsonl"], "nowhere.jsonl"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_options(name, folder):
    options, said = WRONG[name]
    (folder / "empty.jsonl").write_text("\n \n")
    done = command("check", "python:rewards.py:good", *options, "--state", "state", "--python", PYTHON, cwd=folder)
    assert done.returncode > 0 and said in done.stderr and not done.stdout
