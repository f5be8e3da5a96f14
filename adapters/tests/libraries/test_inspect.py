"""Scorers of Inspect, each against a direct call of the library."""

import asyncio
import json
from math import isnan

import pytest

pytest.importorskip("inspect_ai", reason="scripts/test-libraries.sh inspect makes its environment")

from inspect_ai.model import ChatMessageAssistant, ChatMessageSystem, ChatMessageTool, ChatMessageUser, ModelName
from inspect_ai.model import ModelOutput
from inspect_ai.model._model_output import ChatCompletionChoice
from inspect_ai.scorer import Target, value_to_float
from inspect_ai.solver import TaskState
from inspect_ai.tool import ToolCall

from calls import score, values
from judge import Judge
from records import PLAIN, RECORDS, conversed, said
from rewardbridge.kinds import Kind
from rewardbridge.seam import LoadRefused

CODE = """
from inspect_ai.scorer import Score, Target, accuracy, mean, model_graded_qa, scorer, multi_scorer, includes, match
from inspect_ai.solver import TaskState
from inspect_ai.model import get_model
from inspect_ai.util import store

def gives(value, **more):
    @scorer(metrics=[mean()])
    def made():
        async def score(state, target):
            return None if value is None else Score(value=value, **more)
        return score
    return made()

none = gives(None)
nan = gives(float("nan"), explanation="no verdict")
infinite = gives(float("inf"))
text = gives("perhaps")
digits = gives("0.25")
yes = gives("YES")
flag = gives(True)
single = gives({"only": 0.5})
several = gives({"right": "C", "style": 0.25, "tone": None, "length": float("nan")}, metadata={"words": 7, "by": "me"})
listed = gives([0.5, "I"])

@scorer(metrics=[accuracy()])
def unscored():
    async def score(state, target):
        return Score.unscored(reason="scoring_failed", explanation="no log probabilities", answer="4")
    return score

@scorer(metrics=[accuracy()])
def raises():
    async def score(state, target):
        raise RuntimeError("out of paper")
    return score

@scorer(metrics={"*": [mean()]})
def detailed(weight=1.0):
    async def score(state: TaskState, target: Target) -> Score:
        store().set("seen", store().get("seen", 0) + 1)
        words = len(state.output.completion.split())
        calls = sum(len(each.tool_calls or []) for each in state.messages if each.role == "assistant")
        value = {
            "right": "C" if any(each in state.output.completion for each in target) else "I",
            "words": words * weight,
            "calls": calls,
            "easy": state.metadata["difficulty"] == "easy",
            "seen": store().get("seen"),
            "messages": len(state.messages),
        }
        return Score(value=value, answer=target.text, explanation=state.input_text)
    return score

def graded(url):
    return model_graded_qa(model=get_model("openai-api/stub/stub", base_url=url, api_key="none"))

both = multi_scorer([includes(), match()], "mean")
"""

LIBRARY = {
    "includes": {},
    "match": {"location": "end", "numeric": True},
    "exact": {},
    "f1": {},
    "pattern": {"pattern": r"boxed\{(\d+)\}"},
    "answer": {"pattern": "line"},
    "math": {},
}


def state(record):
    """By hand, as a task's sample after its solvers."""
    messages = []
    for each in [*record["prompt"], *record["messages"]]:
        match each["role"]:
            case "system":
                messages.append(ChatMessageSystem(content=each["content"]))
            case "user":
                messages.append(ChatMessageUser(content=each["content"]))
            case "tool":
                messages.append(ChatMessageTool(content=each["content"], tool_call_id="call_1", function="multiply"))
            case _:
                calls = [ToolCall(id="call_1", function="multiply", arguments={"a": 12, "b": 12})]
                calls = calls if "tool_calls" in each else None
                messages.append(ChatMessageAssistant(content=each["content"], tool_calls=calls))
    output = ModelOutput(model="a/b", choices=[ChatCompletionChoice(message=messages[-1])])
    answer = record["answer"]
    return TaskState(
        model=ModelName("a/b"),
        sample_id="1",
        epoch=1,
        input=messages[:2],
        messages=messages,
        target=Target(answer),
        output=output,
        metadata=record["info"],
        completed=True,
    )


def direct(scorer, record):
    given = state(record)

    async def call():
        return await scorer(given, given.target)

    return asyncio.run(call())


@pytest.mark.parametrize("name", [*PLAIN, "golds"])
@pytest.mark.parametrize("scorer", LIBRARY)
def test_parity_of_the_librarys_own(make, scorer, name):
    import inspect_ai.scorer

    made = make(f"inspect:inspect_ai.scorer:{scorer}", args=LIBRARY[scorer])
    expected = direct(getattr(inspect_ai.scorer, scorer)(**LIBRARY[scorer]), RECORDS[name])
    result = score(made, RECORDS[name])
    if isinstance(expected.value, float) and isnan(expected.value):
        assert result.kind is Kind.ABSTAINED
    else:
        assert result.status == "scored" and result.reward == value_to_float()(expected.value)
    for name in ("answer", "explanation"):
        assert ((result.labels or {}).get(name) or "")[:1000] == (getattr(expected, name) or "")[:1000]
    if isinstance(expected.value, str):
        assert result.labels["value"] == expected.value


@pytest.mark.parametrize("name", [*PLAIN, "golds"])
def test_parity_of_parts(make, name):
    space = {}
    exec(CODE, space)
    expected = direct(space["detailed"](weight=0.5), RECORDS[name])
    made = make("inspect:rewards.py:detailed", CODE, args={"weight": 0.5}, reward_key="right", columns=["difficulty"])
    result, again = (score(made, RECORDS[name]) for _ in range(2))
    # Here, outside of a task, all calls share one store.
    expected.value["seen"] = 1
    assert result.reward == value_to_float()(expected.value["right"])
    assert values(result) == {path: value_to_float()(value) for path, value in expected.value.items()}
    assert [each["raw"] for each in result.components] == list(expected.value.values())
    assert again.components == result.components


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("none", Kind.ABSTAINED),
        ("nan", Kind.ABSTAINED),
        ("unscored", Kind.ABSTAINED),
        ("infinite", Kind.NOT_FINITE),
        ("text", Kind.NOT_A_NUMBER),
        ("raises", Kind.EXCEPTION),
        ("several", Kind.NOT_A_NUMBER),
    ],
)
def test_no_score(make, target, kind):
    result = score(make(f"inspect:rewards.py:{target}", CODE), RECORDS["right"])
    assert result.kind is kind and result.status == kind.status and result.reward is None


def test_what_is_told_beside_no_score(make):
    result = score(make("inspect:rewards.py:unscored", CODE), RECORDS["right"])
    assert result.message == "no log probabilities"
    assert result.labels == {"answer": "4", "explanation": "no log probabilities", "reason": "scoring_failed"}
    assert score(make("inspect:rewards.py:nan", CODE), RECORDS["right"]).message == "no verdict"


@pytest.mark.parametrize(
    ("target", "key", "reward"),
    [
        ("digits", None, 0.25),
        ("yes", None, 1.0),
        ("flag", None, 1.0),
        ("single", None, 0.5),
        ("several", "right", 1.0),
        ("several", "style", 0.25),
        ("listed", "0", 0.5),
        ("listed", "1", 0.0),
        ("several", "tone", None),
        ("several", "length", None),
    ],
)
def test_values(make, target, key, reward):
    made = make(f"inspect:rewards.py:{target}", CODE, **({"reward_key": key} if key else {}))
    result = score(made, RECORDS["right"])
    assert (result.reward, result.kind) == (reward, None if reward is not None else Kind.ABSTAINED)


def test_parts_without_a_value_and_numbers_beside(make):
    result = score(make("inspect:rewards.py:several", CODE, reward_key="right"), RECORDS["right"])
    assert values(result) == {"right": 1.0, "style": 0.25, "tone": None, "length": None}
    assert [each.get("raw") for each in result.components][:3] == ["C", 0.25, None]
    assert result.metrics == {"words": 7.0}


def test_an_answer_that_is_not_there(make):
    assert score(make("inspect:inspect_ai.scorer:includes"), RECORDS["no gold"]).kind is Kind.NEEDS
    made = make("inspect:rewards.py:flag", CODE, needs=["prompt", "messages"])
    assert made.describe().needs == ["prompt", "messages"] and score(made, RECORDS["no gold"]).reward == 1.0


def test_reasoning_and_tool_calls_reach_the_scorer(make):
    code = (
        CODE
        + """
import json

@scorer(metrics=[mean()])
def seen():
    async def score(state, target):
        said = state.messages[-1]
        call = said.tool_calls[0]
        told = [said.content[0].reasoning, said.text, call.id, call.function, call.arguments, bool(call.parse_error)]
        return Score(value=1, answer=json.dumps(told))
    return score
"""
    )
    calls = [{"name": "add", "arguments": "{a"}]
    record = conversed([{"role": "assistant", "content": "so", "reasoning": "hm", "tool_calls": calls}])
    told = score(make("inspect:rewards.py:seen", code), record).labels["answer"]
    assert json.loads(told) == ["hm", "so", "call_0", "add", {}, True]


def test_a_column_that_is_not_there(make):
    made = make("inspect:rewards.py:detailed", CODE, columns=["difficulty"], reward_key="right")
    assert score(made, said("144", info={})).kind is Kind.NEEDS


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("inspect_ai.scorer:choice", "marks of the solver"),
        ("rewards.py:gives", "these args"),
        ("rewards.py:CODE", "no CODE"),
    ],
)
def test_refusals(make, target, reason):
    with pytest.raises(LoadRefused) as refused:
        make(f"inspect:{target}", CODE)
    assert reason in refused.value.message


def test_a_multi_scorer_is_a_scorer_without_a_factory(make):
    result = score(make("inspect:rewards.py:both", CODE), RECORDS["right"])
    assert result.reward == 1.0


def test_a_grader(make):
    pytest.importorskip("openai", reason="graders over openai-api need openai")
    with Judge() as judge:
        judge.says = lambda question: "GRADE: C" if "boxed{144}" in question else "GRADE: I"
        made = make("inspect:rewards.py:graded", CODE, args={"url": judge.url})
        description = made.describe()
        assert description.mutable and description.deterministic is False
        results = [score(made, RECORDS[name]) for name in ("right", "wrong")]
    assert [each.reward for each in results] == [1.0, 0.0] and len(judge.asked) == 2
    assert results[0].labels["explanation"] == "GRADE: C"


def test_a_grader_without_a_verdict_is_no_zero(make):
    pytest.importorskip("openai", reason="graders over openai-api need openai")
    with Judge() as judge:
        judge.mode = "garbage"
        result = score(make("inspect:rewards.py:graded", CODE, args={"url": judge.url}), RECORDS["right"])
    assert result.kind is Kind.ABSTAINED and result.labels["reason"] == "grader_failed"


def test_the_example(example):
    made, records = example("inspect")
    assert [score(made, each).reward for each in records] == [1.0, 0.5, 0.0]
