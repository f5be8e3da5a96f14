"""Rubrics of verifiers before 0.4, each against a direct call of the library."""

import asyncio
import math

import pytest

pytest.importorskip("verifiers.rubrics.rubric", reason="scripts/test-libraries.sh verifiers makes its environment")

import verifiers as vf
from verifiers.utils.message_utils import normalize_messages

from calls import score, values, waited
from judge import Judge
from records import PLAIN, RECORDS, conversed, group, said
from rewardbridge.kinds import Kind
from rewardbridge.seam import LoadRefused

CODE = """
import functools
import verifiers as vf

def correct(completion, answer):
    return 1.0 if str(answer) in (completion[-1]["content"] or "") else 0.0

async def brief(completion, state, **kwargs):
    assert kwargs["difficulty"] == "easy" and state["info"]["difficulty"] == "easy"
    return 1 / (1 + len(completion[-1].content or "") / 100)

def turns(state):
    return len(state["trajectory"])

def easy(difficulty, info):
    return float(difficulty == info["difficulty"] == "easy")

def boom(completion):
    raise KeyError("gold")

def nothing(completion):
    return None

def nan(completion):
    return float("nan")

def best(completions, answers) -> list:
    return [float(answer in each[-1]["content"]) / len(completions) for each, answer in zip(completions, answers)]

def short(completions) -> list:
    return [1.0]

def lazy(completion):
    return 0.25

parser = vf.XMLParser(["think", "answer"])
weighted = vf.Rubric(funcs=[correct, brief, turns, easy], weights=[0.75, 0.25, 0.0, 0.1], parser=parser)
boxed = vf.Parser(vf.extract_boxed_answer if hasattr(vf, "extract_boxed_answer") else None)

def make(weight=1.0):
    return vf.Rubric([correct], [weight])

class Own(vf.Rubric):
    def __init__(self, weight=1.0):
        super().__init__([self.mine], [weight])

    def mine(self, completion, parser):
        return float(parser is self.parser)

def environment():
    class Environment:
        rubric = make()
    return Environment()

groups = vf.RubricGroup([vf.Rubric([correct, lazy], [1.0, 0.5]), vf.Rubric([correct], [0.5])])
hidden = vf.Rubric([correct, boom], [1.0, 1.0])
metric = vf.Rubric([correct, boom], [1.0, 0.0])
none = vf.Rubric([nothing])
killed = vf.Rubric([correct, nan], [1.0, 0.0])
compared = vf.Rubric([correct, best], [1.0, 0.5])
miscounted = vf.Rubric([short])
empty = vf.Rubric()
partial = vf.Rubric([functools.partial(correct, answer="144")])
together = vf.RubricGroup([groups, vf.MathRubric()])

def math():
    return vf.MathRubric()

def judged(url):
    from openai import AsyncOpenAI
    rubric = vf.JudgeRubric(judge_client=AsyncOpenAI(base_url=url, api_key="none", max_retries=0), judge_model="stub")
    async def judge_says(prompt, completion, answer, state, judge):
        return 1.0 if "yes" in await judge(prompt, completion, answer, state) else 0.0
    rubric.add_reward_func(judge_says)
    return rubric
""".replace('boxed = vf.Parser(vf.extract_boxed_answer if hasattr(vf, "extract_boxed_answer") else None)\n', "")


def state(record):
    """As `Environment.init_state` and a rollout leave it."""
    row = {**record["info"], "info": record["info"], "example_id": 0}
    made = vf.State(input={**row, "prompt": normalize_messages(record["prompt"])})
    if "answer" in record:
        made["input"]["answer"] = record["answer"]
    said = [{name: part for name, part in each.items() if name != "sampled"} for each in record["messages"]]
    made["task"] = dict(made["input"])
    made["completion"] = normalize_messages(said)
    step = {"reward": None, "advantage": None, "extras": {}}
    made["trajectory"] = [dict(step) for each in said if each["role"] == "assistant"]
    return made


@pytest.fixture
def direct(root):
    """A rubric of the same code that no adapter has touched."""

    def call(name, *records, make=False):
        space = {}
        exec(CODE, space)
        rubric = space[name]() if make else space[name]
        states = [state(each) for each in records]

        async def scored():
            if len(states) == 1:
                await rubric.score_rollout(states[0])
            else:
                await rubric.score_group(states)
            await rubric.teardown()

        asyncio.run(scored())
        return states

    return call


@pytest.mark.parametrize("name", RECORDS)
@pytest.mark.parametrize("rubric", ["weighted", "groups"])
def test_parity(make, direct, rubric, name):
    record = RECORDS[name]
    result = score(make(f"verifiers:rewards.py:{rubric}", CODE), record)
    if name == "no gold":
        assert result.kind is Kind.NEEDS and "answer" in result.message
        return
    [expected] = direct(rubric, record)
    assert result.status == "scored" and result.reward == pytest.approx(expected["reward"], abs=1e-12)
    told = values(result) | (result.metrics or {})
    assert {metric: told[metric] for metric in expected["metrics"]} == expected["metrics"]


def test_components_have_the_weights_of_the_rubric(make):
    made = make("verifiers:rewards.py:weighted", CODE)
    assert made.describe().columns == ["difficulty"] and made.describe().components == [
        "correct",
        "brief",
        "turns",
        "easy",
    ]
    result = score(made, RECORDS["tools"])
    assert [(each["path"], each["kind"], each["weight"]) for each in result.components] == [
        ("correct", "reward", 0.75),
        ("brief", "reward", 0.25),
        ("turns", "metric", 0.0),
        ("easy", "reward", 0.1),
    ]
    assert values(result)["turns"] == 3
    assert sum(each["value"] * each["weight"] for each in result.components) == pytest.approx(result.reward, abs=1e-12)


def test_functions_of_one_name_are_added_up_and_told_apart(make, direct):
    result = score(make("verifiers:rewards.py:groups", CODE), RECORDS["right"])
    [expected] = direct("groups", RECORDS["right"])
    assert expected["metrics"] == {"correct": 2.0, "lazy": 0.25} and result.reward == expected["reward"] == 1.625
    assert values(result) == {"correct": 1.0, "lazy": 0.25, "correct_2": 1.0} and result.metrics == {"correct": 2.0}


def test_what_the_library_makes_a_zero_of_is_none(make, direct):
    result = score(make("verifiers:rewards.py:hidden", CODE), RECORDS["right"])
    assert direct("hidden", RECORDS["right"])[0]["metrics"]["boom"] == 0.0
    assert result.status == "failed" and result.kind is Kind.EXCEPTION and "boom: KeyError: 'gold'" in result.message
    assert "rewards.py" in result.traceback
    assert values(result) == {"correct": 1.0, "boom": None} and not result.metrics


def test_a_metric_that_raises_takes_no_reward_along(make, direct):
    result = score(make("verifiers:rewards.py:metric", CODE), RECORDS["right"])
    assert result.reward == direct("metric", RECORDS["right"])[0]["reward"] == 1.0
    assert result.components[1]["value"] is None and result.components[1]["failure"]["kind"] == "exception"


def test_none_is_no_number_to_the_library(make):
    assert score(make("verifiers:rewards.py:none", CODE), RECORDS["right"]).kind is Kind.NOT_A_NUMBER


def test_nan_with_no_weight_makes_nan_of_the_total(make, direct):
    assert math.isnan(direct("killed", RECORDS["right"])[0]["reward"])
    result = score(make("verifiers:rewards.py:killed", CODE), RECORDS["right"])
    assert result.kind is Kind.NOT_FINITE and result.message.endswith(": nan")


def test_reasoning_and_tool_calls_reach_the_functions(make):
    code = (
        CODE
        + """
def seen(completion):
    call = completion[0].tool_calls[0]
    told = [completion[0].reasoning_content, completion[0].content, call.id, call.name, call.arguments]
    return float(told == ["hm", "so", "call_0", "add", "{a"])

watched = vf.Rubric([seen])
"""
    )
    calls = [{"name": "add", "arguments": "{a"}]
    record = conversed([{"role": "assistant", "content": "so", "reasoning": "hm", "tool_calls": calls}])
    assert score(make("verifiers:rewards.py:watched", code), record).reward == 1.0


def test_a_column_that_is_not_there(make):
    result = score(make("verifiers:rewards.py:weighted", CODE), said("144", info={"level": 1}))
    assert result.kind is Kind.NEEDS and "info.difficulty" in result.message


@pytest.mark.parametrize("target", ["make", "Own"])
def test_what_is_made_with_args(make, target):
    result = score(make(f"verifiers:rewards.py:{target}", CODE, args={"weight": 0.5}), RECORDS["right"])
    assert result.reward == 0.5


def test_an_environment_gives_its_rubric(make):
    assert score(make("verifiers:rewards.py:environment", CODE), RECORDS["right"]).reward == 1.0


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("empty", "no reward function"),
        ("partial", "a partial has no __name__"),
        ("correct", "these args"),
        ("CODE", "no CODE"),
    ],
)
def test_refusals(make, target, reason):
    with pytest.raises(LoadRefused) as refused:
        make(f"verifiers:rewards.py:{target}", CODE)
    assert reason in refused.value.message


@pytest.mark.parametrize(("rubric", "unit"), [("compared", None), ("weighted", "group"), ("groups", "group")])
def test_groups(make, direct, rubric, unit):
    members = [RECORDS[name] for name in PLAIN]
    made = make(f"verifiers:rewards.py:{rubric}", CODE, **({"unit": unit} if unit else {}))
    assert made.describe().unit == "group"
    results = score(made, group(*members)).members
    for result, expected in zip(results, direct(rubric, *members), strict=True):
        assert result.reward == pytest.approx(expected["reward"], abs=1e-12)
        assert result.metrics["advantage"] == pytest.approx(expected["advantage"], abs=1e-12)
        told = values(result) | result.metrics
        assert {metric: told[metric] for metric in expected["metrics"]} == expected["metrics"]


def test_one_member_that_fails_leaves_the_others_their_scores(make):
    code = CODE.replace(
        "    raise KeyError", '    if "154" not in completion[-1]["content"]:\n        return 0.5\n    raise KeyError'
    )
    made = make("verifiers:rewards.py:hidden", code, unit="group")
    results = score(made, group(RECORDS["right"], RECORDS["wrong"])).members
    assert [each.kind for each in results] == [None, Kind.EXCEPTION] and results[0].reward == 1.5
    assert "advantage" not in (results[0].metrics or {})


def test_a_group_with_too_few_scores(make):
    results = score(make("verifiers:rewards.py:miscounted", CODE), group(RECORDS["right"], RECORDS["wrong"])).members
    assert [each.kind for each in results] == [Kind.WRONG_COUNT] * 2


def test_a_group_function_is_not_for_one_rollout(make):
    with pytest.raises(LoadRefused, match="scores groups"):
        make("verifiers:rewards.py:compared", CODE, unit="episode")


def test_math_rubric_runs_in_its_child(make, direct):
    made = make("verifiers:rewards.py:math", CODE)

    async def all_of_them():
        try:
            return [await made.score("e/1", RECORDS[name]) for name in PLAIN]
        finally:
            await made.rubric.teardown()

    results = asyncio.run(all_of_them())
    for name, result in zip(PLAIN, results):
        assert result.reward == direct("math", RECORDS[name], make=True)[0]["reward"]
    assert [each.reward for each in results[:2]] == [1.0, 0.0]


def test_math_rubrics_lost_child_is_no_wrong_answer(make):
    made = make("verifiers:rewards.py:math", CODE)
    made.rubric.executor.shutdown(wait=False)
    result = score(made, RECORDS["right"])
    assert result.status == "failed" and result.kind is Kind.EXCEPTION


def test_math_rubrics_time_limit_is_no_wrong_answer(make):
    made = make("verifiers:rewards.py:math", CODE)
    made.rubric.timeout_seconds = -1.0
    assert score(made, RECORDS["right"]).kind is Kind.TIMEOUT
    asyncio.run(made.rubric.teardown())


def test_judges(make):
    with Judge() as judge:
        judge.says = lambda question: "yes" if "144" in question.rpartition("Response:")[2] else "no"
        made = make("verifiers:rewards.py:judged", CODE, args={"url": judge.url})
        description = made.describe()
        assert description.mutable and description.deterministic is False
        results = [waited(made.score("e/1", RECORDS[name])) for name in ("right", "wrong")]
        assert [each.reward for each in results] == [1.0, 0.0] and len(judge.asked) == 2
        judge.mode = "fails"
        assert waited(made.score("e/1", RECORDS["right"])).kind is Kind.JUDGE_FAILED


def test_scores_at_once_do_not_mix(make):
    made = make("verifiers:rewards.py:weighted", CODE)

    async def together():
        return await asyncio.gather(*(made.score(f"e/{name}", RECORDS[name]) for name in PLAIN * 3))

    results = asyncio.run(together())
    alone = [score(made, RECORDS[name]) for name in PLAIN * 3]
    assert [(each.reward, each.components) for each in results] == [(each.reward, each.components) for each in alone]


def test_the_example(example):
    made, records = example("verifiers")
    assert [score(made, each).reward for each in records] == [1.0, 0.0, 0.75]
