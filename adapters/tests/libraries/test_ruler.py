"""RULER of ART against a direct call of the library, with a stub for the judge."""

import asyncio
import json
import re

import pytest

pytest.importorskip("art.rewards", reason="scripts/test-libraries.sh ruler makes its environment")

from art.rewards import ruler

from calls import score
from judge import Judge, is_good
from records import PLAIN, PROMPT, RECORDS, group
from rewardbridge.kinds import Kind
from rewardbridge.seam import LoadRefused

CODE = """
from art.rewards.ruler import TrajectoryScore

seen = []

async def plain(message_lists, bonus=0.0):
    seen.append(message_lists)
    scores = [TrajectoryScore(trajectory_id=str(n), explanation="by count", score=bonus + n / 10)
              for n, _ in enumerate(message_lists, 1)]
    return list(reversed(scores))
"""


def verdicts(question, order=None, ids=None):
    """One score for each trajectory, better for the good; `order` says in which order they are listed."""
    parts = re.findall(r'<trajectory id="(\d+)">\n(.*?)\n</trajectory>', question, re.DOTALL)
    told = [
        {
            "trajectory_id": name,
            "explanation": f"as seen in {name}",
            "score": (0.9 if is_good(text) else 0.1) + int(name) / 1000,
        }
        for name, text in parts
    ]
    told = [told[place] for place in order] if order else told
    for each, name in zip(told, ids or []):
        each["trajectory_id"] = name
    return json.dumps({"scores": told})


@pytest.fixture
def judge():
    with Judge() as judge:
        judge.says = verdicts
        yield judge


@pytest.fixture
def made(make, judge, root):
    (root / "rewards.py").write_text(CODE)
    params = {"api_base": judge.url, "api_key": "none", "num_retries": 0, "max_retries": 0}
    return make("ruler:art.rewards:ruler", args={"judge_model": "openai/stub", "extra_litellm_params": params})


def members(*names):
    return [RECORDS[name] for name in names]


def direct(judge, records):
    conversations = [
        [*PROMPT, *({name: part for name, part in each.items() if name != "sampled"} for each in record["messages"])]
        for record in records
    ]
    params = {"api_base": judge.url, "api_key": "none"}
    call = ruler(conversations, judge_model="openai/stub", extra_litellm_params=params)
    return asyncio.run(call)


def test_parity(made, judge):
    names = [name for name in PLAIN if name != "tools"]
    results = score(made, group(*members(*names))).members
    expected = direct(judge, members(*names))
    assert [each.reward for each in results] == [each.score for each in expected]
    assert [each.labels["explanation"] for each in results] == [each.explanation for each in expected]
    assert results[0].reward > 0.5 > results[1].reward
    assert judge.asked[0]["messages"] == judge.asked[1]["messages"]


def test_scores_go_to_whom_they_name(made, judge):
    names = ["right", "wrong", "empty", "unicode"]
    usual = [each.reward for each in score(made, group(*members(*names))).members]
    judge.says = lambda question: verdicts(question, order=[3, 2, 1, 0])
    turned = [each.reward for each in score(made, group(*members(*names))).members]
    assert turned == usual
    assert [each.score for each in direct(judge, members(*names))] == list(reversed(usual))


@pytest.mark.parametrize(
    ("order", "ids"),
    [([0, 1], None), ([0, 1, 2, 2], None), ([0, 1, 2], ["1", "2", "2"]), ([0, 1, 2], ["1", "2", "4"])],
    ids=["too few", "too many", "one twice", "nobody's"],
)
def test_a_judge_that_cannot_count(made, judge, order, ids):
    judge.says = lambda question: verdicts(question, order, ids)
    result = score(made, group(*members("right", "wrong", "empty")))
    assert result.status == "failed" and result.kind is Kind.WRONG_COUNT and result.members is None


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("garbage", Kind.JUDGE_UNPARSEABLE),
        ("nothing", Kind.JUDGE_UNPARSEABLE),
        ("fails", Kind.JUDGE_FAILED),
        ("refuses", Kind.JUDGE_FAILED),
        ("busy", Kind.PROVIDER_QUOTA_EXHAUSTED),
    ],
)
def test_a_judge_that_does_not_judge(made, judge, mode, kind):
    judge.mode = mode
    result = score(made, group(*members("right", "wrong")))
    assert result.kind is kind and result.status == "failed"


def test_identical_members_get_one_absolute_score(made, judge):
    results = score(made, group(*members("right", "right", "right"))).members
    assert (
        len({each.reward for each in results}) == 1 and [each.metrics for each in results] == [{"identical": 1.0}] * 3
    )
    assert judge.asked[0]["messages"][-1]["content"].count("<trajectory") == 1


def test_tools_and_tool_calls_reach_the_judge(made, judge):
    tools = [{"type": "function", "function": {"name": "multiply", "parameters": {}}}]
    with_tools = [{**RECORDS[name], "tools": tools} for name in ("tools", "right")]
    assert score(made, group(*with_tools)).status == "scored"
    question = judge.asked[0]["messages"][-1]["content"]
    assert "<available_tools>" in question and '"function": {"name": "multiply", "arguments"' in question
    score(made, group(with_tools[0], RECORDS["right"]))
    assert "<available_tools>" not in judge.asked[1]["messages"][-1]["content"]


def test_a_function_of_ones_own(make):
    made = make("ruler:rewards.py:plain", CODE, args={"bonus": 0.5})
    assert [each.reward for each in score(made, group(*members("right", "wrong"))).members] == [0.6, 0.7]
    assert made.function.__globals__["seen"][0][1][-1] == {
        "role": "assistant",
        "content": RECORDS["wrong"]["messages"][0]["content"],
    }


def test_it_is_described_as_what_it_is(made):
    description = made.describe()
    assert description.unit == "group" and description.mutable and description.deterministic is False


@pytest.mark.parametrize(
    ("settings", "reason"), [({"args": {"judge": "x"}}, "these args"), ({"unit": "step"}, "compares")]
)
def test_refusals(make, settings, reason):
    with pytest.raises(LoadRefused) as refused:
        make("ruler:art.rewards:ruler", **settings)
    assert reason in refused.value.message


def test_the_example(example):
    made, records = example("ruler")
    assert made.describe().unit == "group" and made.args["judge_model"] and len(records) == 3
    assert all(each["group"]["id"] == "1" and each["messages"] for each in records)
