"""Reward functions of Reward Kit, each against a direct call of the library."""

import pytest

pytest.importorskip("reward_kit", reason="scripts/test-libraries.sh reward_kit makes its environment")

from calls import score, values
from records import PLAIN, RECORDS, group, said
from reporting import CODE, DECORATED, check_reports, expected_of
from rewardbridge.kinds import Kind
from rewardbridge.seam import LoadRefused

OWN = CODE.format(library="reward_kit")


@pytest.mark.parametrize("target", DECORATED)
@pytest.mark.parametrize("name", PLAIN)
def test_parity_of_the_librarys_own(make, target, name):
    place, args = DECORATED[target]
    made = make(f"reward_kit:reward_kit.rewards.{place}:{target}", args=args)
    check_reports(score(made, RECORDS[name]), expected_of(made, RECORDS[name], args))


@pytest.mark.parametrize("name", RECORDS)
def test_parity(make, name):
    made = make("reward_kit:rewards.py:full", OWN)
    assert made.describe().needs == ["prompt", "messages"] and made.describe().columns == ["difficulty"]
    record = RECORDS[name] | {"answer": "144"}
    check_reports(score(made, RECORDS[name]), expected_of(made, record, {}, gold=False))


def test_what_a_report_holds(make):
    result = score(make("reward_kit:rewards.py:full", OWN), RECORDS["tools"])
    assert values(result) == {"calls": 1.0, "doubtful": None} and result.labels == {"reason": "easy"}
    assert [each["reason"] for each in result.components] == ["2 calls", "no idea"]
    assert result.components[1]["failure"] == {"kind": "masked"}
    assert result.step_scores == [{"step": step, "reward": (step - 1) / 8} for step in (1, 2, 3)]


def test_a_mapping_with_args(make):
    made = make("reward_kit:rewards.py:mapping", OWN, args={"bonus": 0.5})
    assert made.describe().needs == ["prompt", "messages", "answer"]
    assert [score(made, RECORDS[name]).reward for name in ("right", "wrong")] == [1.5, 0.5]
    assert score(made, RECORDS["no gold"]).kind is Kind.NEEDS


@pytest.mark.parametrize(
    ("target", "kind", "message"),
    [
        ("invalid", Kind.MASKED, "the sandbox was gone"),
        ("broken", Kind.VERIFIER_ERROR, "the compiler was not found"),
        ("nan", Kind.NOT_FINITE, "nan"),
        ("bare", Kind.EXCEPTION, "validation"),
        ("raises", Kind.EXCEPTION, "KeyError: 'gold'"),
    ],
)
def test_no_score(make, target, kind, message):
    result = score(make(f"reward_kit:rewards.py:{target}", OWN), RECORDS["right"])
    assert result.kind is kind and result.status == kind.status and message in result.message and result.reward is None


def test_a_column_that_is_not_there(make):
    result = score(make("reward_kit:rewards.py:full", OWN), said("144", info={}))
    assert result.kind is Kind.NEEDS and "info.difficulty" in result.message


def test_batches_are_groups(make):
    made = make("reward_kit:rewards.py:batch", OWN, args={"bonus": 0.25})
    assert made.describe().unit == "group"
    results = score(made, group(RECORDS["right"], RECORDS["wrong"], RECORDS["tools"])).members
    assert [each.reward for each in results] == [1.25, 0.25, 1.25]


def test_too_few_reports(make):
    made = make("reward_kit:rewards.py:fewer", OWN)
    assert score(made, group(RECORDS["right"], RECORDS["wrong"])).kind is Kind.WRONG_COUNT


@pytest.mark.parametrize(
    ("target", "settings", "reason"),
    [
        ("undecorated", {}, "not under @reward_function"),
        ("full", {"unit": "group"}, "one rollout"),
        ("batch", {"unit": "episode"}, "all rollouts of a group"),
    ],
)
def test_refusals(make, target, settings, reason):
    with pytest.raises(LoadRefused) as refused:
        make(f"reward_kit:rewards.py:{target}", OWN, **settings)
    assert reason in refused.value.message


def test_the_example(example):
    made, records = example("reward_kit")
    assert [score(made, each).reward for each in records] == [1.0, 0.5, None]
