from decimal import Decimal
from fractions import Fraction

import pytest
from harness import said, step

from rewardbridge.kinds import Kind
from rewardbridge.result import result_of

NAN, INFINITY = float("nan"), float("inf")


class Scalar:
    """What numpy and torch scalars have in common."""

    def __init__(self, value):
        self.value = value

    def item(self):
        return self.value


class Floating:
    def __float__(self):
        return 0.25


@pytest.mark.parametrize(
    ("value", "reward"),
    [
        (0.5, 0.5),
        (0.0, 0.0),
        (-3, -3.0),
        (True, 1.0),
        (False, 0.0),
        (Decimal("0.1"), 0.1),
        (Fraction(1, 4), 0.25),
        (Floating(), 0.25),
        (Scalar(True), 1.0),
        (Scalar(2), 2.0),
        (2**70, float(2**70)),
    ],
)
def test_numbers(value, reward):
    result = result_of(value)
    assert (result.status, result.reward, result.kind) == ("scored", reward, None)
    assert type(result.reward) is float


@pytest.mark.parametrize("value", [NAN, INFINITY, -INFINITY, 10**400, Scalar(NAN), (NAN, {}), {"reward": INFINITY}])
def test_what_is_not_finite(value):
    result = result_of(value)
    assert (result.status, result.reward, result.kind) == ("failed", None, Kind.NOT_FINITE)


@pytest.mark.parametrize(
    "value",
    [
        "0.5",
        b"1",
        bytearray(b"1"),
        memoryview(b"1"),
        1j,
        [],
        [0.5],
        (0.5, 1.0),
        (1, 2, {}),
        object(),
        {},
        {"a": 1, "b": 2},
        {"reward": "1"},
        ("1", {}),
        Scalar("1"),
        float,
    ],
)
def test_what_is_no_number(value):
    result = result_of(value)
    assert (result.status, result.reward, result.kind) == ("failed", None, Kind.NOT_A_NUMBER)
    assert result.message


@pytest.mark.parametrize("value", [None, (None, {}), {"reward": None}, {"score": None, "note": "?"}])
def test_nobody_gave_a_score(value):
    result = result_of(value)
    assert (result.status, result.reward, result.kind) == ("unscored", None, Kind.ABSTAINED)


@pytest.mark.parametrize(
    ("value", "reward_key", "reward", "parts"),
    [
        ({"reward": 1, "score": 2, "x": 3}, None, 1.0, ["score", "x"]),
        ({"score": 2, "x": 3}, None, 2.0, ["x"]),
        ({"accuracy": 0.5}, None, 0.5, []),
        ({"reward": 1, "x": 3}, "x", 3.0, ["reward"]),
        ((0.5, {"reward": 1, "x": 3}), None, 0.5, ["reward", "x"]),
    ],
)
def test_a_mapping_of_parts(value, reward_key, reward, parts):
    result = result_of(value, reward_key)
    assert result.reward == reward
    assert [each["path"] for each in result.components or []] == parts
    assert all(each["kind"] == "metric" and each["weight"] == 0.0 for each in result.components or [])


def test_a_mapping_without_a_reward_names_its_keys_and_the_setting():
    for value, key in (({"accuracy": 1, "format": 0}, None), ({"accuracy": 1, "format": 0}, "total")):
        message = result_of(value, key).message
        assert "accuracy" in message and "format" in message and "reward_key" in message


def test_parts_keep_what_the_library_returned():
    deep = {"a": [1, {"b": None}]}
    value = {"reward": 1, "flag": True, "count": 2, "bad": NAN, "none": None, "deep": deep, "why": "so", 7: 0.5}
    result = result_of(value)
    parts = {each.pop("path"): each for each in result.components}
    common = {"kind": "metric", "weight": 0.0}
    assert parts == {
        "flag": common | {"value": 1.0, "raw": True},
        "count": common | {"value": 2.0, "raw": 2},
        "bad": common | {"value": None, "failure": {"kind": "not_finite"}},
        "none": common | {"value": None, "raw": None},
        "deep": common | {"value": None, "raw": deep},
        "7": common | {"value": 0.5, "raw": 0.5},
    }
    assert result.labels == {"why": "so"}


def test_a_part_that_json_cannot_say_keeps_its_value():
    loop = []
    loop.append(loop)
    result = result_of({"reward": 1, "floating": Floating(), "object": object(), "loop": loop, "set": {1}})
    assert [(each["path"], each["value"], "raw" in each) for each in result.components] == [
        ("floating", 0.25, False),
        ("object", None, False),
        ("loop", None, False),
        ("set", None, False),
    ]


def test_parts_are_bounded():
    result = result_of(
        {"reward": 1, "long": "x" * 5000, "large": ["x"] * 9000} | {f"n{each}": each for each in range(400)}
    )
    assert len(result.components) + len(result.labels) == 256
    assert result.metrics == {"parts_left_out": 402.0 - 256}
    assert len(result.labels["long"]) == 2000
    assert result.components[0] == {"path": "large", "kind": "metric", "value": None, "weight": 0.0}


def test_numpy():
    numpy = pytest.importorskip("numpy")
    assert result_of(numpy.float32(0.5)).reward == 0.5
    assert result_of(numpy.bool_(True)).reward == 1.0
    assert result_of(numpy.array([2])).reward == 2.0
    assert result_of(numpy.array([1, 2])).kind is Kind.NOT_A_NUMBER
    assert result_of(numpy.array("0.5")).kind is Kind.NOT_A_NUMBER
    assert result_of(numpy.float64("nan")).kind is Kind.NOT_FINITE
    result = result_of({"reward": 1, "x": numpy.float32(0.5), "y": numpy.int64(3), "z": numpy.zeros(3)})
    assert [each["value"] for each in result.components] == [0.5, 3.0, None]


def test_results_over_the_wire(load, json_path):
    worker = load(
        """
        VALUES = [
            0.5, True, None, float("nan"), "1", {"reward": 1, "ok": True, "why": "é\\ud800", "\\udfff": 2**80},
            (0.25, {"set": {1, 2}, "nan": [float("nan")]}), {"a": 1, "b": 2},
        ]
        def score(action, observation): return VALUES[action]
        """,
        path=json_path,
    )
    outcomes = [worker.score(step(each)) for each in range(8)]
    assert [(each["status"], each.get("reward"), each.get("kind")) for each in outcomes] == [
        ("scored", 0.5, None),
        ("scored", 1.0, None),
        ("unscored", None, "abstained"),
        ("failed", None, "not_finite"),
        ("failed", None, "not_a_number"),
        ("scored", 1.0, None),
        ("scored", 0.25, None),
        ("failed", None, "not_a_number"),
    ]
    assert outcomes[5]["labels"] == {"why": "é\\ud800"}
    assert [each["path"] for each in outcomes[5]["components"]] == ["ok", "\\udfff"]
    assert all("reward" not in each for each in outcomes if each["status"] != "scored")


def test_the_key_of_the_reward_is_a_setting(load):
    worker = load("def score(action, observation): return {'reward': 1, 'mine': 2}", reward_key="mine")
    assert worker.score(step())["reward"] == 2


BATCH = """
def score(prompts, completions):
    return {scores}
"""


@pytest.mark.parametrize(
    ("scores", "status", "kind"),
    [
        ("[0.5] * len(prompts)", "scored", None),
        ("(0.5,) * len(prompts)", "scored", None),
        ("[None]", "unscored", "abstained"),
        ("None", "unscored", "abstained"),
        ("[{'score': 1, 'x': 2}]", "scored", None),
        ("['1']", "failed", "not_a_number"),
        ("[]", "failed", "wrong_count"),
        ("[1, 2]", "failed", "wrong_count"),
        ("1.0", "failed", "wrong_count"),
        ("{'reward': 1}", "failed", "wrong_count"),
    ],
)
def test_what_a_batch_returns(load, scores, status, kind):
    outcome = load(BATCH.format(scores=scores)).score(said("a"))
    assert (outcome["status"], outcome.get("kind")) == (status, kind)
