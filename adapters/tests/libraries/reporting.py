"""What the tests of Eval Protocol and of Reward Kit share: their reward functions are called alike."""

import asyncio
from inspect import isawaitable
from typing import Any

from rewardbridge.kinds import Kind
from rewardbridge.result import Result

# For `format(library=...)`.
CODE = """
from typing import List
from {library} import reward_function
from {library}.models import EvaluateResult, Message, MetricResult, StepOutput

@reward_function
def full(messages: List[Message], difficulty, **kwargs) -> EvaluateResult:
    assert isinstance(messages[-1], Message) and "gold" not in kwargs
    turns = [each for each in messages if each.role == "assistant"]
    calls = sum(len(each.tool_calls or []) for each in turns)
    return EvaluateResult(
        score=1 / (1 + len(messages[-1].content or "")),
        reason=difficulty,
        metrics={{
            "calls": MetricResult(score=min(calls / 2, 1.0), reason=f"{{calls}} calls"),
            "doubtful": MetricResult(score=0.0, is_score_valid=False, reason="no idea"),
        }},
        step_outputs=[StepOutput(step_index=f"turn {{n}}", base_reward=n / 8) for n, _ in enumerate(turns)],
    )

@reward_function
def mapping(messages, ground_truth, bonus=0.0, **kwargs):
    return {{"score": float(ground_truth in messages[-1]["content"]) + bonus, "reason": "found"}}

@reward_function
def invalid(messages, **kwargs):
    return EvaluateResult(score=0.0, is_score_valid=False, reason="the sandbox was gone")

@reward_function
def broken(messages, **kwargs):
    return EvaluateResult(score=0.0, error="the compiler was not found")

@reward_function
def nan(messages, **kwargs):
    return EvaluateResult(score=float("nan"))

@reward_function
def bare(messages, **kwargs):
    return 1.0

@reward_function
def raises(messages, **kwargs):
    raise KeyError("gold")

@reward_function(mode="batch")
def batch(rollouts_messages, ground_truth, bonus=0.0, **kwargs):
    assert kwargs["difficulty"] == ["easy"] * len(rollouts_messages)
    return [EvaluateResult(score=float(gold in each[-1]["content"]) + bonus)
            for each, gold in zip(rollouts_messages, ground_truth)]

@reward_function(mode="batch")
def fewer(rollouts_messages, **kwargs):
    return [EvaluateResult(score=1.0)]

def undecorated(messages, **kwargs):
    return EvaluateResult(score=1.0)
"""

# Of the library's own: the module, and arguments beside the conversation and the answer.
DECORATED = {
    "length_reward": ("length", {"target_length": 40}),
    "format_reward": ("format", {}),
    "math_reward": ("math", {}),
    "accuracy_reward": ("accuracy", {}),
    "repetition_penalty_reward": ("repetition", {}),
    "reasoning_steps_reward": ("reasoning_steps", {}),
}


def conversation(record: dict[str, Any]) -> list[dict[str, Any]]:
    """By hand, in chat form."""
    messages = []
    for each in [*record["prompt"], *record["messages"]]:
        message = {name: part for name, part in each.items() if name not in ("sampled", "tool_calls")}
        if calls := each.get("tool_calls"):
            message["tool_calls"] = [
                {
                    "id": call["id"],
                    "type": "function",
                    "function": {"name": call["name"], "arguments": call["arguments"]},
                }
                for call in calls
            ]
        messages.append(message)
    return messages


def expected_of(made: Any, record: dict[str, Any], args: dict[str, Any], gold: bool = True) -> Any:
    """A direct call of the function that the adapter loaded; the exception if there is one."""
    named = {"ground_truth": record["answer"]} if gold else {}
    try:
        report = made.callee.function(messages=conversation(record), **named, **record["info"], **args)
        return asyncio.run(_awaited(report)) if isawaitable(report) else report
    except Exception as error:
        return error


def check_reports(result: Result, report: Any) -> None:
    if isinstance(report, Exception):
        assert result.kind is Kind.EXCEPTION and type(report).__name__ in result.message
        return
    if report.error:
        assert result.kind is Kind.VERIFIER_ERROR
    elif not report.is_score_valid:
        assert (result.kind, result.message) == (Kind.MASKED, report.reason)
    else:
        assert result.status == "scored" and abs(result.reward - report.score) <= 1e-12
    assert [(each["path"], each["raw"], each["reason"]) for each in result.components or []] == [
        (name, each.score, each.reason) for name, each in report.metrics.items()
    ]
    assert [each["value"] for each in result.components or []] == [
        each.score if each.is_score_valid else None for each in report.metrics.values()
    ]
    if report.step_outputs and result.status == "scored":
        assert [each["reward"] for each in result.step_scores] == [each.base_reward for each in report.step_outputs]


async def _awaited(value: Any) -> Any:
    return await value
