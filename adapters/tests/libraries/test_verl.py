"""verl 0.9 without torch: `scripts/test-libraries.sh verl`."""

import json
import os
import signal
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

if find_spec("verl") is None:
    pytest.skip("scripts/test-libraries.sh verl makes its environment", allow_module_level=True)

from calls import made, score, values  # noqa: E402
from harness import Worker  # noqa: E402
from records import PLAIN, RECORDS, conversed, group, said  # noqa: E402

from rewardbridge import fields  # noqa: E402
from rewardbridge.adapters.verl.scorers import bypass  # noqa: E402
from rewardbridge.kinds import Kind  # noqa: E402
from rewardbridge.seam import LoadRefused  # noqa: E402

bypass()

from verl.utils import reward_score  # noqa: E402
from verl.utils.reward_score import gsm8k, math_batch, math_dapo, math_reward, search_r1_like_qa_em  # noqa: E402

PLAIN_SCORERS = {"gsm8k": gsm8k, "math_reward": math_reward, "math_dapo": math_dapo}
CODE = said("```python\nprint(int(input()) ** 2)\n```", json.dumps({"inputs": ["12\n"], "outputs": ["144\n"]}))


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("target", PLAIN_SCORERS)
def test_a_scorer_gives_what_the_library_gives(make, target, name):
    record = RECORDS[name]
    expected = PLAIN_SCORERS[target].compute_score(fields.completion(record), "144")
    result = score(make(f"verl:{target}"), record)
    parts = expected if isinstance(expected, dict) else {"score": expected}
    assert (result.status, result.reward) == ("scored", parts["score"])
    assert values(result) | (result.labels or {}) == {name: each for name, each in parts.items() if name != "score"}


def test_the_records_tell_right_from_wrong(make):
    component = make("verl:gsm8k")
    rewards = {name: score(component, RECORDS[name]).reward for name in PLAIN}
    assert rewards == {
        "right": 1, "wrong": 0, "long": 1, "empty": 0, "equivalent": 0, "tools": 1, "unicode": 1
    }  # fmt: skip


def test_arguments_of_a_scorer(make):
    record = said("It is 144.")
    flexible = make("verl:gsm8k", args={"method": "flexible", "score": 0.5})
    assert (score(make("verl:gsm8k"), record).reward, score(flexible, said("It is 144 now")).reward) == (0, 0.5)


@pytest.mark.parametrize(
    "source", ["openai/gsm8k", "HuggingFaceH4/MATH-500", "math_dapo", "aime24", "searchR1_nq", "unheard_of"]
)
@pytest.mark.parametrize("name", ["right", "wrong"])
def test_by_data_source(make, source, name):
    record = RECORDS[name] | {"task": {"data_source": source}}
    if source.startswith("searchR1"):
        record |= {"answer": {"target": ["144"]}}
    component = make("verl:default_compute_score")
    result = score(component, record)
    try:
        expected = reward_score.default_compute_score(source, fields.completion(record), record["answer"])
    except NotImplementedError:
        assert result.kind is Kind.EXCEPTION and "unheard_of" in result.message
        return
    assert result.reward == (expected["score"] if isinstance(expected, dict) else expected)


def test_where_the_data_source_comes_from(make):
    component = make("verl:default_compute_score")
    assert component.describe().columns == ["data_source"]
    assert score(component, RECORDS["right"] | {"task": {}}).kind is Kind.NEEDS
    assert score(component, RECORDS["right"] | {"task": {}, "info": {"data_source": "openai/gsm8k"}}).reward == 1
    fixed = make("verl:default_compute_score", args={"data_source": "openai/gsm8k"})
    assert fixed.describe().columns == [] and score(fixed, RECORDS["right"] | {"task": {}}).reward == 1


def test_answers_in_tags(make):
    record = said("<answer> 144 </answer>", {"target": ["144", "CXLIV"]})
    expected = search_r1_like_qa_em.compute_score("<answer> 144 </answer>", {"target": ["144", "CXLIV"]})
    assert score(make("verl:search_r1_like_qa_em"), record).reward == expected == 1


def test_math_verify_in_its_processes(make):
    component = make("verl:math_verify")
    rewards = {name: score(component, RECORDS[name]).reward for name in PLAIN}
    assert rewards == {
        "right": 1, "wrong": 0, "long": 1, "empty": 0, "equivalent": 1, "tools": 1, "unicode": 1
    }  # fmt: skip
    module = sys.modules["verl.utils.reward_score.math_verify"]
    # The library's own function, without what watches it.
    assert component.function.__wrapped__("\\boxed{\\frac{288}{2}}", "144") == 1
    module._pool.shutdown()


def test_math_verify_out_of_time_and_in_trouble_is_no_zero(make):
    component = make("verl:math_verify", args={"timeout": 0.0})
    unwatched = component.function.__wrapped__
    assert unwatched("\\boxed{144}", "144", timeout=0.0) == 0
    assert score(component, RECORDS["right"]).kind is Kind.TIMEOUT
    # What the child raises; the library prints it and says 0.
    assert unwatched(None, "144") == 0
    component = make("verl:math_verify")
    sys.modules["verl.utils.reward_score.math_verify"]._pool.shutdown()
    assert score(component, RECORDS["right"]).kind is Kind.TIMEOUT


def test_math_verify_in_a_real_worker(root):
    """Its processes import the worker's main module once more."""
    worker = Worker(root)
    try:
        assert worker.load("math_verify", "verl")["type"] == "loaded"
        assert worker.score(RECORDS["equivalent"])["reward"] == 1
    finally:
        # The bridge kills the worker's process group; what is left of it would hold its log open.
        place = Path(f"/proc/{worker.process.pid}/task/{worker.process.pid}/children")
        for child in [*map(int, place.read_text().split()), worker.process.pid]:
            os.kill(child, signal.SIGKILL)
        worker.process.communicate(timeout=10)


def test_code(make):
    component = make("verl:prime_code", args={"continuous": True})
    result = score(component, CODE)
    assert (result.status, result.reward) == ("scored", 1)
    wrong = CODE | {"messages": said("```python\nprint(1)\n```")["messages"]}
    assert score(component, wrong).reward == 0


def test_code_whose_tests_cannot_be_run_is_no_zero(make):
    record = CODE | {"answer": '{"no": "inputs"}'}
    prime_code = sys.modules["verl.utils.reward_score.prime_code"]
    assert prime_code.compute_score.__wrapped__("print(1)", '{"no": "inputs"}') == (False, None)
    assert score(make("verl:prime_code"), record).kind is Kind.VERIFIER_ERROR
    by_source = make("verl:default_compute_score", args={"data_source": "apps"})
    assert score(by_source, record).kind is Kind.VERIFIER_ERROR


def test_the_batched_scorer(make):
    component = make("verl:math_batch", elementwise=True)
    records = [RECORDS[name] for name in PLAIN]
    texts = [fields.completion(each) for each in records]
    expected = math_batch.compute_score_batched([""] * len(texts), texts, ["144"] * len(texts), [{}] * len(texts))
    assert [each.reward for each in component.score_batch(records)] == expected
    assert [score(component, each).reward for each in records] == expected
    assert component.score_batch([RECORDS["no gold"], RECORDS["right"]])[0].kind is Kind.NEEDS


@pytest.mark.parametrize("target", ["gsm8k", "default_compute_score"])
def test_a_missing_gold_answer_is_no_zero(make, target):
    assert score(make(f"verl:{target}"), RECORDS["no gold"]).kind is Kind.NEEDS


AUTHORED = """
import asyncio
seen = {}

def compute_score(data_source, solution_str, ground_truth, extra_info=None, bonus=0.0):
    seen.update(extra_info, data_source=data_source)
    right = float(ground_truth in solution_str)
    return {"score": right + bonus, "acc": right, "length": len(solution_str), "found": solution_str[-3:]}

async def later(data_source, solution_str, ground_truth, extra_info=None):
    await asyncio.sleep(0)
    return float(ground_truth in solution_str)

def batch(data_sources, solution_strs, ground_truths, extra_infos):
    longest = max(map(len, solution_strs))
    scores = [float(len(each) == longest) for each in solution_strs]
    return [{"score": score, "turns": info["num_turns"]} for score, info in zip(scores, extra_infos)]

def no_score(data_source, solution_str, ground_truth, extra_info=None):
    return {"acc": 1.0}

def flagged(data_source, solution_str, ground_truth, extra_info=None):
    return {"score": 0.0, "timeout": True}

def raises(**kwargs):
    raise ValueError("the parser broke")

def text(solution, truth):
    return 1.0

def library(data_source, solution_str, ground_truth, extra_info=None):
    from verl.utils.reward_score import gsm8k
    return gsm8k.compute_score(solution_str, ground_truth)
"""


@pytest.fixture
def own(make):
    return lambda target, **settings: make(f"verl:rewards.py:{target}", AUTHORED, **settings)


def test_a_function_of_ones_own(own):
    component = own("compute_score", args={"bonus": 0.5})
    assert component.describe().needs == ["completion", "answer"]
    result = score(component, RECORDS["right"])
    assert (result.reward, values(result), result.labels) == (1.5, {"acc": 1, "length": 33}, {"found": "144"})
    seen = component.function.__globals__["seen"]
    assert seen == {
        "data_source": "openai/gsm8k", "difficulty": "easy", "num_turns": 2, "rollout_reward_scores": {}
    }  # fmt: skip


def test_turns_and_rewards_of_others(own):
    component = own("compute_score")
    prior = [{"status": "scored", "reward": 0.25, "scorer": {"name": "env"}}]
    assert score(component, RECORDS["tools"] | {"prior_scores": prior}).reward == 1
    seen = component.function.__globals__["seen"]
    # Three turns of the assistant, two answers of tools, and one.
    assert (seen["num_turns"], seen["rollout_reward_scores"]) == (6, {"env": 0.25})


def test_asynchronous_and_batched_functions(own):
    component = own("later")
    assert component.describe().asynchronous and score(component, RECORDS["right"]).reward == 1
    component = own("batch")
    assert component.describe().unit == "batch" and score(component, RECORDS["right"]).reward == 1
    result = score(own("batch", unit="group"), group(said("a"), said("aaa"), said("aa")))
    assert [each.reward for each in result.members] == [0, 1, 0] and values(result.members[0]) == {"turns": 2}


def test_a_library_scorer_called_from_ones_own_code(own):
    assert score(own("library"), RECORDS["right"]).reward == 1


def test_failures(own):
    assert score(own("no_score"), RECORDS["right"]).kind is Kind.NOT_A_NUMBER
    assert score(own("raises"), RECORDS["right"]).kind is Kind.EXCEPTION
    # What the function itself says of its 0 is told beside it.
    flagged = score(own("flagged"), RECORDS["right"])
    assert (flagged.reward, values(flagged)) == (0, {"timeout": 1})


def test_parts_of_a_message_are_one_text(own):
    parts = [{"type": "text", "text": "14"}, {"type": "text", "text": "4"}]
    assert score(own("later"), conversed([{"role": "assistant", "content": parts}])).reward == 1


@pytest.mark.parametrize(
    ("target", "settings", "reason"),
    [
        ("gms8k", {}, "could not find scorer"),
        ("geo3k", {}, "mathruler"),
        ("prime_math", {}, "torch|pylatexenc"),
        ("gsm8k", {"unit": "batch"}, "takes one"),
        ("gsm8k", {"args": {"methd": "strict"}}, "no such parameter"),
        ("math_batch", {"unit": "step"}, "takes lists"),
    ],
)
def test_what_is_refused(tmp_path, target, settings, reason):
    with pytest.raises(LoadRefused, match=reason):
        made(f"verl:{target}", tmp_path, **settings)


def test_a_function_of_other_parameters_is_refused(own):
    with pytest.raises(LoadRefused, match="as verl does"):
        own("text")


def test_the_example(example):
    component, records = example("verl")
    assert [score(component, each).reward for each in records] == [1, 0.1, 0]
