"""The adapter `command` with real programs."""

import json
import os
import sys
import time

import pytest
from calls import made, score, values
from records import RECORDS

from rewardbridge.kinds import Kind
from rewardbridge.seam import LoadRefused

STEP = {"schema": "evalrec/1", "steps": [{"index": 1, "action": "go", "observation": {"x": 1}, "reward": 0.5}]}


@pytest.fixture
def program(root):
    """Writes a program of the version, and makes the component of it."""

    def make(code, target="./score.sh", shebang="#!/bin/sh", **settings):
        path = root / "score.sh"
        path.write_text(f"{shebang}\n{code}\n")
        path.chmod(0o755)
        return made(f"command:{target}", root, **settings)

    return make


@pytest.mark.parametrize(
    ("printed", "reward"), [("0.5", 0.5), (".5", 0.5), ("true", 1.0), ('{"score": 2}', 2.0), ("  1e-3\\n\\n", 0.001)]
)
def test_numbers(program, printed, reward):
    result = score(program(f"printf '{printed}'"), STEP)
    assert (result.status, result.reward) == ("scored", reward)


def test_the_parts_of_an_object(program):
    made = program("""echo '{"total": 0.5, "style": 0.1, "why": "good"}'""", reward_key="total")
    result = score(made, STEP)
    assert (result.reward, values(result), result.labels) == (0.5, {"style": 0.1}, {"why": "good"})


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        ("echo null", Kind.ABSTAINED, None),
        ("echo nan", Kind.NOT_FINITE, "nan"),
        ("echo -inf", Kind.NOT_FINITE, "-inf"),
        ("echo NaN", Kind.NOT_FINITE, "nan"),
        ("true", Kind.NOT_A_NUMBER, "the program printed nothing"),
        ("echo hello; echo 1", Kind.NOT_A_NUMBER, "'hello\n1', neither JSON nor a number"),
        ("""echo '"1"'""", Kind.NOT_A_NUMBER, "a str '1'"),
        ("echo 1; echo no cheese >&2; exit 3", Kind.VERIFIER_ERROR, "score.sh ended with 3: no cheese"),
        ("echo 1; kill -SEGV $$", Kind.VERIFIER_ERROR, "score.sh was ended by SIGSEGV"),
    ],
)
def test_no_score(program, code, kind, message):
    result = score(program(code), STEP)
    assert (result.kind, result.status, result.reward) == (kind, kind.status, None)
    assert message is None and result.message is None or message in result.message


def test_the_end_of_a_long_error_is_told(program):
    result = score(program("seq 100000 >&2; exit 1"), STEP)
    assert result.message.endswith("99999\n100000") and len(result.message) < 2000


def test_too_much_output(program, monkeypatch):
    monkeypatch.setattr("rewardbridge.calling.programs.OUTPUT_MAX", 1000)
    result = score(program("seq 100000"), STEP)
    assert result.kind is Kind.VERIFIER_ERROR and "more than 1000 bytes" in result.message


def test_output_without_an_end_is_ended(program, monkeypatch):
    monkeypatch.setattr("rewardbridge.calling.programs.FILE_MAX", 1_000_000)
    result = score(program("yes"), STEP)
    assert result.kind is Kind.VERIFIER_ERROR, result


def test_the_record_is_on_the_standard_input(program):
    code = "import json, sys; [s] = json.load(sys.stdin)['steps']; print(len(s['action']) + s['observation']['x'])"
    made = program(code, shebang=f"#!{sys.executable}")
    record = STEP | {"steps": [STEP["steps"][0] | {"action": "\ud800é" * 100_000}]}
    assert score(made, record).reward == 200_001.0


def test_the_body_text(program):
    made = program("cat >&2; exit 1", args={"body": "text", "needs": ["completion"]})
    told = score(made, RECORDS["wrong"]).message.partition("ended with 1: ")[2]
    assert json.loads(told) == {
        "completion": RECORDS["wrong"]["messages"][0]["content"],
        "info": {"difficulty": "easy"},
    }


def test_what_is_missing(program):
    result = score(program("echo 1", args={"body": "text"}), RECORDS["no gold"])
    assert (result.kind, result.message) == (Kind.NEEDS, "the record holds no answer")


def test_where_it_runs(program, root):
    made = program('echo "$PWD" "$HOME" "$TMPDIR" "$REWARDBRIDGE_ROOT" $(ls -A | wc -l) >&2; touch x; exit 1')
    for _ in range(2):
        folder, home, temporary, version, entries = score(made, STEP).message.split(": ")[1].split()
        assert folder == home == temporary and version == str(root.resolve()) and entries == "0"
        assert not os.path.exists(folder)


def test_arguments_and_files_of_the_version(root):
    (root / "words.txt").write_text("a\nb\n")
    made_ = made("command:wc -l './words.txt'", root)
    assert "words.txt', neither JSON" in score(made_, STEP).message
    (root / "score.py").write_text("import sys; print(len(sys.argv[1]))")
    assert score(made("command:python3 ./score.py 'a b  c'", root), STEP).reward == 6.0


def test_a_program_of_the_version_comes_before_one_of_the_path(root):
    (root / "true").write_text("#!/bin/sh\necho 7\n")
    (root / "true").chmod(0o755)
    assert score(made("command:true", root), STEP).reward == 7.0


def test_it_is_killed_with_all_that_it_started(program, tmp_path):
    beat = tmp_path / "beat"
    made = program(f"(while :; do date +%N > {beat}; sleep 0.01; done) & sleep 60", args={"timeout": 0.5})
    started = time.monotonic()
    result = score(made, STEP)
    assert result.kind is Kind.TIMEOUT and "ran longer than 0.5 s" in result.message
    assert time.monotonic() - started < 10
    assert is_still(beat)


def test_what_it_leaves_behind_neither_holds_it_up_nor_goes_on(program, tmp_path):
    beat = tmp_path / "beat"
    made = program(f"(while :; do date +%N > {beat}; sleep 0.01; done) & while ! [ -s {beat} ]; do :; done; echo 1")
    started = time.monotonic()
    assert score(made, STEP).reward == 1.0
    assert time.monotonic() - started < 3
    assert is_still(beat)


def is_still(file):
    """Nobody writes any more."""
    before = file.read_text()
    time.sleep(0.2)
    return file.read_text() == before


@pytest.mark.parametrize(
    ("target", "message", "hint"),
    [
        ("./scor.sh", "no file ./scor.sh", "did you mean './score.sh'?"),
        ("./plain.sh", "could not run ./plain.sh: it is not executable", "chmod +x ./plain.sh"),
        ("no-such-program", "no program no-such-program, neither", None),
        ("./score.sh ./words", "no file ./words", None),
        ("./../outside.sh", "lies outside", None),
        ("./score.sh 'a", "could not split", None),
    ],
)
def test_what_cannot_be_run_is_refused(root, target, message, hint):
    for name, mode in (("score.sh", 0o755), ("plain.sh", 0o644), ("../outside.sh", 0o755)):
        (root / name).write_text("#!/bin/sh\necho 1\n")
        (root / name).chmod(mode)
    with pytest.raises(LoadRefused) as refused:
        made(f"command:{target}", root)
    assert message in refused.value.message
    assert hint is None or refused.value.hint == hint


def test_a_file_that_is_no_program(root):
    (root / "score").write_bytes(b"\x7fnonsense")
    (root / "score").chmod(0o755)
    result = score(made("command:./score", root), STEP)
    assert result.kind is Kind.VERIFIER_ERROR and "could not run" in result.message


def test_our_own_variables_stay_with_us(program, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/adapters")
    monkeypatch.setenv("TOKEN", "let in")
    result = score(program('echo "[$PYTHONPATH][$TOKEN]" >&2; exit 1'), STEP)
    assert result.message.endswith("[][let in]")


def test_the_worker(start, root):
    worker = start()
    (root / "score.sh").write_text("#!/bin/sh\ncat >/dev/null; echo 0.5\n")
    (root / "score.sh").chmod(0o755)
    answer = worker.load("./score.sh", "command", args={"timeout": 2.0})
    assert answer["type"] == "loaded" and answer["description"]["needs"] == ["action", "observation"]
    assert worker.score(STEP)["reward"] == 0.5


def test_the_example(example):
    component, records = example("command")
    assert [score(component, each).reward for each in records] == [1.0, 0.0]
