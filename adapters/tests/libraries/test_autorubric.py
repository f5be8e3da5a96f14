"""Parity with AutoRubric 1.6.1, with a stub of a judge, and what becomes of judges that go wrong."""

import asyncio
import json
import re

import pytest

pytest.importorskip("autorubric", reason="scripts/test-libraries.sh autorubric makes an environment with it")

from autorubric import LLMConfig, Rubric  # noqa: E402
from autorubric.graders import CriterionGrader  # noqa: E402
from calls import made, score  # noqa: E402
from judge import Judge, is_good  # noqa: E402
from records import PLAIN, QUESTION, RECORDS, said  # noqa: E402

from rewardbridge import fields  # noqa: E402
from rewardbridge.kinds import Kind  # noqa: E402
from rewardbridge.seam import LoadRefused  # noqa: E402

CRITERIA = [
    {"name": "right", "weight": 3.0, "requirement": "The answer is right."},
    {"weight": 1.0, "requirement": "It shows its work."},
    {"name": "wrong", "weight": -2.0, "requirement": "The answer is wrong."},
    {
        "name": "style",
        "weight": 2.0,
        "requirement": "How is it written?",
        "options": [{"label": "poor", "value": 0.0}, {"label": "fair", "value": 0.4}, {"label": "fine", "value": 1.0}],
    },
]


def says(question):
    """As a model would: a verdict for a criterion, the number of an option for a question."""
    asked, _, graded = question.rpartition("<submission>")
    good = is_good(graded)
    if "<options>" in question:
        return chosen(question, "fine" if good else "fair")
    negative = "The answer is wrong." in asked.rpartition("<criterion>")[2]
    return json.dumps({"criterion_status": "MET" if good != negative else "UNMET", "explanation": "so it is"})


def chosen(question, label):
    """The option of this label, which may be shown anywhere among them."""
    [options] = re.findall(r"<options>\n(.*?)\n</options>", question, re.DOTALL)
    number = next(each.partition(".")[0] for each in options.split("\n") if each.endswith(label))
    return json.dumps({"selected_option": int(number), "explanation": "so it is written"})


@pytest.fixture
def judge():
    with Judge(says) as stub:
        yield stub


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("JUDGE_KEY", "s3cret")


@pytest.fixture
def make(judge, root):
    def maker(target="args", **args):
        given = {"criteria": CRITERIA} if target == "args" else {}
        endpoint = {"model": "openai/stub", "base_url": judge.url, "api_key_from": "JUDGE_KEY"}
        return made(f"autorubric:{target}", root, args={**endpoint, **given, **args})

    return maker


def direct(judge, record, reference=None, **settings):
    config = LLMConfig(model="openai/stub", api_base=judge.url, api_key="s3cret", timeout=4.0, max_retries=1)
    grader = CriterionGrader(judge_model_config=config, **settings)
    text, query = fields.completion(record), fields.prompt_text(record)
    return asyncio.run(Rubric.from_dict(CRITERIA).grade(text, grader, query, reference))


@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("name", [*PLAIN, "no gold", "golds"])
def test_parity(make, judge, name, normalize):
    result = score(make(normalize=normalize), RECORDS[name])
    report = direct(judge, RECORDS[name], normalize=normalize)
    assert result.status == "scored" and abs(result.reward - report.score) <= 1e-12
    assert result.metrics["raw_score"] == report.raw_score
    assert result.metrics["tokens"] == report.token_usage.total_tokens == 60
    found = [(each["value"], each["weight"], each["reason"]) for each in result.components]
    assert found == [(each.score_value, each.criterion.weight, each.final_reason) for each in report.report]


def test_scores_differ(make):
    """The parity above compares more than one number."""
    right, wrong = (score(make(normalize=False), RECORDS[name]).reward for name in ("right", "wrong"))
    assert (right, wrong) == (6.0, -1.2)


def test_the_components(make):
    components = score(make(), RECORDS["wrong"]).components
    assert [(each["path"], each["kind"], each["raw"], each["value"]) for each in components] == [
        ("right", "reward", "UNMET", 0.0),
        ("criterion_2", "reward", "UNMET", 0.0),
        ("wrong", "penalty", "MET", 1.0),
        ("style", "reward", "fair", 0.4),
    ]


def test_what_is_asked(make, judge):
    score(make(reference=True, temperature=0.5, seed=7), RECORDS["right"])
    assert len(judge.asked) == 4 and judge.headers[0]["authorization"] == "Bearer s3cret"
    for request in judge.asked:
        user = request["messages"][1]["content"]
        assert QUESTION in user and "<reference_submission>\n144\n" in user
        assert (request["model"], request["temperature"], request["seed"]) == ("stub", 0.5, 7)
    judge.asked.clear()
    score(make(query=False), RECORDS["right"])
    assert QUESTION not in judge.asked[0]["messages"][1]["content"]


WRONG = [
    ("garbage", Kind.JUDGE_UNPARSEABLE),
    ("fails", Kind.JUDGE_FAILED),
    ("refuses", Kind.JUDGE_FAILED),
    ("busy", Kind.JUDGE_FAILED),
    ("drops", Kind.JUDGE_FAILED),
    ("slow", Kind.JUDGE_FAILED),
]


@pytest.mark.parametrize(("mode", "kind"), WRONG)
def test_a_judge_that_goes_wrong(make, judge, mode, kind):
    judge.mode = mode
    result = score(make(timeout=0.5), RECORDS["right"])
    assert (result.kind, result.status, result.reward) == (kind, "failed", None)
    assert [each["value"] for each in result.components] == [None] * 4
    assert "Every criterion's judgment failed" in result.message


@pytest.mark.parametrize(("mode", "kind"), WRONG)
def test_a_judge_that_goes_wrong_for_one_criterion(make, judge, mode, kind):
    """The library scores the others."""
    judge.mode, judge.when = mode, lambda question: "shows its work" in question
    result = score(make(timeout=0.5), RECORDS["right"])
    assert (result.kind, result.reward) == (kind, None) and result.message.startswith("1 of 4 criteria: ")
    assert [each["value"] for each in result.components] == [1.0, None, 0.0, 1.0]
    assert result.components[1]["failure"]["kind"] == "judge_failed"


def test_partial_takes_the_librarys_number(make, judge):
    judge.mode, judge.when = "garbage", lambda question: "shows its work" in question
    result = score(make(partial=True, normalize=False), RECORDS["right"])
    assert result.reward == direct(judge, RECORDS["right"], normalize=False).score == 5.0
    judge.when = lambda question: True
    assert score(make(partial=True), RECORDS["right"]).kind is Kind.JUDGE_UNPARSEABLE


def test_a_judge_that_cannot_assess(make, judge):
    abstention = json.dumps({"criterion_status": "CANNOT_ASSESS", "explanation": "x"})
    judge.says = lambda question: chosen(question, "not applicable") if "<options>" in question else abstention
    result = score(make(), RECORDS["right"])
    assert direct(judge, RECORDS["right"]).score is None
    assert (result.kind, result.metrics["cannot_assess"]) == (Kind.ABSTAINED, 4.0)
    assert [each["raw"] for each in result.components][:3] == ["CANNOT_ASSESS"] * 3


def test_one_call_for_all(make, judge):
    judge.says = lambda question: json.dumps(
        {"judgments": [{"criterion_id": f"c{each}", "criterion_status": "MET", "explanation": ""} for each in range(3)]}
    )
    result = score(make(llm_calls="per_item"), RECORDS["right"])
    assert len(judge.asked) == 1 and result.kind is Kind.JUDGE_UNPARSEABLE
    assert [each["value"] for each in result.components] == [1.0, 1.0, 1.0, None]


@pytest.mark.parametrize(
    ("record", "args", "missing"),
    [
        ({**RECORDS["right"], "prompt": None}, {}, "prompt"),
        (RECORDS["no gold"], {"reference": True}, "answer"),
        (RECORDS["golds"], {"reference": True}, "answer that is a text"),
    ],
)
def test_what_is_missing(make, judge, record, args, missing):
    result = score(make(**args), record)
    assert (result.kind, result.message, judge.asked) == (Kind.NEEDS, f"the record holds no {missing}", [])


CODE = """
import os
from autorubric import Criterion, LLMConfig, Rubric
from autorubric.graders import CriterionGrader, JudgeSpec

rubric = Rubric([Criterion(weight=1, requirement="The answer is right.")])

def ensemble():
    judges = [JudgeSpec(LLMConfig(model=f"openai/{name}", api_base=os.environ["URL"], api_key="k", max_retries=1), name)
              for name in ("first", "second", "third")]
    return rubric, CriterionGrader(judges=judges, aggregation="majority")
number = 7
"""


def test_an_ensemble_from_code(judge, root, monkeypatch):
    monkeypatch.setenv("URL", judge.url)
    (root / "rewards.py").write_text(CODE)
    component = made("autorubric:rewards.py:ensemble", root)
    judge.says = lambda question: json.dumps({"criterion_status": "MET", "explanation": "so"})
    result = score(component, said("hm"))
    assert result.reward == 1.0 and result.components[0]["agreement"] == 1.0 and len(judge.asked) == 3


@pytest.mark.parametrize(
    ("target", "args", "message"),
    [
        ("rewards.py:number", {}, "it is a int, not a Rubric or a pair"),
        ("rewards.py:rubric", {}, "no model"),
        ("missing.yaml", {"model": "m"}, "no file missing.yaml"),
        ("args", {"model": "m"}, "where the criteria"),
        ("args", {"criteria": CRITERIA, "model": "m", "api_key_from": "NO_SUCH"}, "variable 'NO_SUCH' is not set"),
        ("args", {"criteria": CRITERIA, "model": "m", "llm_calls": "twice"}, "llm_calls"),
        ("args", {"criteria": CRITERIA, "model": "m", "attempts": "2"}, "'attempts' is not int"),
    ],
)
def test_refusals(root, target, args, message):
    (root / "rewards.py").write_text(CODE)
    with pytest.raises(LoadRefused) as refused:
        made(f"autorubric:{target}", root, args=args)
    assert message in refused.value.message


def test_the_worker(start, root, judge, monkeypatch):
    """On its loop, many at once, with the variables that the rubric file lets in."""
    from harness import Worker
    from harness import score as call

    worker = Worker(root, JUDGE_KEY="s3cret", LITELLM_LOCAL_MODEL_COST_MAP="True")
    args = {"criteria": CRITERIA, "model": "openai/stub", "base_url": judge.url, "api_key_from": "JUDGE_KEY"}
    try:
        answer = worker.load("args", "autorubric", args=args)
        assert answer["type"] == "loaded" and answer["description"]["mutable"] and answer["description"]["async"]
        worker.send(*(call(RECORDS[name], number) for number, name in enumerate(("right", "wrong"), 1)))
        assert {each["id"]: each["reward"] for each in worker.outcomes(2)} == {1: 1.0, 2: 0.0}
    finally:
        worker.end()


def test_the_example(example, judge, monkeypatch):
    monkeypatch.setenv("JUDGE_URL", judge.url)
    component, records = example("autorubric")
    judge.says = lambda question: json.dumps(
        {"criterion_status": "MET" if is_good(question.rpartition("<submission>")[2]) else "UNMET", "explanation": ""}
    )
    assert [score(component, each).reward for each in records] == [0.5, 0.0]
