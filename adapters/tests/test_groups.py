"""Groups: the rollouts of one task, scored together."""

import pytest
from harness import said

RANKED = """
def score(prompts, completions):
    longest = max(map(len, completions))
    return [None if not each else len(each) / longest for each in completions]
"""


def group(*members):
    return {"schema": "evalrec/1", "members": [said(each) if isinstance(each, str) else each for each in members]}


def results(outcome):
    return [(each["status"], each.get("reward"), each.get("kind")) for each in outcome["members"]]


@pytest.fixture
def ranked(load):
    return load(RANKED, unit="group")


def test_members_are_scored_together_in_their_order(ranked):
    outcome = ranked.score(group("ab", "abcd", ""))
    assert results(outcome) == [("scored", 0.5, None), ("scored", 1.0, None), ("unscored", None, "abstained")]
    assert "status" not in outcome and "reward" not in outcome
    assert ranked.description["unit"] == "group"


def test_an_asynchronous_function_scores_groups_too(load):
    worker = load(f"import asyncio\nasync {RANKED.lstrip()}", unit="group")
    assert [each["reward"] for each in worker.score(group("a", "ab"))["members"]] == [0.5, 1.0]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_another_number_of_scores_fails_the_group(load, count):
    worker = load(f"def score(prompts, completions): return [1.0] * {count}", unit="group")
    outcome = worker.score(group("a", "b"))
    assert (outcome["status"], outcome["kind"]) == ("failed", "wrong_count") and "members" not in outcome


def test_an_exception_fails_the_group(load):
    worker = load("def score(prompts, completions): raise ValueError('no')", unit="group")
    assert worker.score(group("a", "b"))["kind"] == "exception"
    assert worker.score(group("a"))["kind"] == "exception"


@pytest.mark.parametrize("record", [said("a"), {"members": []}, {"members": "ab"}, {"members": [said("a"), 1]}])
def test_what_is_no_group_is_unreadable(ranked, record):
    assert ranked.score(record)["kind"] == "unreadable"


def test_a_member_that_is_there_twice_is_found(ranked):
    outcome = ranked.score(group(said("a", id="x"), said("b", id="y"), said("c", id="x")))
    assert outcome["kind"] == "unreadable" and "two members with the id 'x'" in outcome["message"]
    assert len(ranked.score(group(said("a", id="x"), said("b")))["members"]) == 2


def test_a_group_is_not_scored_without_one_of_its_members(load):
    worker = load("def score(prompts, completions, answer): return [1.0] * len(completions)", unit="group")
    outcome = worker.score(group(said("a", answer="x"), said("b")))
    assert results(outcome) == [("unscored", None, "needs")] * 2
    assert outcome["members"][0]["message"] == "member 2 of the group holds no answer"
    assert results(worker.score(group(said("a", answer="x"), said("b", answer="y")))) == [("scored", 1.0, None)] * 2


def test_functions_of_lists_score_whole_episodes_too(load):
    worker = load(RANKED, unit="episode")
    assert worker.description["unit"] == "episode"
    assert worker.score(said("abcd"))["reward"] == 1.0
    assert worker.score(said(""))["kind"] == "abstained"


def test_several_episodes_share_a_call_of_an_elementwise_function(load):
    worker = load("def score(prompts, completions): return [len(completions)] * len(completions)", elementwise=True,
                  unit="episode")  # fmt: skip
    worker.send(*[{"type": "score", "id": call, "episode": f"e/{call}", "record": said("x")} for call in (1, 2, 3)])
    assert [each["reward"] for each in worker.outcomes(3)] == [3.0, 3.0, 3.0]
