"""TRL 1.16 without torch: `scripts/test-libraries.sh trl`."""

import asyncio
import math
import threading

import pytest

trl_rewards = pytest.importorskip("trl.rewards", reason="scripts/test-libraries.sh trl makes its environment")

from calls import made, score, values, waited  # noqa: E402
from records import PLAIN, RECORDS, conversed, group, said  # noqa: E402

from rewardbridge import fields  # noqa: E402
from rewardbridge.kinds import Kind  # noqa: E402
from rewardbridge.seam import LoadRefused  # noqa: E402

THINK = "<think>\nTwelve times twelve.\n</think>\nThe answer is \\boxed{144}"


def completion_of(record):
    return [{"role": each["role"], "content": each["content"]} for each in fields.messages(record)]


def tokens(count):
    return {"prompt_ids": [1], "completion_ids": [each % 7 for each in range(count)]}


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("target", ["accuracy_reward", "reasoning_accuracy_reward"])
def test_accuracy_gives_what_the_library_gives(make, target, name):
    logged = {}
    [expected] = getattr(trl_rewards, target)([completion_of(RECORDS[name])], ["144"], log_extra=logged.__setitem__)
    result = score(make(f"trl:trl.rewards:{target}"), RECORDS[name])
    assert (result.status, result.reward) == ("scored", expected)
    assert {column: [result.labels[column]] for column in logged} == logged


def test_the_records_tell_right_from_wrong(make):
    """A conversation is judged by its first message, which the label tells."""
    component = make("trl:trl.rewards:accuracy_reward")
    results = {name: score(component, RECORDS[name]) for name in PLAIN}
    assert {name: each.reward for name, each in results.items()} == {
        "right": 1, "wrong": 0, "long": 1, "empty": 0, "equivalent": 1, "tools": 0, "unicode": 1
    }  # fmt: skip
    assert results["tools"].labels["judged"] == "message 1 of 5: I shall multiply."
    assert results["wrong"].labels["judged"].startswith("message 1 of 1: 12*12 = 154.")


@pytest.mark.parametrize("text", [THINK, "<think>a<think>b</think>c", "\\boxed{144}", ""])
def test_think_format(make, text):
    result = score(make("trl:trl.rewards:think_format_reward"), said(text, answer=None))
    assert [result.reward] == trl_rewards.think_format_reward([[{"content": text}]])


@pytest.mark.parametrize("count", [0, 1, 50, 90, 200])
@pytest.mark.parametrize(
    ("target", "args"),
    [
        ("get_soft_overlong_punishment", {"max_completion_len": 100, "soft_punish_cache": 20}),
        ("get_repetition_penalty_reward", {"ngram_size": 3, "max_penalty": -1.0}),
        ("get_cosine_scaled_reward", {"max_len": 100}),
    ],
)
@pytest.mark.parametrize("name", ["right", "wrong"])
def test_rewards_of_token_ids(make, name, target, args, count):
    record = RECORDS[name] | {"tokens": tokens(count)}
    direct = getattr(trl_rewards, target)(**args)
    [expected] = direct(
        completions=[completion_of(record)], solution=["144"], completion_ids=[tokens(count)["completion_ids"]]
    )
    result = score(make(f"trl:trl.rewards:{target}", factory=True, args=args), record)
    assert result.status == "scored" and math.isclose(result.reward, expected, abs_tol=1e-12)


def test_no_token_ids_is_no_zero(make):
    args = {"max_completion_len": 100, "soft_punish_cache": 20}
    result = score(make("trl:trl.rewards:get_soft_overlong_punishment", factory=True, args=args), RECORDS["right"])
    assert result.kind is Kind.NEEDS and "tokens.completion_ids" in result.message


def test_no_gold_answer_and_one_that_cannot_be_parsed(make):
    component = make("trl:trl.rewards:accuracy_reward")
    assert score(component, RECORDS["no gold"]).kind is Kind.NEEDS
    record = said("\\boxed{144}", "the house")
    assert trl_rewards.accuracy_reward([completion_of(record)], ["the house"]) == [None]
    result = score(component, record)
    assert (result.status, result.kind) == ("unscored", Kind.ABSTAINED)
    assert result.labels["gold_parsed"] == "[unparseable]"


def test_several_gold_answers_cannot_be_parsed(make):
    assert trl_rewards.accuracy_reward([completion_of(RECORDS["golds"])], [["145", "144"]]) == [None]
    assert score(make("trl:trl.rewards:accuracy_reward"), RECORDS["golds"]).kind is Kind.ABSTAINED


def test_the_solution_may_be_a_column(make):
    record = said("\\boxed{144}", answer=None, info={"solution": "144"})
    assert score(make("trl:trl.rewards:accuracy_reward"), record).reward == 1
    component = make("trl:trl.rewards:accuracy_reward", columns=["solution"])
    assert component.describe().columns == ["solution"] and component.describe().needs == ["messages"]
    assert score(component, record).reward == 1
    assert score(component, RECORDS["right"]).message == "the record holds no info.solution"


def test_a_timeout_is_no_zero(make, monkeypatch):
    from math_verify import grader

    record = said("\\boxed{\\frac{288}{2}}")
    # As math_verify calls it when the alarm goes off.
    monkeypatch.setattr(grader, "sympy_expr_eq", lambda *_: _time_out())
    assert trl_rewards.accuracy_reward([completion_of(record)], ["144"]) == [0]
    assert score(make("trl:trl.rewards:accuracy_reward"), record).kind is Kind.TIMEOUT


def _time_out():
    from math_verify.errors import TimeoutException

    raise TimeoutException("Operation timed out!")


def test_off_the_main_thread_the_label_says_that_there_is_no_timeout(make):
    component = make("trl:trl.rewards:accuracy_reward")
    found = []
    thread = threading.Thread(target=lambda: found.append(component.score("e/1", RECORDS["right"])))
    thread.start()
    thread.join()
    assert found[0].reward == 1 and found[0].labels["math_verify_timeouts"].startswith("off")


AUTHORED = """
import asyncio
seen = {}

def everything(completions, **kwargs):
    seen.update(kwargs, completions=completions)
    return [len(completions)] * len(completions)

def logs(completions, difficulty, log_extra, log_metric, **kwargs):
    log_extra("text", [each[-1]["content"] for each in completions])
    log_extra("length", [len(each) for each in completions])
    log_extra("short", [1])
    log_metric("mean", 0.25)
    log_metric("mean", 0.75)
    log_metric("bad", float("nan"))
    return [0.5 if difficulty[0] == "easy" else None for _ in completions]

async def later(completions, answer, **kwargs):
    await asyncio.sleep(0)
    return [float(gold in each[-1]["content"]) for each, gold in zip(completions, answer)]

def text(prompts, completions, ground_truth, **kwargs):
    return [float(each.startswith("12*12") and "#### <number>" in prompt) for prompt, each in zip(prompts, completions)]

def trained(completions, trainer_state, **kwargs):
    return [trainer_state.global_step / 100 if trainer_state else None for _ in completions]

def ranked(completions, **kwargs):
    lengths = [len(each[0]["content"]) for each in completions]
    return [float(length == min(lengths)) for length in lengths]

async def ranked_later(completions, **kwargs):
    return ranked(completions)

def too_many(completions, **kwargs):
    return [1.0] * (len(completions) + 1)

def nan(completions, **kwargs):
    return [float("nan") for _ in completions]

def raises(completions, **kwargs):
    raise KeyError("gold")

def live(completions, environments, **kwargs):
    return [each.reward for each in environments]

def no_completions(max_len):
    return lambda completions, **kwargs: [max_len] * len(completions)

class Scaled:
    def __init__(self, by=1.0):
        self.by = by
    def __call__(self, completions, **kwargs):
        return [self.by for _ in completions]
"""


@pytest.fixture
def own(make):
    return lambda target, **settings: make(f"trl:rewards.py:{target}", AUTHORED, **settings)


def test_a_function_of_everything_gets_what_the_trainer_gives(own):
    component = own("everything")
    record = RECORDS["tools"] | {"tokens": tokens(3), "trainer": {"global_step": 10}}
    assert score(component, record).reward == 1
    seen = component.function.__globals__["seen"]
    assert seen["prompts"] == [record["prompt"]] and seen["difficulty"] == ["easy"] and seen["answer"] == ["144"]
    assert seen["completion_ids"] == [[0, 1, 2]] and seen["trainer_state"].global_step == 10
    [completion] = seen["completions"]
    assert [each["role"] for each in completion] == ["assistant", "tool", "assistant", "tool", "assistant"]
    assert completion[0]["tool_calls"][0]["function"] == {"name": "multiply", "arguments": {"a": 12, "b": 12}}
    assert record["messages"][0]["tool_calls"][0]["arguments"] == '{"a": 12, "b": 12}'
    assert callable(seen["log_extra"]) and callable(seen["log_metric"]) and "sampled" not in completion[0]


def test_what_is_logged(own):
    result = score(own("logs"), RECORDS["tools"])
    assert result.reward == 0.5
    assert result.labels == {"text": "It is \\boxed{144}\n#### 144"}
    assert values(result) == {"length": 5, "short": 1} and result.metrics == {"mean": 0.5}


def test_what_is_logged_of_several_goes_to_each(own):
    component = own("logs", elementwise=True)
    first, second = component.score_batch([RECORDS["right"], RECORDS["tools"]])
    assert (values(first), values(second)) == ({"length": 1}, {"length": 5})
    assert first.labels["short"] == "log_extra gave 1 values for 2 completions"


def test_none_is_no_score_and_keeps_what_was_logged(own):
    result = score(own("logs"), said("a", info={"difficulty": "hard"}))
    assert (result.status, result.kind) == ("unscored", Kind.ABSTAINED) and values(result)["length"] == 1


def test_a_column_that_is_not_there(own):
    component = own("logs")
    assert component.describe().columns == ["difficulty"] and component.describe().needs == ["messages"]
    assert score(component, said("a", info={})).message == "the record holds no info.difficulty"


def test_an_asynchronous_function(own):
    component = own("later")
    assert component.describe().asynchronous
    assert (score(component, RECORDS["right"]).reward, score(component, RECORDS["wrong"]).reward) == (1, 0)


def test_texts(own):
    component = own("text", completions="text")
    assert component.describe().needs == ["answer", "completion", "prompt"]
    assert (score(component, RECORDS["right"]).reward, score(component, RECORDS["tools"]).reward) == (1, 0)


def test_the_state_of_the_trainer(own):
    component = own("trained")
    assert score(component, RECORDS["right"] | {"trainer": {"global_step": 50}}).reward == 0.5
    assert score(component, RECORDS["right"]).kind is Kind.ABSTAINED


@pytest.mark.parametrize("target", ["ranked", "ranked_later"])
def test_a_group_is_one_call(own, target):
    component = own(target, unit="group")
    result = score(component, group(said("aaa"), said("a"), said("aa")))
    assert [each.reward for each in result.members] == [0, 1, 0]


def test_a_group_with_a_member_that_lacks_something(own):
    component = own("later", unit="group")
    result = score(component, group(said("a"), said("b", answer=None)))
    assert result.kind is Kind.NEEDS and "member 2" in result.message


def test_a_batch_leaves_out_what_lacks_something(make):
    component = make("trl:trl.rewards:accuracy_reward", elementwise=True)
    results = component.score_batch([RECORDS["right"], RECORDS["no gold"], RECORDS["wrong"]])
    assert [(each.reward, each.kind) for each in results] == [(1, None), (None, Kind.NEEDS), (0, None)]


@pytest.mark.parametrize(
    ("target", "kind"), [("too_many", Kind.WRONG_COUNT), ("nan", Kind.NOT_FINITE), ("raises", Kind.EXCEPTION)]
)
def test_failures(own, target, kind):
    assert score(own(target), RECORDS["right"]).kind is kind


def test_classes_and_factories(own):
    assert score(own("Scaled", args={"by": 0.25}), RECORDS["right"]).reward == 0.25
    assert score(own("no_completions", factory=True, args={"max_len": 7}), RECORDS["right"]).reward == 7


@pytest.mark.parametrize(
    ("target", "settings", "reason"),
    [
        ("live", {}, "live environments"),
        ("no_completions", {}, "takes no completions"),
        ("everything", {"unit": "step"}, "take lists"),
        ("everything", {"shape": "text"}, "unknown"),
        ("ranked", {"unit": "group", "elementwise": True}, "elementwise"),
    ],
)
def test_what_is_refused(own, target, settings, reason):
    with pytest.raises(LoadRefused, match=reason):
        own(target, **settings)


def test_builtins_take_no_texts(tmp_path):
    with pytest.raises(LoadRefused, match="take messages"):
        made("trl:trl.rewards:accuracy_reward", tmp_path, completions="text")


def test_asynchronous_calls_run_together(own):
    component = own("later")

    async def all_of_them():
        return await asyncio.gather(*(component.score("e/1", RECORDS[each]) for each in PLAIN))

    assert [each.reward for each in waited(all_of_them())] == [1, 0, 1, 0, 1, 1, 1]


def test_the_example(example):
    component, records = example("trl")
    results = [score(component, each) for each in records]
    assert [(each.reward, each.kind) for each in results] == [(1, None), (0, None), (None, Kind.ABSTAINED)]


def test_conversations_with_parts(own):
    parts = [{"type": "text", "text": "a"}, {"type": "image", "url": "x"}]
    assert score(own("everything"), conversed([{"role": "assistant", "content": parts}])).reward == 1
