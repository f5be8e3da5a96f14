"""Atropos 0.4 without what it depends on: `scripts/test-libraries.sh atropos`."""

import importlib.util
import threading

import pytest

if importlib.util.find_spec("atroposlib") is None:
    pytest.skip("scripts/test-libraries.sh atropos makes its environment", allow_module_level=True)

from atroposlib.envs.reward_fns import registry  # noqa: E402

from calls import made, score, values  # noqa: E402
from records import PLAIN, RECORDS, group, said  # noqa: E402

from rewardbridge import fields  # noqa: E402
from rewardbridge.failures import result_of_error  # noqa: E402
from rewardbridge.kinds import Kind  # noqa: E402
from rewardbridge.seam import LoadRefused  # noqa: E402

CONFIGS = {
    "accuracy": {"weight": 0.5},
    "format": {"preferred_tags": ["think"], "weight": 2.0},
    "r1": {},
    "formatreasoning": {"weight": 0.25},
    "reasoning_steps": {},
    "repetition_penalty": {"weight": 3.0},
    "crossword_format": {},
    "cascading_r1_math": {"weight": 0.5},
    "combined": {"rewards": ["format", {"type": "accuracy", "weight": 2.0}], "normalization": "sum", "weight": 0.5},
}


def completion_of(record):
    return [{"role": each["role"], "content": each["content"]} for each in fields.messages(record)]


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("target", CONFIGS)
def test_a_function_gives_what_the_library_gives(make, target, name):
    # A name that no file has is there once the file of another is loaded.
    registry.get("r1")
    direct = registry.create({"type": target, **CONFIGS[target]})
    [expected] = direct([completion_of(RECORDS[name])], solution=["144"], difficulty=["easy"])
    component = make(f"atropos:{target}", args=CONFIGS[target])
    result = score(component, RECORDS[name])
    assert result.status == "scored" and abs(result.reward - expected) <= 1e-12
    own = result.components[0]
    assert (own["path"], own["kind"], own["weight"]) == (direct.name, "reward", direct.weight)
    assert abs(own["value"] * direct.weight - expected) <= 1e-12


def test_the_records_tell_right_from_wrong(make):
    """The first message is judged, which in `tools` is no answer."""
    component = make("atropos:accuracy")
    results = {name: score(component, RECORDS[name]) for name in PLAIN}
    assert {name: each.reward for name, each in results.items()} == {
        "right": 1, "wrong": 0, "long": 1, "empty": 0, "equivalent": 1, "tools": 0, "unicode": 1
    }  # fmt: skip
    assert results["tools"].labels == {"judged": "I shall multiply."}


def test_texts(make):
    component = make("atropos:accuracy", completions="text")
    assert component.describe().needs == ["completion", "answer"]
    assert score(component, RECORDS["tools"]).reward == 1


def test_members_of_a_combined_reward(make):
    result = score(make("atropos:combined", args=CONFIGS["combined"]), RECORDS["right"])
    # The member's own weight of 2 has no part in the sum, and has one in what it is divided by.
    assert [(each["path"], each["weight"]) for each in result.components[1:]] == [
        ("formatreward", 1.0),
        ("accuracyreward", 2.0),
    ]
    parts = values(result)
    assert parts["accuracyreward"] == 1 and result.reward == (parts["formatreward"] + 1) / 3 * 0.5


def test_a_weight_of_zero_keeps_the_value(make):
    result = score(make("atropos:accuracy", args={"weight": 0.0}), RECORDS["right"])
    assert result.reward == 0 and values(result) == {"accuracyreward": 1}


def test_a_missing_gold_answer_is_no_zero(make):
    assert registry.create("accuracy")([completion_of(RECORDS["right"])]) == [0]
    result = score(make("atropos:accuracy"), RECORDS["no gold"])
    assert (result.status, result.kind) == ("unscored", Kind.NEEDS)
    assert score(make("atropos:formatreasoning"), RECORDS["no gold"]).status == "scored"
    assert score(make("atropos:combined", args=CONFIGS["combined"]), RECORDS["no gold"]).kind is Kind.NEEDS


def test_a_gold_answer_that_is_no_text_is_not_found_in_everything(make):
    """The library finds the empty text."""
    args = {"reward_value": 1.0}
    direct = registry.create({"type": "accuracyx", **args})
    assert direct([completion_of(RECORDS["wrong"])], solution=[144]) == [1]
    component = make("atropos:accuracyx", args=args)
    assert score(component, RECORDS["wrong"] | {"answer": 144}).reward == 0
    assert score(component, RECORDS["right"] | {"answer": 144}).reward == 1
    assert score(component, RECORDS["golds"]).kind is Kind.UNREADABLE


def test_off_the_main_thread_it_fails_where_the_library_compares_strings(make):
    record = said("\\boxed{\\frac{288}{2}}")
    component = make("atropos:accuracy")
    found = []

    def call():
        found.append(registry.create("accuracy")([completion_of(record)], solution=["144"]))
        try:
            found.append(component.score("e/1", record))
        except Exception as error:
            found.append(result_of_error(error))

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    # Wrong, and no error, although the answer is right.
    assert registry.create("accuracy")([completion_of(record)], solution=["144"]) == [1]
    assert found[0] == [0]
    assert found[1].kind is Kind.VERIFIER_ERROR and "thread" in found[1].message


def test_a_timeout_is_no_zero(make, monkeypatch):
    from math_verify import grader

    def time_out(*_):
        from math_verify.errors import TimeoutException

        raise TimeoutException("Operation timed out!")

    record = RECORDS["equivalent"]
    monkeypatch.setattr(grader, "sympy_expr_eq", time_out)
    assert registry.create("accuracy")([completion_of(record)], solution=["144"]) == [0]
    assert score(make("atropos:accuracy"), record).kind is Kind.TIMEOUT


AUTHORED = """
from atroposlib.envs.reward_fns import RewardFunction

class Length(RewardFunction):
    def __init__(self, by=1.0, **kwargs):
        super().__init__(**kwargs)
        self.by = by

    def compute(self, completions, difficulty=None, **kwargs):
        if "boom" in self.get_content(completions[-1]):
            raise ValueError("one completion broke")
        return [len(self.get_content(each)) * self.by for each in completions]

class TooMany(RewardFunction):
    def compute(self, completions, **kwargs):
        return [1.0] * (len(completions) + 1)

class NaN(RewardFunction):
    def compute(self, completions, **kwargs):
        return [float("nan")] * len(completions)

class Logs(RewardFunction):
    def compute(self, completions, **kwargs):
        import logging
        logging.getLogger("atroposlib.envs.reward_fns.own").error("the table is gone")
        return [0.0] * len(completions)

from atroposlib.envs.reward_fns import registry
registry.register(Length, name="own_length")
registry.register(TooMany, name="too_many")

def combined(kind):
    return registry.create({"type": "combined", "rewards": ["format", kind]})

broken = combined("own_length")
miscounted = combined("too_many")

class Nothing:
    pass
"""


@pytest.fixture
def own(make):
    registry.get("format")
    return lambda target, **settings: make(f"atropos:rewards.py:{target}", AUTHORED, **settings)


def test_a_function_of_ones_own(own):
    result = score(own("Length", args={"by": 2.0, "weight": 0.5, "name": "length"}), said("abc"))
    assert (result.reward, values(result)) == (3, {"length": 6})


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("Length", Kind.EXCEPTION),
        ("broken", Kind.EXCEPTION),
        ("TooMany", Kind.WRONG_COUNT),
        ("miscounted", Kind.WRONG_COUNT),
        ("NaN", Kind.NOT_FINITE),
        ("Logs", Kind.VERIFIER_ERROR),
    ],
)
def test_trouble_is_no_zero(own, target, kind):
    """The library says 0, or leaves the part out."""
    component = own(target)
    result = score(component, said("boom"))
    assert result.kind is kind
    assert score(component, said("boom")).kind is kind
    if kind is Kind.EXCEPTION:
        assert result.message == "ValueError: one completion broke" and "rewards.py" in result.traceback


def test_one_bad_completion_does_not_cost_the_others_their_scores(own):
    component = own("Length", elementwise=True)
    assert component.describe().elementwise
    with pytest.raises(ValueError):
        component.score_batch([said("abc"), said("boom")])
    # The worker then scores each alone.
    assert score(component, said("abc")).reward == 3
    assert [each.reward for each in component.score_batch([said("abc"), said("a")])] == [3, 1]


def test_a_group(make, own):
    own("Length")
    args = {"rewards": ["own_length"], "normalization": "minmax"}
    component = make("atropos:combined", unit="group", args=args)
    result = score(component, group(said("a"), said("aaa"), said("aa")))
    assert [each.reward for each in result.members] == [0, 1, 0.5]
    assert [values(each)["length"] for each in result.members] == [1, 3, 2]


@pytest.mark.parametrize(
    ("target", "settings", "reason"),
    [
        ("acuracy", {}, "No reward function file"),
        ("combined", {}, "rewards"),
        ("cosine_scaled", {}, "No module named"),
        ("chandas_meter", {}, "chandas"),
        ("accuracy", {"unit": "step"}, "batch, episode and group"),
        ("accuracy", {"shape": "text"}, "unknown"),
    ],
)
def test_what_is_refused(tmp_path, target, settings, reason):
    with pytest.raises(LoadRefused, match=reason):
        made(f"atropos:{target}", tmp_path, **settings)


def test_what_is_no_reward_function_is_refused(own):
    with pytest.raises(LoadRefused, match="no RewardFunction"):
        own("Nothing")


def test_the_example(example):
    component, records = example("atropos")
    results = [score(component, each) for each in records]
    assert [each.reward for each in results] == [2, 1, 0]
