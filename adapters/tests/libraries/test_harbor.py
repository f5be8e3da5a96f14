"""Verifiers of Harbor. What reads their rewards and trajectories is compared with Harbor 0.25 itself where it is
installed, which needs much that no verifier needs: `pip install --no-deps harbor` and then what its import asks for."""

import json
import shutil
import subprocess
import sys
import time
from base64 import b64encode
from pathlib import Path
from types import SimpleNamespace

import pytest
from calls import made, score, values
from harness import ADAPTERS
from records import RECORDS, conversed

from rewardbridge.adapters.harbor import reward_in
from rewardbridge.calling.programs import Ran
from rewardbridge.calling.trajectory import trajectory
from rewardbridge.calling.walls import check_walls
from rewardbridge.failures import NoScore
from rewardbridge.kinds import Kind
from rewardbridge.seam import LoadRefused

NOTHING = Ran(0, b"", "")
WRITES = {"write": {"answer.txt": "completion"}}


def has_walls():
    try:
        check_walls()
    except LoadRefused:
        return False
    return True


needs_walls = pytest.mark.skipif(not has_walls(), reason="bubblewrap cannot be used here")


@pytest.fixture
def verifier(root):
    """Writes `tests/test.sh` of the version, which is read-only, and makes the component of it."""

    def make(code, target="tests", **args):
        (root / "tests").mkdir(exist_ok=True)
        (root / "tests" / "test.sh").write_text(f"#!/bin/bash\n{code}\n")
        (root / "tests" / "test.sh").chmod(0o444)
        (root / "tests").chmod(0o555)
        return made(f"harbor:{target}", root, args={"sandbox": "off", **WRITES, **args})

    yield make
    if (root / "tests").exists():
        (root / "tests").chmod(0o755)


def reward(text, name="txt"):
    return f"printf '%s' '{text}' > $LOGS_DIR/verifier/reward.{name}"


@pytest.mark.parametrize(
    ("code", "number"),
    [
        (reward("0.5"), 0.5),
        (reward(" 1\n"), 1.0),
        (reward('{"reward": 0.25}', "json"), 0.25),
        (reward('{"accuracy": 0.75}', "json"), 0.75),
        (reward('{"reward": true, "style": 0}', "json"), 1.0),
        (reward("0") + ";" + reward('{"reward": 1}', "json"), 1.0),
        (f"{reward('1')}; exit 7", 1.0),
        ("cd $TESTS_DIR; echo 1 > ../logs/verifier/reward.txt; touch x", 1.0),
    ],
    ids=["text", "spaces", "json", "one name", "true", "json wins", "the exit status does not matter", "places"],
)
def test_rewards(verifier, code, number):
    result = score(verifier(code), RECORDS["right"])
    assert (result.status, result.reward) == ("scored", number)


def test_the_other_rewards(verifier, root):
    made_ = verifier(reward('{"accuracy": 0.5, "style": 0.1}', "json"))
    assert score(made_, RECORDS["right"]).kind is Kind.NOT_A_NUMBER
    keyed = made("harbor:tests", root, args={"sandbox": "off", **WRITES}, reward_key="accuracy")
    result = score(keyed, RECORDS["right"])
    assert (result.reward, values(result)) == (0.5, {"style": 0.1})


BROKEN = [
    ("reward.txt", b"", Kind.MISSING_FILE),
    ("reward.json", b"", Kind.MISSING_FILE),
    ("reward.txt", b"nan", Kind.NOT_FINITE),
    ("reward.txt", b"-inf", Kind.NOT_FINITE),
    ("reward.txt", b"good", Kind.NOT_A_NUMBER),
    ("reward.txt", b"0.5 0.6", Kind.NOT_A_NUMBER),
    ("reward.txt", b"\xff", Kind.NOT_A_NUMBER),
    ("reward.json", b"{", Kind.NOT_A_NUMBER),
    ("reward.json", b"0.5", Kind.NOT_A_NUMBER),
    ("reward.json", b"[1]", Kind.NOT_A_NUMBER),
    ("reward.json", b"null", Kind.NOT_A_NUMBER),
    ("reward.json", b'{"reward": "1"}', Kind.NOT_A_NUMBER),
    ("reward.json", b'{"reward": null}', Kind.NOT_A_NUMBER),
    ("reward.json", b'{"reward": 1, "style": NaN}', Kind.NOT_FINITE),
    ("reward.json", b'{"reward": 1e309}', Kind.NOT_FINITE),
]
FINE = [("reward.txt", b"1e-3\n"), ("reward.json", b'{"reward": 1, "style": 0.5}'), ("reward.json", b'{"a": true}')]


@pytest.mark.parametrize(("name", "content", "kind"), BROKEN)
def test_broken_rewards(tmp_path, name, content, kind):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(NoScore) as raised:
        reward_in(tmp_path, NOTHING)
    assert raised.value.result.kind is kind


@pytest.mark.parametrize(("name", "content"), [(name, content) for name, content, _ in BROKEN] + FINE)
def test_harbors_own_reader_says_the_same(tmp_path, name, content):
    library = pytest.importorskip("harbor.verifier.verifier", reason="Harbor is not installed")
    result = pytest.importorskip("harbor.models.verifier.result")
    (tmp_path / name).write_bytes(content)
    its = object.__new__(library.Verifier)
    its.trial_paths = SimpleNamespace(
        reward_json_path=tmp_path / "reward.json", reward_text_path=tmp_path / "reward.txt"
    )
    read = its._parse_reward_json if name.endswith("json") else its._parse_reward_text
    try:
        theirs = result.VerifierResult(rewards=read()).rewards
    except Exception:
        theirs = None
    try:
        ours = reward_in(tmp_path, NOTHING)
    except NoScore:
        ours = None
    assert theirs == (ours if isinstance(ours, dict) or ours is None else {"reward": ours})


def test_no_reward(verifier):
    result = score(verifier("echo no cheese; exit 3"), RECORDS["right"])
    assert result.kind is Kind.MISSING_FILE
    assert result.message.endswith("test.sh ended with 3: no cheese")


def test_a_script_that_cannot_start(verifier, root):
    component = verifier("")
    (root / "tests" / "test.sh").chmod(0o644)
    (root / "tests" / "test.sh").write_text("#!/no/such/interpreter\n")
    result = score(component, RECORDS["right"])
    assert result.kind is Kind.MISSING_FILE and "ended with 12" in result.message


def test_a_link_is_no_reward(verifier):
    result = score(verifier("echo 1 > one; ln -s $PWD/one $LOGS_DIR/verifier/reward.txt"), RECORDS["right"])
    assert result.kind is Kind.MISSING_FILE and "no regular file" in result.message


def test_nothing_of_one_score_is_there_in_the_next(verifier):
    code = f"""if [ -e $LOGS_DIR/verifier/reward.txt ] || [ -e mine ]; then {reward("7")}; fi
[ "$(cat answer.txt)" = first ] && touch mine && {reward("1")}"""
    component = verifier(code)
    assert score(component, conversed([{"role": "assistant", "content": "first"}])).reward == 1.0
    assert score(component, conversed([{"role": "assistant", "content": "second"}])).kind is Kind.MISSING_FILE


def test_what_it_leaves_behind_writes_no_reward(verifier, tmp_path):
    beat = tmp_path / "beat"
    code = f"(while :; do date +%N > {beat}; echo 1 > $LOGS_DIR/verifier/reward.txt; done) & {reward('0')}"
    score(verifier(code), RECORDS["right"])
    before = beat.read_text() if beat.exists() else ""
    time.sleep(0.2)
    assert (beat.read_text() if beat.exists() else "") == before


def test_a_script_without_an_end(verifier):
    result = score(verifier(f"{reward('1')}; sleep 60", timeout=0.5), RECORDS["right"])
    assert result.kind is Kind.TIMEOUT


def test_variables(verifier):
    code = 'echo "$WANTED $APP_DIR $PWD $TESTS_DIR $LOGS_DIR"'
    said = score(verifier(code, env={"WANTED": 7}), RECORDS["right"]).message.rpartition(": ")[2].split()
    wanted, app, folder, tests, logs = said
    assert wanted == "7" and app == folder and Path(app).name == "app"
    assert Path(tests) == Path(app).parent / "tests" and Path(logs) == Path(app).parent / "logs"
    assert not Path(app).exists()


# MARK: the workspace


def test_the_workspace_is_a_copy(verifier, tmp_path):
    workspace = tmp_path / "workspace"
    (workspace / "deep").mkdir(parents=True)
    (workspace / "deep" / "main.py").write_text("print(144)")
    (workspace / "deep" / "main.py").chmod(0o755)
    (workspace / "link").symlink_to("deep/main.py")
    (workspace / "dangling").symlink_to("nowhere")
    made_ = verifier(
        "[ -x deep/main.py ] && [ -L link ] && [ -L dangling ] && echo changed > deep/main.py "
        f'&& [ "$(cat added/a.bin)" = hi ] && [ "$(cat copy.py)" = \'print(144)\' ] && {reward("1")}',
        write={},
    )
    artifacts = [
        {"name": "added/a.bin", "bytes": b64encode(b"hi").decode()},
        {"name": "copy.py", "path": str(workspace / "deep" / "main.py")},
    ]
    record = {"schema": "evalrec/1", "workspace": {"path": str(workspace)}, "artifacts": artifacts}
    result = score(made_, record)
    assert result.reward == 1.0, result
    assert (workspace / "deep" / "main.py").read_text() == "print(144)"


@pytest.mark.parametrize(
    ("record", "kind", "message"),
    [
        ({}, Kind.NEEDS, "the record holds no workspace or artifacts"),
        ({"workspace": {"path": "/no/such"}}, Kind.NEEDS, "the record holds no folder '/no/such' on this machine"),
        ({"artifacts": [{"name": "a", "path": "/no/such"}]}, Kind.NEEDS, "no file '/no/such' on this machine"),
        ({"artifacts": [{"name": "a", "uri": "s3://x"}]}, Kind.NEEDS, "no content of artifact 'a'"),
        ({"artifacts": [{"name": "../a", "bytes": ""}]}, Kind.UNREADABLE, "'../a' does not lie in the workspace"),
        ({"artifacts": [{"name": "/a", "bytes": ""}]}, Kind.UNREADABLE, "'/a' does not lie in the workspace"),
        ({"artifacts": [{"name": "a", "bytes": "?"}]}, Kind.UNREADABLE, "artifact 'a' is no base64"),
    ],
)
def test_what_cannot_be_laid_out(verifier, record, kind, message):
    result = score(verifier(reward("1"), write={}), {"schema": "evalrec/1", **record})
    assert result.kind is kind and message in result.message


def test_no_artifact_is_written_through_a_link(verifier, tmp_path):
    workspace, outside = tmp_path / "workspace", tmp_path / "outside"
    workspace.mkdir(), outside.mkdir()
    (workspace / "out").symlink_to(outside)
    for name in ("out/a", "out"):
        artifacts = [{"name": name, "bytes": b64encode(b"hi").decode()}]
        record = {"schema": "evalrec/1", "workspace": {"path": str(workspace)}, "artifacts": artifacts}
        result = score(verifier(reward("1"), write={}), record)
        assert result.kind is Kind.UNREADABLE and "behind a link" in result.message
    assert list(outside.iterdir()) == []


def test_a_workspace_has_a_limit(verifier, monkeypatch):
    monkeypatch.setattr("rewardbridge.calling.workspaces.BYTES_MAX", 3)
    artifacts = [{"name": name, "bytes": b64encode(b"hi").decode()} for name in "ab"]
    result = score(verifier(reward("1"), write={}), {"schema": "evalrec/1", "artifacts": artifacts})
    assert result.kind is Kind.TOO_LARGE


def test_fields_as_files(verifier):
    made_ = verifier("cat gold.json question", write={"gold.json": "answer", "question": "prompt"})
    assert made_.describe().needs == ["answer", "prompt"]
    said = score(made_, RECORDS["golds"]).message
    assert '["145", "144"]You are a careful math tutor.\n\nWhat is 12*12?' in said
    assert score(made_, RECORDS["no gold"]).message == "the record holds no answer"


# MARK: the trajectory


def read(verifier, record):
    artifacts = [{"name": "a", "bytes": ""}]
    made_ = verifier("cat $LOGS_DIR/agent/trajectory.json", write={})
    return json.loads(score(made_, record | {"artifacts": artifacts}).message.partition("ended with 0: ")[2])


def test_the_trajectory(verifier):
    found = read(verifier, RECORDS["tools"])
    assert [each["source"] for each in found["steps"]] == ["system", "user", "agent", "agent", "agent"]
    called = found["steps"][2]
    assert called["tool_calls"] == [
        {"tool_call_id": "call_1", "function_name": "multiply", "arguments": {"a": 12, "b": 12}}
    ]
    assert called["observation"] == {"results": [{"source_call_id": "call_1", "content": "144"}]}
    assert found["steps"][3]["observation"] == called["observation"]


ODD = conversed(
    [
        {"role": "tool", "content": "nobody asked", "tool_call_id": "call_9"},
        {
            "role": "assistant",
            "content": None,
            "reasoning": "hm",
            "tool_calls": [{"name": "f", "arguments": "{not json"}],
        },
        {"role": "tool", "content": [{"type": "text", "text": "4"}, {"type": "text", "text": "2"}]},
        {"role": "user", "content": "and?"},
    ]
)
PLAYED = {
    "schema": "evalrec/1",
    "id": "s/1",
    "steps": [
        {"index": 0, "observation": {"text": "Begin."}},
        {"index": 1, "action": {"message": "hi"}, "observation": "well", "reward": 1.0},
        {"index": 2, "action": "bye", "observation": None},
    ],
}


@pytest.mark.parametrize("record", [*RECORDS.values(), ODD, PLAYED], ids=[*RECORDS, "odd", "steps"])
def test_harbor_takes_the_trajectory(record):
    library = pytest.importorskip("harbor.models.trajectories.trajectory", reason="Harbor is not installed")
    found = trajectory(record)
    assert library.Trajectory.model_validate(found).to_json_dict() == found


def test_steps_as_a_trajectory():
    assert [(each["source"], each["message"]) for each in trajectory(PLAYED)["steps"]] == [
        ("user", '{"text": "Begin."}'),
        ("agent", '{"message": "hi"}'),
        ("agent", "bye"),
    ]
    assert trajectory({"schema": "evalrec/1"}) is None


# MARK: the sandbox


def test_without_a_sandbox_it_is_refused(root, verifier):
    verifier(reward("1"))
    for args in ({}, {"sandbox": "required"}):
        with pytest.raises(LoadRefused, match="this worker has no sandbox") as refused:
            made("harbor:tests", root, args=args)
        assert "sandbox: off" in refused.value.hint
    assert made("harbor:tests", root, args={"sandbox": False})
    with pytest.raises(LoadRefused, match="sandbox is required or off"):
        made("harbor:tests", root, args={"sandbox": "of"})


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_a_worker_knows_its_sandbox():
    """Between the walls that the bridge builds, Sources/WorkerRuntime/Place/Bubblewrap.swift."""
    walls = "--ro-bind / / --dev /dev --proc /proc --tmpfs /tmp --die-with-parent --unshare-pid --unshare-ipc"
    code = "from rewardbridge.calling.sandbox import in_sandbox; print(in_sandbox())"
    python = [sys.executable, "-c", code]
    variables = {"PYTHONPATH": str(ADAPTERS)}
    inside = subprocess.run(
        ["bwrap", *walls.split(), "--cap-drop", "ALL", "--", *python], capture_output=True, text=True, env=variables
    )
    if inside.returncode:
        pytest.skip(f"bubblewrap cannot be used here: {inside.stderr}")
    outside = subprocess.run(python, capture_output=True, text=True, env=variables)
    assert (inside.stdout.strip(), outside.stdout.strip()) == ("True", "False")


@needs_walls
def test_harbors_places(root):
    """A script that knows nothing of us."""
    (root / "tests").mkdir()
    (root / "tests" / "test.sh").write_text(
        "cd /app && [ $PWD = /app ] && grep -q 144 answer.txt && [ -s /logs/agent/trajectory.json ] && touch /tests/x "
        "&& ! touch /etc/x 2>/dev/null && [ $APP_DIR$TESTS_DIR$LOGS_DIR = /app/tests/logs ] "
        "&& ! (exec 3<>/dev/tcp/127.0.0.1/22) 2>/dev/null && echo 1 > /logs/verifier/reward.txt\n"
    )
    component = made("harbor:tests", root, args={"mount": True, **WRITES})
    result = score(component, RECORDS["right"])
    assert result.reward == 1.0, result
    assert score(component, RECORDS["wrong"]).kind is Kind.MISSING_FILE
    assert not (root / "tests" / "x").exists()


def test_the_example(example, monkeypatch):
    monkeypatch.setattr("rewardbridge.calling.sandbox.in_sandbox", lambda: True)
    component, records = example("harbor")
    results = [score(component, each) for each in records]
    assert [each.reward for each in results] == [1.0, 0.0] and values(results[0]) == {"words": 3.0}


# MARK: refusals


@pytest.mark.parametrize(
    ("target", "args", "message"),
    [
        ("nowhere", {}, "no test.sh in nowhere nor in nowhere/tests"),
        ("../tests", {}, "lies outside"),
        ("tests", {"write": {"a": "gold"}}, "no field 'gold' for file 'a'"),
        ("tests", {"write": {"../a": "answer"}}, "'../a' is no path in the workspace"),
    ],
)
def test_refusals(verifier, root, target, args, message):
    verifier("")
    with pytest.raises(LoadRefused) as refused:
        made(f"harbor:{target}", root, args={"sandbox": "off", **args})
    assert message in refused.value.message


def test_the_folder_of_a_task(verifier, root):
    component = verifier(reward("1"), target=".")
    assert score(component, RECORDS["right"]).reward == 1.0
    description = component.describe()
    assert (description.unit, description.needs) == ("episode", ["completion"])
