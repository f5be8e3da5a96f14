"""Reward functions and evaluation tests of Eval Protocol, each against a direct call of the library."""

import asyncio

import pytest

pytest.importorskip("eval_protocol", reason="scripts/test-libraries.sh eval_protocol makes its environment")

from eval_protocol.models import EvaluationRow, InputMetadata, Message

from calls import score, values
from records import PLAIN, RECORDS, group, said
from rewardbridge.kinds import Kind
from rewardbridge.seam import LoadRefused
from reporting import CODE, DECORATED, check_reports, conversation, expected_of

TESTS = """
from typing import List
from eval_protocol import evaluation_test
from eval_protocol.models import EvaluateResult, EvaluationRow, MetricResult

def rated(row):
    last = row.messages[-1].content or ""
    info = row.input_metadata.dataset_info
    return EvaluateResult(
        score=float(str(row.ground_truth) in last) * 0.5 + len(row.messages) / 100,
        reason=info["difficulty"],
        metrics={"tools": MetricResult(score=float(any(each.tool_calls for each in row.messages)), reason="asked")},
    )

INPUT = {"input_messages": [[[{"role": "user", "content": "x"}]]], "completion_params": [{"model": "none"}]}

@evaluation_test(mode="pointwise", **INPUT)
def pointwise(row: EvaluationRow) -> EvaluationRow:
    row.evaluation_result = rated(row)
    return row

@evaluation_test(mode="pointwise", **INPUT)
async def later(row: EvaluationRow) -> EvaluationRow:
    row.evaluation_result = rated(row)
    return row

@evaluation_test(mode="pointwise", **INPUT)
def silent(row: EvaluationRow) -> EvaluationRow:
    return row

@evaluation_test(mode="all", **INPUT)
def together(rows: List[EvaluationRow], bonus: float = 0.0) -> List[EvaluationRow]:
    longest = max(len(each.messages[-1].content or "") for each in rows)
    for row in rows:
        row.evaluation_result = EvaluateResult(score=len(row.messages[-1].content or "") / longest + bonus)
    return rows

@evaluation_test(mode="all", **INPUT)
def fewer(rows: List[EvaluationRow]) -> List[EvaluationRow]:
    for row in rows:
        row.evaluation_result = EvaluateResult(score=1.0)
    return rows[1:]
"""


def row(record):
    return EvaluationRow(
        messages=[Message.model_validate(each) for each in conversation(record)],
        ground_truth=record["answer"],
        input_metadata=InputMetadata(row_id="multiply-1", dataset_info=record["info"]),
    )


@pytest.fixture
def direct():
    space = {"__name__": "the_same_code"}
    exec(TESTS, space)
    return lambda name, given, **more: asyncio.run(space[name](given) if not more else space[name](rows=given, **more))


@pytest.mark.parametrize("name", [*PLAIN, "golds"])
@pytest.mark.parametrize("test", ["pointwise", "later"])
def test_parity_of_tests(make, direct, test, name):
    result = score(make(f"eval_protocol:rewards.py:{test}", TESTS), RECORDS[name])
    expected = direct(test, row(RECORDS[name])).evaluation_result
    assert result.status == "scored" and result.reward == pytest.approx(expected.score, abs=1e-12)
    assert values(result) == {"tools": expected.metrics["tools"].score} and result.labels == {"reason": "easy"}


def test_a_row_without_a_result(make):
    assert score(make("eval_protocol:rewards.py:silent", TESTS), RECORDS["right"]).kind is Kind.ABSTAINED


def test_tests_need_the_answer_unless_told_otherwise(make):
    assert score(make("eval_protocol:rewards.py:pointwise", TESTS), RECORDS["no gold"]).kind is Kind.NEEDS
    made = make("eval_protocol:rewards.py:pointwise", TESTS, needs=["prompt", "messages"], columns=["difficulty"])
    assert score(made, RECORDS["no gold"]).reward == 0.03
    assert score(made, said("144", info={})).kind is Kind.NEEDS


def test_parity_of_tests_of_groups(make, direct):
    members = [RECORDS[name] for name in PLAIN]
    made = make("eval_protocol:rewards.py:together", TESTS, args={"bonus": 0.25})
    assert made.describe().unit == "group"
    expected = direct("together", [row(each) for each in members], bonus=0.25)
    results = score(made, group(*members)).members
    assert [each.reward for each in results] == [each.evaluation_result.score for each in expected]


def test_a_test_that_drops_a_row(make):
    made = make("eval_protocol:rewards.py:fewer", TESTS)
    assert score(made, group(RECORDS["right"], RECORDS["wrong"])).kind is Kind.WRONG_COUNT
    result = score(make("eval_protocol:rewards.py:together", TESTS), group(RECORDS["right"], RECORDS["no gold"]))
    assert [each.kind for each in result.members] == [Kind.NEEDS] * 2


def test_no_args_for_single_rows(make):
    with pytest.raises(LoadRefused, match="takes none"):
        make("eval_protocol:rewards.py:pointwise", TESTS, args={"bonus": 1})


@pytest.mark.parametrize("target", DECORATED)
@pytest.mark.parametrize("name", PLAIN)
def test_parity_of_the_librarys_own(make, target, name):
    place, args = DECORATED[target]
    made = make(f"eval_protocol:eval_protocol.rewards.{place}:{target}", args=args)
    check_reports(score(made, RECORDS[name]), expected_of(made, RECORDS[name], args))


@pytest.mark.parametrize("name", PLAIN)
def test_parity_of_an_asynchronous_function(make, name):
    code = (
        CODE.format(library="eval_protocol")
        + """
@reward_function
async def later(messages: List[Message], **kwargs) -> EvaluateResult:
    return full(messages, **kwargs)
"""
    )
    made = make("eval_protocol:rewards.py:later", code)
    assert made.describe().asynchronous
    check_reports(score(made, RECORDS[name]), expected_of(made, RECORDS[name], {}, gold=False))


def test_the_example(example):
    made, records = example("eval_protocol")
    assert [score(made, each).reward for each in records] == [1.0, 0.5, None]
