"""Which classes action and observation get, and what becomes of JSON that does not fit them."""

import sys

import pytest
from echo import TYPES, adapter, record, scored, steps, turns
from echo_env.models import EchoAction, EchoObservation

from rewardbridge.calling.attributes import with_attributes
from rewardbridge.kinds import Kind
from rewardbridge.seam import LoadRefused

SEEN = """
from __future__ import annotations
from typing import TYPE_CHECKING, Any
from echo_env.models import EchoAction, EchoObservation, OtherAction
from openenv.core.env_server.types import Action, Observation
from openenv.core.rubrics import Rubric, WeightedSum
from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from nowhere import Unseen

seen = []

class Plain(Rubric):
    def forward(self, action, observation):
        seen.append((action, observation))
        return 1.0

class Typed(Plain):
    def forward(self, act: EchoAction, obs: EchoObservation) -> float:
        return super().forward(act, obs)

class Half(Plain):
    def forward(self, action: EchoAction, observation: Any):
        return super().forward(action, observation)

class Other(Plain):
    def forward(self, action: OtherAction, observation: EchoObservation):
        return super().forward(action, observation)

class Bases(Plain):
    def forward(self, action: Action, observation: Observation):
        return super().forward(action, observation)

class Unknown(Plain):
    def forward(self, action: Unseen, observation: Unseen):
        return super().forward(action, observation)

def inside():
    return WeightedSum([Plain(), Typed(), Typed()], [0.5, 0.25, 0.25])

def several():
    return WeightedSum([Other(), Typed()], [0.5, 0.5])

class Bare(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str
    place: Any
    at: Any
    length: Any
    metadata: Any

class Open(BaseModel):
    model_config = ConfigDict(extra="allow")

class Strict(Observation):
    text: str
    score: int = Field(ge=10)
    reward: float

def not_a_class(): ...
"""


@pytest.fixture
def load(root, monkeypatch):
    """`load("Typed", types=...)`: the adapter, and what its rubrics will be called with."""
    (root / "authored.py").write_text(SEEN)
    monkeypatch.syspath_prepend(root)

    def make(target, **settings):
        monkeypatch.delitem(sys.modules, "authored", raising=False)
        made = adapter(f"authored.py:{target}", root, **settings)
        return made, sys.modules["authored"].seen

    return make


@pytest.mark.parametrize(
    ("target", "settings"),
    [
        ("Typed", {}),
        ("inside", {}),
        ("Plain", {"types": TYPES}),
        ("Plain", {"types": TYPES.replace(",", " , ")}),
        ("several", {"types": TYPES}),
        ("Half", {"types": {"observation": "echo_env.models:EchoObservation"}}),
        ("Plain", {"types": {part: f"authored.py:Echo{part.capitalize()}" for part in ("action", "observation")}}),
        ("Plain", {"types": "authored:EchoAction,authored:EchoObservation"}),
    ],
)
def test_they_are_objects_of_the_environments_own_classes(load, target, settings):
    made, seen = load(target, **settings)
    played = turns(["ab", "LOUD"])
    scored(made, steps(played))
    assert {type(action) for action, _ in seen} == {EchoAction}
    assert {type(observation) for _, observation in seen} == {EchoObservation}
    assert [seen[0], seen[-1]] == played


def test_reward_and_done_are_back_in_the_observation(load):
    made, seen = load("Typed")
    scored(made, steps(turns(["a", "b"])))
    assert [(each.reward, each.done, each.metadata) for _, each in seen] == [(0, False, {"n": 0}), (1, True, {"n": 1})]


def test_a_file_is_loaded_once_so_that_its_classes_are_one(load):
    made, seen = load("Plain", types="authored.py:EchoAction,authored.py:Bare")
    scored(made, steps(turns(["a"])))
    assert type(seen[0][1]) is sys.modules["authored"].Bare


@pytest.mark.parametrize("target", ["Bare", "Open"])
def test_classes_that_are_none_of_openenvs(load, target):
    made, seen = load("Plain", types=f"echo_env.models:EchoAction,authored:{target}")
    [result] = scored(made, steps(turns(["a"])))
    observation = seen[0][1]
    assert result.reward == 1.0 and observation.text == "you: a" and type(observation).__name__ == target
    assert hasattr(observation, "done") is hasattr(observation, "reward") is (target == "Open")


MISFITS = [
    ({"action": {"message": 1}}, "the action is no EchoAction: message: Input should be a valid string"),
    ({"action": {"message": "a", "nonsense": 1}}, "the action is no EchoAction: nonsense: Extra inputs"),
    ({"action": "a"}, "the action is no EchoAction: it: Input should be a valid dictionary"),
    ({"observation": {"place": {"row": 1}}}, "the observation is no EchoObservation: place.column: Field required"),
    ({"observation": {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}}, "(and 2 more)"),
    ({"reward": "much"}, "the observation is no EchoObservation: reward.bool"),
]


@pytest.mark.parametrize(("change", "text"), MISFITS)
def test_json_that_does_not_fit_names_the_field(load, change, text):
    made, seen = load("Typed")
    [step] = steps(turns(["a"]))
    [result] = scored(made, [step | change])
    assert (result.status, result.kind) == ("failed", Kind.UNREADABLE)
    assert text in result.message
    assert not seen


def test_a_message_tells_no_values(load):
    made, _ = load("Typed")
    [step] = steps(turns(["a"]))
    [result] = scored(made, [step | {"action": {"message": ["a secret"]}}])
    assert "secret" not in result.message and "http" not in result.message


def test_a_class_may_ask_more_of_the_reward(load):
    made, _ = load("Plain", types="echo_env.models:EchoAction,authored:Strict")
    [step] = steps(turns(["a"]))
    [result] = scored(made, [step | {"reward": None, "observation": {"text": "", "score": 3}}])
    assert "reward: Input should be a valid number" in result.message and "score: Input" in result.message


@pytest.mark.parametrize("part", ["action", "observation"])
def test_a_step_without_one_of_them_is_unscored(load, part):
    made, _ = load("Typed")
    [step] = steps(turns(["a"]))
    [result] = scored(made, [step | {part: None}])
    assert (result.kind, result.message) == (Kind.NEEDS, f"the record holds no {part}")
    made.open("e")
    assert made.score("e", record()).kind is Kind.NEEDS


REFUSED = [
    ("Plain", None, "the class of the actions", "forward is not annotated"),
    ("Half", None, "the class of the observations", "forward is not annotated"),
    ("Bases", None, "the class of the actions", "forward is not annotated"),
    ("Unknown", None, "the class of the actions", "forward is not annotated"),
    ("several", None, "the class of the actions", "name several: EchoAction, OtherAction"),
    ("Plain", "echo_env.models:EchoActon,echo_env.models:Place", "the class 'echo_env.models:EchoActon'", "no "),
    ("Plain", "models.py:A,models.py:O", "the class 'models.py:A' of the actions", "no file models.py"),
    ("Plain", "authored:not_a_class,authored:Bare", "not a pydantic class", ""),
    ("Plain", "authored:Rubric,authored:Bare", "not a pydantic class", ""),
    ("Plain", "jsn", "not json, MODULE:ACTION,MODULE:OBSERVATION, or a mapping", "'jsn'"),
    ("Plain", {"actions": "a:b"}, "not json, MODULE:ACTION,MODULE:OBSERVATION, or a mapping", ""),
    ("Plain", ["a:b", "c:d"], "not json, MODULE:ACTION,MODULE:OBSERVATION, or a mapping", ""),
]


@pytest.mark.parametrize(("target", "types", "text", "more"), REFUSED)
def test_types_that_nobody_can_tell(load, target, types, text, more):
    with pytest.raises(LoadRefused) as refused:
        load(target, **({"types": types} if types else {}))
    assert text in refused.value.message and more in refused.value.message
    if "could not tell" in refused.value.message:
        assert "types: MODULE:ACTION,MODULE:OBSERVATION" in refused.value.hint and "json" in refused.value.hint


def test_plain_json_with_attributes(load):
    made, seen = load("Plain", types="json")
    [step] = steps(turns(["a"], done=True))
    step["observation"] |= {"items": [{"get": 1}], "place": {"row": 2}}
    [result] = scored(made, [step])
    action, observation = seen[0]
    assert result.reward == 1.0
    assert (action.message, observation.place.row, observation.items[0].get) == ("a", 2, 1)
    assert (observation.done, observation.reward, observation.metadata.get("n")) == (True, 0, 0)
    assert observation["text"] == "you: a" and getattr(observation, "missing", None) is None
    with pytest.raises(AttributeError):
        observation.missing


def test_either_part_alone_may_be_json(load):
    made, seen = load("Plain", types={"action": "json", "observation": "echo_env.models:EchoObservation"})
    [step] = steps(turns(["a"]))
    scored(made, [step | {"action": ["any", {"thing": 1}]}])
    action, observation = seen[0]
    assert action[1].thing == 1 and type(observation) is EchoObservation


@pytest.mark.parametrize("value", [None, 1, "text", [], {}, {"a": {"b": [{"c": None}]}}])
def test_attributes_change_no_value(value):
    assert with_attributes(value) == value
