"""Rubrics of steps against direct calls of the library on the same typed objects."""

import random
import sys

import pytest
from echo import SAID, TYPES, adapter, direct, outcome, record, scored, steps, turns
from echo_env import rubrics

from rewardbridge.kinds import Kind
from rewardbridge.seam import LoadRefused

TARGETS = [
    ("Length", {}),
    ("Says", {"args": {"word": "xy"}, "types": TYPES}),
    ("Loud", {"types": TYPES}),
    ("AsyncSays", {"types": TYPES}),
    ("Novelty", {"types": TYPES}),
    ("Own", {}),
    ("AsyncOwn", {}),
    ("Dispatch", {}),
    ("nested", {}),
    ("async_nested", {}),
    ("tree", {}),
]


def made_directly(target, args=None):
    found = getattr(rubrics, target)
    return rubrics.nested() if target == "tree" else found(**args or {})


@pytest.mark.parametrize(("target", "settings"), TARGETS, ids=[each[0] for each in TARGETS])
def test_the_numbers_are_those_of_the_library(target, settings):
    made = adapter(target, **settings)
    chance = random.Random(7)
    for _ in range(3):
        played = turns([chance.choice(SAID) for _ in range(8)])
        results = scored(made, steps(played))
        # A rubric of its own for each episode: the library's `last_score` outlives a reset.
        assert [each.reward for each in results] == direct(made_directly(target, settings.get("args")), played)
        assert {each.status for each in results} == {"scored"}


@pytest.mark.parametrize(("target", "settings"), TARGETS, ids=[each[0] for each in TARGETS])
def test_it_is_described_as_what_it_is(target, settings):
    description = adapter(target, **settings).describe()
    assert (description.unit, description.stateful) == ("step", True)
    assert description.needs == ["action", "observation"]
    assert description.asynchronous is (target in ("AsyncSays", "AsyncOwn", "Dispatch", "async_nested"))
    assert description.library == ("openenv", "0.10.0")
    assert description.components == [name for name, _ in made_directly(target).named_rubrics()]
    assert not description.mutable and description.deterministic is None


def test_components_are_those_that_named_rubrics_gives():
    rubric, played = rubrics.nested(), turns(["ab"])
    direct(rubric, played)
    [result] = scored(adapter("nested"), steps(played))
    assert {each["path"]: each["value"] for each in result.components} == {
        name: each.last_score for name, each in rubric.named_rubrics()
    }
    assert [(each["path"], each["kind"], each.get("weight")) for each in result.components] == [
        ("rubric_0", "reward", 0.75),
        ("rubric_0.rubric_0", "gate", None),
        ("rubric_0.rubric_0.rubric", "reward", None),
        ("rubric_0.rubric_1", "reward", None),
        ("rubric_0.rubric_2", "reward", None),
        ("rubric_0.rubric_2.rubric_0", "reward", 0.3),
        ("rubric_0.rubric_2.rubric_1", "reward", 0.7),
        ("rubric_1", "reward", 0.25),
    ]


@pytest.mark.parametrize("target", ["nested", "async_nested"])
def test_a_part_that_was_skipped_has_no_score_of_an_earlier_step(target):
    rubric, played = made_directly(target), turns(["ab", "xyz"])
    direct(rubric, played)
    assert rubric.get_rubric("rubric_0.rubric_2.rubric_0").last_score == 0.7
    first, second = scored(adapter(target), steps(played))
    values = [{each["path"]: each for each in result.components} for result in (first, second)]
    assert values[0]["rubric_0.rubric_2.rubric_0"]["value"] == 0.7
    assert values[1]["rubric_0.rubric_2.rubric_0"] == {
        "path": "rubric_0.rubric_2.rubric_0",
        "kind": "reward",
        "value": None,
        "weight": 0.3,
        "status": "unscored",
        "reason": "not evaluated",
    }
    assert values[1]["rubric_0.rubric_0"]["value"] == 0.0


def test_episodes_side_by_side_have_a_tree_each():
    made, played = adapter("nested"), turns()
    expected = direct(rubrics.nested(), played)
    for episode in "ab":
        made.open(episode)
    for step, reward in zip(steps(played), expected):
        assert [outcome(made.score(episode, record(step))).reward for episode in "ab"] == [reward, reward]
    made.close("a")
    assert made.score("a", record(steps(played)[0])).kind is Kind.STATE_LOST
    assert made.episodes.keys() == {"b"}


@pytest.mark.parametrize("target", ["Novelty", "nested", "tree"])
def test_every_node_of_every_tree_is_reset(target):
    made = adapter(target, types=TYPES)
    before = rubrics.Novelty.resets
    made.open("a"), made.open("b")
    assert rubrics.Novelty.resets == before + 2


def test_an_instance_is_never_called_itself():
    scored(adapter("tree"), steps(turns()))
    assert rubrics.tree.last_score is None
    novelty = rubrics.tree.get_rubric("rubric_0.rubric_2.rubric_1")
    assert novelty.said == {"from before"} and not novelty._forward_hooks


FACTORY = """
from echo_env.rubrics import Novelty, Says
from echo_env.models import EchoAction, EchoObservation
from openenv.core.rubrics import Rubric

only = Novelty()
calls = []

def cached():
    return only

class Hooked(Says):
    def __init__(self, *args):
        super().__init__(*args)
        self.register_forward_pre_hook(lambda rubric, action, observation: calls.append("before"))
        self.register_forward_hook(lambda rubric, action, observation, score: calls.append((score, rubric.last_score)))

class AsyncReset(Novelty):
    async def reset_async(self):
        self.said = {"ab"}

class Old(Rubric):
    def __init__(self):
        self.calls = 3
"""


@pytest.fixture
def code(root, monkeypatch):
    """A module of a rubric's author, as a file in the version's root."""
    monkeypatch.syspath_prepend(root)

    def write(text: str, name: str = "authored"):
        (root / f"{name}.py").write_text(text)
        monkeypatch.delitem(sys.modules, name, raising=False)
        return root

    return write


def test_a_factory_that_gives_one_rubric_again_and_again(code):
    made = adapter("authored.py:cached", code(FACTORY), types=TYPES)
    played = turns(["ab", "ab"])
    expected = direct(rubrics.Novelty(), played)
    assert [[each.reward for each in scored(made, steps(played))] for _ in range(2)] == [expected, expected]


def test_hooks_of_the_author_run_as_they_are(code):
    made = adapter("authored.py:Hooked", code(FACTORY), types=TYPES)
    scored(made, steps(turns(["ab"])))
    assert sys.modules["authored"].calls == ["before", (1.0, 1.0)]


def test_a_reset_that_is_asynchronous(code):
    made = adapter("authored.py:AsyncReset", code(FACTORY), types=TYPES)
    assert made.describe().asynchronous
    assert [each.reward for each in scored(made, steps(turns(["ab", "c"])))] == [0.01, 1.02]


REFUSED = [
    ("Length", {"args": {"wrong": 1}}, "with these args: got an unexpected keyword argument 'wrong'", "name a Rubric"),
    ("tree", {"args": {"word": "a"}}, "the target is an instance", "name its class"),
    ("tree", {"factory": True}, "factory: true: the target is no function", "name a Rubric class"),
    ("nested", {"factory": False}, "factory: false: the target is a function", "name a Rubric class"),
    ("Length", {"factory": True}, "factory: true", "name a Rubric class"),
    ("echo_env.models:Place", {"args": {"row": 1, "column": 2}}, "the target gives a Place", "name a Rubric class"),
    ("echo_env.rubrics:__name__", {}, "the target is a str", "name a Rubric class"),
    ("Length", {"stateful": False}, "setting 'stateful'", ""),
    ("Length", {"shape": "step"}, "setting 'shape'", ""),
    ("Length", {"unit": "batch"}, "takes one step", ""),
    ("Length", {"unit": "episode"}, "only a TrajectoryRubric does", "leave out unit"),
    ("Length", {"prefix": True}, "prefix is for unit: episode", ""),
    ("Lenght", {}, "no Lenght in echo_env.rubrics", "did you mean 'Length'?"),
]


@pytest.mark.parametrize(("target", "settings", "text", "hint"), REFUSED)
def test_targets_and_settings_that_do_not_fit(target, settings, text, hint):
    with pytest.raises(LoadRefused) as refused:
        adapter(target, **settings)
    assert text in refused.value.message and hint in (refused.value.hint or "")


def test_a_function_that_is_called_with_a_step_belongs_to_the_other_adapter(code):
    with pytest.raises(LoadRefused) as refused:
        adapter("authored.py:score", code("def score(action, observation): return 1.0"))
    assert "missing a required argument: 'action'" in refused.value.message
    assert "the adapter 'python' takes functions" in refused.value.hint


def test_an_instance_that_cannot_be_copied(code):
    text = "import threading\nfrom echo_env.rubrics import Length\nheld = Length()\nheld.lock = threading.Lock()"
    with pytest.raises(LoadRefused) as refused:
        adapter("authored.py:held", code(text))
    assert "could not copy the instance" in refused.value.message and "name its class" in refused.value.hint
