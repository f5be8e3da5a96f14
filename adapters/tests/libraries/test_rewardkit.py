"""Parity with harbor-rewardkit 0.2.3, and what becomes of criteria and judges that go wrong."""

import json
from pathlib import Path
from textwrap import dedent

import pytest

rewardkit = pytest.importorskip("rewardkit", reason="scripts/test-libraries.sh rewardkit makes an environment with it")

from calls import made, score, values  # noqa: E402
from judge import Judge, is_good  # noqa: E402
from records import PLAIN, RECORDS, conversed  # noqa: E402

from rewardbridge import fields  # noqa: E402
from rewardbridge.kinds import Kind  # noqa: E402
from rewardbridge.seam import LoadRefused  # noqa: E402

OFF = {"sandbox": "off", "write": {"answer.txt": "completion"}}

CHECKS = {
    "checks.py": """
        from pathlib import Path
        import rewardkit
        from rewardkit import criteria

        criteria.file_contains("answer.txt", "144", weight=3.0)
        criteria.command_succeeds("grep -q boxed answer.txt", name="boxed")

        @rewardkit.criterion(description="how short it is")
        def shortness(workspace: Path) -> dict:
            return {"score": 1 / (1 + len((workspace / "answer.txt").read_text())), "reasoning": "by its length"}
    """
}
DIMENSIONS = {
    "correct/right.py": """
        from rewardkit import criteria
        criteria.file_contains("answer.txt", "144")
        criteria.file_not_exists("answer.txt", weight=0.5)
    """,
    "form/deep/words.py": """
        from rewardkit import criteria
        criteria.file_contains_regex("answer.txt", "[0-9]+")
    """,
    "form/boxed.py": """
        from rewardkit import criteria
        criteria.file_contains("answer.txt", "boxed")
    """,
    "reward.toml": """
        [[reward]]
        name = "total"
        aggregation = "weighted-mean"
        weights = { correct = 3.0, form = 1.0 }
    """,
}
JUDGED = {
    "quality.toml": """
        [judge]
        judge = "openai/stub"
        files = ["answer.txt"]
        timeout = 1

        [[criterion]]
        description = "Is the answer right?"
        name = "right"
        weight = 3.0

        [[criterion]]
        description = "Is it wrong?"
        name = "wrong"
        negate = true

        [[criterion]]
        description = "How clear is it?"
        name = "clear"
        type = "likert"
        points = 5
    """
}


@pytest.fixture
def write(root):
    def writer(files):
        for name, text in files.items():
            path = root / "tests" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text))

    return writer


@pytest.fixture
def make(write, root):
    def maker(files, args=OFF, **settings):
        write(files)
        return made("rewardkit:tests", root, args=args, **settings)

    return maker


@pytest.fixture
def judge(monkeypatch):
    def says(question):
        good = is_good(question.partition("answer.txt ---")[2])
        words = {"right": "yes" if good else "no", "wrong": "no" if good else "yes", "clear": 4}
        return json.dumps({name: {"score": word, "reasoning": f"it is {word}"} for name, word in words.items()})

    with Judge(says) as stub:
        monkeypatch.setenv("OPENAI_BASE_URL", stub.url)
        monkeypatch.setenv("OPENAI_API_BASE", stub.url)
        monkeypatch.setenv("OPENAI_API_KEY", "none")
        yield stub


def direct(root, tmp_path, record, monkeypatch):
    workspace = tmp_path / "direct"
    workspace.mkdir(exist_ok=True)
    (workspace / "answer.txt").write_text(fields.completion(record))
    output = tmp_path / "out" / "reward.json"
    with monkeypatch.context() as patch:
        patch.chdir(workspace)
        rewards = rewardkit.run(root / "tests", workspace=workspace, output=output)
    return rewards, json.loads(output.with_name("reward-details.json").read_text())


@pytest.mark.parametrize("name", [*PLAIN, "no gold", "golds"])
def test_parity(make, root, tmp_path, monkeypatch, name):
    component = make(CHECKS)
    result = score(component, RECORDS[name])
    rewards, details = direct(root, tmp_path, RECORDS[name], monkeypatch)
    assert result.status == "scored" and abs(result.reward - rewards["reward"]) <= 1e-12
    theirs = {
        f"reward.{each['name']}": (each["value"], each["raw"], each["weight"]) for each in details["reward"]["criteria"]
    }
    assert {each["path"]: (each["value"], each["raw"], each["weight"]) for each in result.components} == theirs
    assert len(theirs) == 3


def test_scores_differ(make):
    component = make(CHECKS)
    rewards = {score(component, RECORDS[name]).reward for name in ("right", "wrong", "empty")}
    assert len(rewards) == 3


@pytest.mark.parametrize("name", ["right", "wrong"])
def test_several_dimensions(make, root, tmp_path, monkeypatch, name):
    component = make(DIMENSIONS, reward_key="total")
    result = score(component, RECORDS[name])
    rewards, _ = direct(root, tmp_path, RECORDS[name], monkeypatch)
    assert result.reward == rewards["total"]
    found = values(result)
    assert {name: found[name] for name in ("correct", "form")} == {name: rewards[name] for name in ("correct", "form")}
    assert found["form.boxed"] == 1.0 and found["correct.file_not_exists:answer.txt"] == 0.0


def test_several_dimensions_without_a_reward(make):
    """The library leaves it to its caller to pick one."""
    files = {name: text for name, text in DIMENSIONS.items() if name != "reward.toml"}
    result = score(make(files), RECORDS["right"])
    assert result.kind is Kind.NOT_A_NUMBER and "its keys: correct, form" in result.message


def failing(code):
    return {"checks.py": f"import rewardkit\n\n@rewardkit.criterion\ndef broken(workspace):\n    {code}\n"} | {
        "fine.py": "from rewardkit import criteria\ncriteria.file_exists('answer.txt')\n"
    }


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("raise ValueError('no cheese')", "Criterion 'broken' failed: no cheese"),
        ("return 'yes'", "Criterion 'broken' failed"),
        ("return None", "Criterion 'broken' failed"),
        ("return float('nan')", "Criterion 'broken' failed"),
    ],
)
def test_a_criterion_that_fails(make, code, message):
    """The library writes no reward at all."""
    result = score(make(failing(code)), RECORDS["right"])
    assert (result.kind, result.reward) == (Kind.EXCEPTION, None)
    assert result.message.startswith("RuntimeError: Reward 'checks' failed") and message in result.message


def test_every_score_has_a_workspace_of_its_own(make):
    files = {
        "checks.py": """
            import rewardkit

            @rewardkit.criterion
            def fresh(workspace):
                is_fresh = not (workspace / "mark").exists()
                (workspace / "mark").touch()
                return is_fresh
        """
    }
    component = make(files)
    before = Path.cwd()
    assert [score(component, RECORDS["right"]).reward for _ in range(2)] == [1.0, 1.0]
    assert Path.cwd() == before


# MARK: trajectories

TRAJECTORY = {
    "checks.py": """
        from rewardkit import criteria
        criteria.trajectory_tool_used("multiply", min_count=2)
        criteria.trajectory_tool_not_used("divide")
        criteria.trajectory_turn_count(3, path="../logs/agent/trajectory.json")
    """
}


def test_trajectories(make):
    component = make(TRAJECTORY)
    result = score(component, RECORDS["tools"])
    assert (result.reward, len(result.components)) == (1.0, 3)
    assert score(component, RECORDS["right"]).reward < 1.0


def test_a_trajectory_that_is_missing(make, tmp_path):
    """The library takes it for one without the tool."""
    component = make(TRAJECTORY, args={"sandbox": "off"})
    (tmp_path / "workspace").mkdir()
    result = score(component, {"schema": "evalrec/1", "workspace": {"path": str(tmp_path / "workspace")}})
    assert (result.kind, result.message) == (Kind.NEEDS, "the record holds no messages for a trajectory")


# MARK: judges


@pytest.mark.parametrize("name", ["right", "wrong", "unicode"])
def test_a_judge(make, judge, root, tmp_path, monkeypatch, name):
    component = make(JUDGED)
    description = component.describe()
    assert description.mutable and description.deterministic is False
    result = score(component, RECORDS[name])
    rewards, _ = direct(root, tmp_path, RECORDS[name], monkeypatch)
    assert result.reward == rewards["reward"] == (0.95 if name != "wrong" else 0.15)
    right, wrong, clear = result.components
    assert (wrong["negate"], clear["raw"], clear["value"], right["weight"]) == (True, 4, 0.75, 3.0)
    assert right["reason"] == ("it is no" if name == "wrong" else "it is yes")


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("garbage", Kind.JUDGE_UNPARSEABLE),
        ("fails", Kind.JUDGE_FAILED),
        ("refuses", Kind.JUDGE_FAILED),
        ("busy", Kind.JUDGE_FAILED),
        ("slow", Kind.JUDGE_FAILED),
    ],
)
def test_a_judge_that_goes_wrong(make, judge, mode, kind):
    """Of one that is slow the library makes 0.0."""
    judge.mode = mode
    component = make(JUDGED | CHECKS)
    result = score(component, RECORDS["right"])
    assert (result.kind, result.reward) == (kind, None), result


@pytest.mark.parametrize("flagged", [True, False])
def test_a_guard(make, judge, flagged):
    says = judge.says
    word = {"guard": {"score": "yes" if flagged else "no", "reasoning": "by its words"}}
    judge.says = lambda question: json.dumps(json.loads(says(question)) | word)
    result = score(make(guarded()), RECORDS["right"])
    assert result.reward == (0.0 if flagged else 0.95)
    guard = result.components[-1]
    assert (guard["path"], guard["kind"], guard["value"]) == ("reward.guard", "gate", float(flagged))


def test_a_guard_that_goes_wrong(make, judge):
    """The library takes no penalty then."""
    judge.mode, judge.when = "slow", lambda question: "addressed to the evaluator" in question
    result = score(make(guarded('mode = "individual"')), RECORDS["right"])
    assert (result.kind, result.reward) == (Kind.JUDGE_FAILED, None) and "guard" in result.message


def guarded(more=""):
    settings = f'timeout = 1\n        guard = "penalize"\n        {more}'
    return {"quality.toml": JUDGED["quality.toml"].replace("timeout = 1", settings)}


def test_files_of_a_judge_that_are_not_there(make):
    """The library tells the judge that they are not found."""
    with pytest.raises(LoadRefused, match="the file /app/answer.txt: it is not there") as refused:
        make({"quality.toml": JUDGED["quality.toml"].replace("answer.txt", "/app/answer.txt")})
    assert "main.py for /app/main.py" in refused.value.hint


# MARK: refusals


@pytest.mark.parametrize(
    ("files", "target", "message"),
    [
        ({"checks.py": "x = 1"}, "tests", "no criteria in tests"),
        ({"helper.txt": ""}, "tests", "no criteria in tests"),
        (CHECKS, "nowhere", "no folder nowhere"),
        (CHECKS, "..", "lies outside"),
    ],
)
def test_refusals(write, root, files, target, message):
    write(files)
    with pytest.raises(LoadRefused) as refused:
        made(f"rewardkit:{target}", root, args=OFF)
    assert message in refused.value.message


def test_without_a_sandbox_it_is_refused(make):
    with pytest.raises(LoadRefused, match="this worker has no sandbox"):
        make(CHECKS, args={})


def test_nothing_to_look_at(make):
    result = score(make(CHECKS, args={"sandbox": "off"}), RECORDS["right"])
    assert (result.kind, result.message) == (Kind.NEEDS, "the record holds no workspace or artifacts")
    empty = conversed([{"role": "user", "content": "hm"}])
    assert score(make(CHECKS), empty).message == "the record holds no completion"


def test_the_worker(start, write, root):
    write(CHECKS)
    worker = start()
    answer = worker.load("tests", "rewardkit", args=OFF)
    assert answer["type"] == "loaded" and answer["description"]["unit"] == "episode", answer
    assert worker.score(RECORDS["right"])["status"] == "scored"
    assert worker.score(RECORDS["wrong"], 2)["status"] == "scored"


def test_the_example(example, monkeypatch):
    monkeypatch.setattr("rewardbridge.calling.sandbox.in_sandbox", lambda: True)
    component, records = example("rewardkit")
    assert [score(component, each).reward for each in records] == [1.0, 0.25]
