"""Parity with rubric 2.2.0, with a stub of a judge, and what becomes of judges that go wrong."""

import asyncio
import json
import threading

import pytest

pytest.importorskip("rubric", reason="scripts/test-libraries.sh rubric makes an environment with it")

from calls import made, score  # noqa: E402
from judge import Judge, is_good  # noqa: E402
from records import PLAIN, QUESTION, RECORDS, said  # noqa: E402
from rubric import OneShotOutput, PerCriterionOutput, Rubric, RubricAsJudgeOutput  # noqa: E402
from rubric.autograders import PerCriterionGrader, PerCriterionOneShotGrader, RubricAsJudgeGrader  # noqa: E402

from rewardbridge import fields  # noqa: E402
from rewardbridge.kinds import Kind  # noqa: E402
from rewardbridge.seam import LoadRefused  # noqa: E402

CRITERIA = [
    {"weight": 3.0, "requirement": "The answer is right."},
    {"weight": 1.0, "requirement": "It shows its work: {...}"},
    {"weight": -2.0, "requirement": "The answer is wrong."},
]


def verdict(question):
    """MET for good answers and positive criteria, and the other way round."""
    graded = question.partition("<response>")[2]
    return "MET" if is_good(graded) != ("The answer is wrong." in question.partition("<response>")[0]) else "UNMET"


def per_criterion(question):
    return {"criterion_status": verdict(question), "explanation": f"because of {len(question)} characters"}


def one_shot(question):
    good = is_good(question.partition("<response>")[2])
    statuses = ["MET" if good else "UNMET", "MET", "UNMET" if good else "MET"]
    return {
        "criteria_evaluations": [
            {"criterion_number": number, "criterion_status": status, "explanation": "so it is"}
            for number, status in enumerate(statuses, 1)
        ]
    }


def as_judge(question):
    return {"overall_score": 87.5 if is_good(question.partition("<response>")[2]) else 12.25, "explanation": "so"}


GRADERS = {
    "per_criterion": (PerCriterionGrader, PerCriterionOutput, per_criterion),
    "one_shot": (PerCriterionOneShotGrader, OneShotOutput, one_shot),
    "as_judge": (RubricAsJudgeGrader, RubricAsJudgeOutput, as_judge),
}


@pytest.fixture
def judge():
    with Judge(lambda question: json.dumps(per_criterion(question))) as stub:
        yield stub


@pytest.fixture
def make(judge, root):
    def maker(target="args", **args):
        given = {"criteria": CRITERIA} if target == "args" else {}
        return made(f"rubric:{target}", root, args={"model": "stub", "base_url": judge.url, **given, **args})

    return maker


def direct(grader, record, normalize=True):
    """What the library says itself, without an endpoint."""
    make, form, answer = GRADERS[grader]

    async def generate(system_prompt, user_prompt, **_):
        return form.model_validate(answer(f"{system_prompt}\n\n{user_prompt}"))

    rubric = Rubric.from_dict(CRITERIA)
    text, query = fields.completion(record), fields.prompt_text(record)
    return asyncio.run(rubric.grade(text, make(generate, normalize=normalize), query))


@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("grader", GRADERS)
@pytest.mark.parametrize("name", [*PLAIN, "no gold", "golds"])
def test_parity(make, judge, name, grader, normalize):
    judge.says = lambda question: json.dumps(GRADERS[grader][2](question))
    result = score(make(grader=grader, normalize=normalize), RECORDS[name])
    report = direct(grader, RECORDS[name], normalize)
    assert result.status == "scored" and abs(result.reward - report.score) <= 1e-12
    assert result.metrics == {"raw_score": report.raw_score, "llm_raw_score": report.llm_raw_score}
    found = [(each["raw"], each["weight"], each.get("reason")) for each in result.components or ()]
    assert found == [(each.verdict, each.weight, each.reason) for each in report.report or ()]


def test_scores_differ(make):
    """The parity above compares more than one number."""
    assert [score(make(), RECORDS[name]).reward for name in ("right", "wrong")] == [1.0, 0.0]
    assert score(make(normalize=False), RECORDS["wrong"]).reward == -2.0


def test_the_components(make):
    components = score(make(), RECORDS["right"]).components
    assert [(each["path"], each["kind"], each["value"]) for each in components] == [
        ("criterion_1", "reward", 1.0),
        ("criterion_2", "reward", 1.0),
        ("criterion_3", "penalty", 0.0),
    ]
    assert components[0]["evidence"] == "The answer is right."


def test_what_is_asked(make, judge):
    score(make(request={"seed": 7, "response_format": None}), RECORDS["right"])
    assert len(judge.asked) == 3
    for request in judge.asked:
        assert request["model"] == "stub" and request["temperature"] == 0 and request["seed"] == 7
        assert "response_format" not in request
        assert QUESTION in request["messages"][1]["content"]
    judge.asked.clear()
    score(make(query=False), RECORDS["right"])
    assert QUESTION not in judge.asked[0]["messages"][1]["content"]
    schema = judge.asked[0]["response_format"]["json_schema"]
    assert (schema["name"], schema["schema"]) == ("PerCriterionOutput", PerCriterionOutput.model_json_schema())


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("garbage", Kind.JUDGE_UNPARSEABLE),
        ("nothing", Kind.JUDGE_UNPARSEABLE),
        ("fails", Kind.JUDGE_FAILED),
        ("refuses", Kind.JUDGE_FAILED),
        ("busy", Kind.PROVIDER_QUOTA_EXHAUSTED),
        ("drops", Kind.TRANSPORT_PEER_DROP),
        ("slow", Kind.TRANSPORT_TIMEOUT),
    ],
)
def test_a_judge_that_goes_wrong_for_one_criterion(make, judge, mode, kind):
    judge.mode, judge.when = mode, lambda question: "shows its work" in question
    result = score(make(timeout=0.5), RECORDS["right"])
    assert (result.kind, result.status, result.reward) == (kind, "failed", None)


def test_a_judge_that_is_down(root):
    args = {"criteria": CRITERIA, "model": "stub", "base_url": "http://127.0.0.1:9/v1"}
    assert score(made("rubric:args", root, args=args), RECORDS["right"]).kind is Kind.TRANSPORT_UNREACHABLE


def test_a_criterion_that_one_shot_leaves_out(make, judge):
    """The library takes it for not met."""
    left = {"criteria_evaluations": one_shot("<response>144")["criteria_evaluations"][:2]}
    library = PerCriterionOneShotGrader(lambda *_: _later(OneShotOutput.model_validate(left)))
    assert asyncio.run(Rubric.from_dict(CRITERIA).grade("144", library)).score == 1.0
    judge.says = lambda question: json.dumps(left)
    assert score(make(grader="one_shot"), RECORDS["right"]).kind is Kind.JUDGE_UNPARSEABLE


def test_a_nan_of_the_judge(make, judge):
    """The library takes it for 1."""
    answer = RubricAsJudgeOutput(overall_score=float("nan"), explanation="")
    library = RubricAsJudgeGrader(lambda *_: _later(answer))
    assert asyncio.run(Rubric.from_dict(CRITERIA).grade("144", library)).score == 1.0
    judge.says = lambda question: '{"overall_score": NaN, "explanation": ""}'
    assert score(make(grader="as_judge"), RECORDS["right"]).kind is Kind.JUDGE_UNPARSEABLE


async def _later(value):
    return value


def test_what_is_missing(make, judge):
    record = {name: part for name, part in RECORDS["right"].items() if name != "prompt"}
    result = score(make(), record)
    assert (result.kind, result.message, judge.asked) == (Kind.NEEDS, "the record holds no prompt", [])
    assert score(make(query=False), record).reward == 1.0


def test_criteria_are_asked_together(make, judge):
    barrier = threading.Barrier(6)

    def says(question):
        barrier.wait(20)
        return json.dumps(per_criterion(question))

    judge.says = says
    component = make()
    assert component.describe().asynchronous

    async def both():
        return await asyncio.gather(*(component.score("e", RECORDS[name]) for name in ("right", "wrong")))

    assert [each.reward for each in asyncio.run(both())] == [1.0, 0.0]


CODE = """
from rubric import Criterion, PerCriterionOutput, Rubric
from rubric.autograders import PerCriterionGrader

async def generate(system_prompt, user_prompt, **_):
    return PerCriterionOutput(criterion_status="MET", explanation="always")

rubric = Rubric([Criterion(weight=1, requirement="x")])
def pair():
    return rubric, PerCriterionGrader(generate, normalize=False)
number = 7
"""


def test_criteria_and_graders_from_code(root, make):
    (root / "rewards.py").write_text(CODE)
    paired = made("rubric:rewards.py:pair", root)
    assert paired.describe().range is None and score(paired, said("hm")).reward == 1.0
    assert score(make("rewards.py:rubric"), RECORDS["wrong"]).reward == 0.0


@pytest.mark.parametrize(
    ("target", "args", "message"),
    [
        ("rewards.py:number", {}, "it is a int, not a Rubric or a pair"),
        ("rewards.py:rubric", {}, "no model"),
        ("rewards.py:rubric", {"model": "m"}, "no base_url"),
        (
            "rewards.py:pair",
            {"model": "m", "base_url": "http://x/v1"},
            "the code brings an autograder, and args a model",
        ),
        ("missing.yaml", {"model": "m", "base_url": "http://x/v1"}, "no file missing.yaml"),
        ("bad.yaml", {"model": "m", "base_url": "http://x/v1"}, "could not read the criteria"),
        ("args", {"model": "m", "base_url": "http://x/v1"}, "where the criteria"),
        ("args", {"criteria": [], "model": "m", "base_url": "http://x/v1"}, "No criteria found"),
        ("args", {"criteria": CRITERIA, "model": "m", "base_url_from": "NO_SUCH"}, "variable 'NO_SUCH' is not set"),
        (
            "args",
            {"criteria": CRITERIA, "model": "m", "base_url": "http://x", "grader": "oneshot"},
            "no grader 'oneshot'",
        ),
    ],
)
def test_refusals(root, target, args, message):
    (root / "rewards.py").write_text(CODE)
    (root / "bad.yaml").write_text("- weight: heavy\n")
    with pytest.raises(LoadRefused) as refused:
        made(f"rubric:{target}", root, args=args)
    assert message in refused.value.message


def test_the_key_comes_from_a_variable(make, judge, monkeypatch):
    monkeypatch.setenv("KEY", "s3cret")
    judge.mode = "refuses"
    result = score(make(api_key_from="KEY"), RECORDS["right"])
    assert judge.headers[0]["authorization"] == "Bearer s3cret"
    assert "s3cret" not in repr(result) and "s3cret" not in repr(make(api_key_from="KEY").describe())


def test_the_example(example, judge, monkeypatch):
    monkeypatch.setenv("JUDGE_URL", judge.url)
    judge.says = lambda question: json.dumps(
        {"criterion_status": "MET" if is_good(question.partition("<response>")[2]) else "UNMET", "explanation": ""}
    )
    component, records = example("rubric")
    assert [score(component, each).reward for each in records] == [0.5, 0.0]
