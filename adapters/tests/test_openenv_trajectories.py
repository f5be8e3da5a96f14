"""Trajectories: the episode's score, and what its steps get of it, against the library itself."""

import pytest
from echo import adapter, direct, outcome, record, scored, steps, turns
from echo_env import rubrics

from rewardbridge.kinds import Kind
from rewardbridge.seam import LoadRefused

AUTHORED = """
import asyncio
from openenv.core.rubrics import ExponentialDiscountingTrajectoryRubric, TrajectoryRubric, WeightedSum
from echo_env.rubrics import Length, Win

class Asynchronous(Win):
    async def score_trajectory(self, trajectory):
        await asyncio.sleep(0)
        return len(trajectory) / 2

    async def compute_step_rewards(self):
        return [await self.score_trajectory(self.trajectory)] * len(self.trajectory)

class Returns(Win):
    def __init__(self, value):
        super().__init__()
        self.value = value

    def score_trajectory(self, trajectory):
        if self.value == "raise":
            raise ValueError("no winner")
        return float("nan") if self.value == "nan" else self.value

class Credits(Win):
    def __init__(self, rewards):
        super().__init__()
        self.rewards = rewards

    def compute_step_rewards(self):
        if self.rewards == "raise":
            raise ZeroDivisionError("no steps")
        if self.rewards == "nan":
            return [float("nan"), float("inf"), True]
        return self.rewards

def within():
    return WeightedSum([Win(), Length()], [0.5, 0.5])
"""


@pytest.fixture
def load(root, monkeypatch):
    (root / "authored.py").write_text(AUTHORED)
    monkeypatch.syspath_prepend(root)
    return lambda target, **settings: adapter(f"authored.py:{target}", root, **settings)


def whole(made, played):
    return outcome(made.score("e/1", record(*steps(played))))


@pytest.mark.parametrize(("target", "args"), [("Win", {}), ("Win", {"gamma": 0.99}), ("Equal", {})])
def test_score_and_credit_are_those_of_the_library(target, args):
    rubric, played = getattr(rubrics, target)(**args), turns()
    expected = direct(rubric, played)
    made = adapter(target, args=args)
    assert expected[:-1] == [0.0] * 5
    for _ in range(2):
        result = whole(made, played)
        assert (result.status, result.reward) == ("scored", expected[-1])
        assert result.step_scores == [
            {"step": index, "reward": reward} for index, reward in enumerate(rubric.compute_step_rewards(), 1)
        ]
    assert result.credit == ({"method": "discount", "gamma": rubric.gamma} if target == "Win" else None)


def test_it_is_described_as_what_it_is():
    description = adapter("Win").describe()
    assert (description.unit, description.stateful, description.prefix) == ("episode", False, False)
    assert description.needs == ["action", "observation", "history"]
    assert description.components == ["length"] and not description.asynchronous


def test_components_and_tree_are_those_of_the_last_step():
    result = whole(adapter("Win"), turns(["ab", "abcd"]))
    assert [(each["path"], each["value"]) for each in result.components] == [("length", 0.9)]
    assert [(each["name"], each["score"]) for each in result.tree] == [("root", result.reward), ("root.length", 0.9)]


def test_the_reset_is_no_step_of_the_trajectory():
    played = steps(turns(["ab"]))
    reset = {"index": 0, "action": None, "observation": {"text": "ready"}, "reward": None, "done": False}
    result = outcome(adapter("Equal").score("e/1", record(reset, *played)))
    assert (result.reward, result.step_scores) == (0.25, [{"step": 1, "reward": 0.25}])
    assert outcome(adapter("Equal").score("e/1", record(reset))).kind is Kind.NEEDS


def test_an_episode_that_ended_before_done_has_no_score():
    made = adapter("Win", args={"intermediate_reward": 0.0})
    result = whole(made, turns(done=False))
    assert (result.status, result.kind, result.reward, result.step_scores) == ("unscored", Kind.ABSTAINED, None, None)
    assert "before done" in result.message and "prefix: true" in result.message


def test_unfinished_episodes_are_scored_where_the_rubric_takes_them():
    made = adapter("Win", prefix=True)
    assert made.describe().prefix
    for length in (1, 3, 6):
        played = turns(done=False)[:length]
        rubric = rubrics.Win()
        direct(rubric, played)
        result = whole(made, played)
        assert result.reward == rubric.score_trajectory(played)
        assert [each["reward"] for each in result.step_scores] == rubric.compute_step_rewards()


def test_steps_as_the_library_returns_them():
    made = adapter("Win", unit="step", args={"intermediate_reward": 0.125})
    assert (made.describe().unit, made.describe().stateful) == ("step", True)
    played = turns()
    results = scored(made, steps(played))
    assert [each.reward for each in results] == direct(rubrics.Win(intermediate_reward=0.125), played)
    assert {each.step_scores for each in results} == {None}


def test_a_trajectory_inside_of_a_tree_is_scored_step_by_step(load):
    made = load("within")
    assert made.describe().unit == "step"
    played = turns()
    expected = direct(rubrics.WeightedSum([rubrics.Win(), rubrics.Length()], [0.5, 0.5]), played)
    assert [each.reward for each in scored(made, steps(played))] == expected
    with pytest.raises(LoadRefused, match="only a TrajectoryRubric does"):
        load("within", unit="episode")


def test_asynchronous_scores_and_credit_are_awaited(load):
    made = load("Asynchronous")
    assert made.describe().asynchronous
    result = whole(made, turns(["a", "b", "c"]))
    assert (result.reward, [each["reward"] for each in result.step_scores]) == (1.5, [1.5] * 3)


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, Kind.ABSTAINED, None),
        ("nan", Kind.NOT_FINITE, "the rubric returned nan"),
        ("0.5", Kind.NOT_A_NUMBER, "the rubric returned a str '0.5'"),
        ([0.5], Kind.NOT_A_NUMBER, "the rubric returned a list"),
        ("raise", Kind.EXCEPTION, "ValueError: no winner"),
    ],
)
def test_a_score_that_is_none_hands_nothing_down(load, value, kind, text):
    result = whole(load("Returns", args={"value": value}), turns(["a", "b"]))
    assert (result.kind, result.message, result.reward, result.step_scores) == (kind, text, None, None)


@pytest.mark.parametrize(
    ("rewards", "text"),
    [
        ([0.5, 0.5], "compute_step_rewards: ValueError: 2 rewards for 3 steps"),
        ([0.5, "much", 0.5], "compute_step_rewards: NotANumber: a str 'much'"),
        (None, "compute_step_rewards: TypeError: object of type 'NoneType' has no len()"),
        ("raise", "compute_step_rewards: ZeroDivisionError: no steps"),
    ],
)
def test_the_score_stands_where_the_credit_fails(load, rewards, text):
    result = whole(load("Credits", args={"rewards": rewards}), turns(["a", "b", "c"]))
    assert (result.status, result.step_scores, result.credit) == ("scored", None, None)
    assert result.labels == {"credit": text}


def test_credit_that_is_not_finite_is_null_and_no_zero(load):
    result = whole(load("Credits", args={"rewards": "nan"}), turns(["a", "b", "c"]))
    assert [each["reward"] for each in result.step_scores] == [None, None, 1.0]


def test_a_step_that_does_not_fit_fails_the_episode():
    played = steps(turns(["a", "b"]))
    played[0]["action"] = {"message": None}
    result = outcome(adapter("Win").score("e/1", record(*played)))
    assert result.kind is Kind.UNREADABLE and "message" in result.message
