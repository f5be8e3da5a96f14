"""The adapter in a real worker: what passes over its socket."""

import shutil

import pytest
from echo import HERE, TYPES, direct, steps, turns
from echo_env import rubrics
from harness import Worker, score


@pytest.fixture
def load(start, root):
    """Starts a worker in whose root the environment's package lies; what it answered to `load` is in `answer`."""

    def make(target: str, **settings) -> Worker:
        shutil.copytree(HERE / "echo_env", root / "echo_env", ignore=shutil.ignore_patterns("__pycache__"))
        worker = start()
        worker.answer = worker.load(f"echo_env.rubrics:{target}", adapter="openenv", **settings)
        return worker

    return make


def record(*played):
    return {"schema": "evalrec/1", "steps": list(played)}


def open_(episode):
    return {"type": "open", "episode": episode}


def test_a_tree_of_steps(load):
    worker = load("nested")
    description = worker.answer["description"]
    assert description["library"] == {"name": "openenv", "version": "0.10.0"}
    assert description["components"] == [name for name, _ in rubrics.nested().named_rubrics()]
    assert description["modules"] == ["echo_env/__init__.py", "echo_env/models.py", "echo_env/rubrics.py"]
    assert "openenv" in {each["name"] for each in description["distributions"]}
    assert (description["stateful"], description["async"]) == (True, False)
    played = turns()
    expected = direct(rubrics.nested(), played)
    worker.send(open_("a"), open_("b"))
    for call, (step, reward) in enumerate(zip(steps(played), expected)):
        for episode in "ab":
            outcome = worker.score(record(step), call, episode)
            assert (outcome["status"], outcome["reward"]) == ("scored", reward)
            assert outcome["tree"][0]["score"] == reward and len(outcome["tree"]) == 9
            assert [each["path"] for each in outcome["components"]] == description["components"]
    outcome = worker.score(record({"index": 9, "action": {"massage": "a"}, "observation": {}}), 9, "a")
    assert (outcome["status"], outcome["kind"]) == ("failed", "unreadable")
    assert "message: Field required" in outcome["message"]


def test_asynchronous_trees_of_two_episodes_at_once_and_rebuilt_by_a_replay(load, root, start):
    worker = load("async_nested")
    assert worker.answer["description"]["async"]
    played = turns()
    expected = direct(rubrics.nested(), played)
    worker.send(*[open_(each) for each in "ab"], *[score(record(steps(played)[0]), ord(each), each) for each in "ab"])
    assert [each["reward"] for each in worker.outcomes(2)] == [expected[0]] * 2
    worker.process.kill()
    again = start()
    again.load("echo_env.rubrics:async_nested", adapter="openenv")
    again.send(open_("a"), score(record(steps(played)[0]), 1, "a", replay=True))
    assert again.outcomes(1)[0]["reward"] == expected[0]
    rest = [again.score(record(step), call, "a")["reward"] for call, step in enumerate(steps(played)[1:], 2)]
    assert rest == expected[1:]


def test_a_trajectory_and_its_credit(load):
    worker = load("Win", args={"gamma": 0.5})
    assert worker.answer["description"]["unit"] == "episode" and not worker.answer["description"]["stateful"]
    rubric, played = rubrics.Win(0.5), turns()
    expected = direct(rubric, played)
    outcome = worker.score(record(*steps(played)))
    assert outcome["reward"] == expected[-1]
    assert [each["reward"] for each in outcome["step_scores"]] == rubric.compute_step_rewards()
    assert outcome["credit"] == {"method": "discount", "gamma": 0.5}
    unfinished = worker.score(record(*steps(turns(done=False))), 2)
    assert (unfinished["status"], unfinished["kind"]) == ("unscored", "abstained") and "step_scores" not in unfinished


@pytest.mark.parametrize(
    ("target", "settings", "kind", "text"),
    [
        ("Says", {}, "exception", "could not tell the class of the actions: forward"),
        ("Says", {"types": TYPES.replace("models", "model")}, "missing_file", "no module echo_env.model"),
    ],
)
def test_a_rubric_without_classes_is_refused(load, target, settings, kind, text):
    worker = load(target, **settings)
    assert (worker.answer["type"], worker.answer["kind"]) == ("refused", kind)
    assert text in worker.answer["message"] and worker.answer["hint"]
