import pytest
from harness import said, score, step

COUNTER = """
class Counter:
    made = 0

    def __init__(self, start=0):
        Counter.made += 1
        self.count = None
        self.start = start

    def {asynchronous}def reset(self):
        self.count = self.start

    {asynchronous}def score(self, action, observation):
        self.count += action
        return self.count
"""


def counter(asynchronous):
    word = "async " if asynchronous else ""
    return COUNTER.replace("def {asynchronous}def", f"{word}def").replace("{asynchronous}", word)


def open_(episode):
    return {"type": "open", "episode": episode}


def close(episode):
    return {"type": "close", "episode": episode}


@pytest.mark.parametrize("asynchronous", [False, True])
def test_interleaved_episodes_have_an_instance_each(load, asynchronous):
    worker = load(counter(asynchronous), "Counter", args={"start": 100})
    assert worker.description["stateful"] and worker.description["async"] is asynchronous
    worker.send(open_("a"), score(step(1), 1, "a"), open_("b"), score(step(5), 2, "b"))
    worker.send(close("unknown"))
    assert {each["id"]: each["reward"] for each in worker.outcomes(2)} == {1: 101, 2: 105}
    assert worker.score(step(1), 3, "a")["reward"] == 102
    worker.send(close("a"), open_("a"))
    assert worker.score(step(1), 4, "a")["reward"] == 101
    assert worker.score(step(1), 5, "b")["reward"] == 106


@pytest.mark.parametrize("asynchronous", [False, True])
def test_an_episode_closes_behind_its_last_call_and_opens_anew(load, asynchronous):
    worker = load(counter(asynchronous), "Counter")
    worker.send(open_("a"), score(step(1), 1, "a"), close("a"), open_("a"), score(step(5), 2, "a"), close("a"))
    worker.send(score(step(1), 3, "a"))
    outcomes = {each["id"]: each for each in worker.outcomes(3)}
    assert (outcomes[1]["reward"], outcomes[2]["reward"], outcomes[3]["kind"]) == (1, 5, "state_lost")


def test_an_episode_that_is_not_open_fails(load):
    worker = load(counter(False), "Counter")
    assert worker.score(step(1))["kind"] == "state_lost"
    worker.send(open_("e/1"), close("e/1"))
    assert worker.score(step(1))["kind"] == "state_lost"


@pytest.mark.parametrize(
    "method",
    [
        "def reset(self): 1 / 0",
        "async def reset(self): 1 / 0",
        "def __init__(self): Broken.made += 1; 1 / (2 - Broken.made)",
    ],
)
def test_an_episode_that_cannot_be_opened_fails_at_each_call(load, method):
    worker = load(
        f"class Broken:\n    made = 0\n    {method}\n    def score(self, action, observation): return 1", "Broken"
    )
    worker.send(open_("e/1"))
    for call in (1, 2):
        outcome = worker.score(step(), call)
        assert (outcome["kind"], outcome["message"]) == ("exception", "ZeroDivisionError: division by zero")
    worker.send(close("e/1"))
    assert worker.score(step())["kind"] == "state_lost"


def test_one_instance_for_all_if_asked_for(load):
    code = """
    class Once:
        made = 0
        def __init__(self): Once.made += 1
        def __call__(self, action, observation): return Once.made
    """
    worker = load(code, "Once", stateful=False)
    assert not worker.description["stateful"]
    assert [worker.score(step(), 1, episode)["reward"] for episode in "abc"] == [1, 1, 1]


FACTORY = """
import rewardbridge
made = 0

@rewardbridge.rubric(factory=True, shape="text")
def score(weight):
    global made
    made += 1
    def call(completion): return weight * len(completion) + made
    return call
"""


def test_a_factory_is_called_once(load):
    worker = load(FACTORY, args={"weight": 10})
    assert [worker.score(said("ab"))["reward"] for _ in range(3)] == [21, 21, 21]


def test_a_stateful_factory_is_called_for_each_episode(load):
    worker = load(FACTORY, args={"weight": 10}, stateful=True)
    worker.send(open_("a"), open_("b"))
    assert [worker.score(said("a"), 1, episode)["reward"] for episode in "aba"] == [13, 13, 13]


@pytest.mark.parametrize(
    ("code", "settings", "text"),
    [
        ("def score(action, observation): ...", {"stateful": True}, "neither a class nor a factory"),
        ("class score:\n    def __call__(self, action, observation): ...", {"factory": False}, "a class"),
        ("class score: ...", {}, "neither score(...) nor __call__(...)"),
        ("score = 3", {}, "neither score(...) nor __call__(...)"),
        ("class score:\n    def __init__(self, a): ...", {}, "missing 1 required positional argument"),
        ("class score:\n    def __init__(self, a): ...", {"args": {"b": 1}}, "unexpected keyword argument 'b'"),
    ],
)
def test_targets_that_cannot_be_called(refuse, code, settings, text):
    assert text in refuse(code, **settings)["message"]


def test_an_instance_is_called(load):
    code = "class Rubric:\n    def __call__(self, action, observation, *, factor): return factor\nscore = Rubric()"
    worker = load(code, args={"factor": 3}, shape="step")
    assert not worker.description["stateful"]
    assert worker.score(step())["reward"] == 3
