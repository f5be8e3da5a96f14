"""Reasoning Gym 0.1.25, all its data sets: `scripts/test-libraries.sh reasoning_gym`."""

import json

import pytest

reasoning_gym = pytest.importorskip("reasoning_gym", reason="scripts/test-libraries.sh reasoning_gym")

from reasoning_gym.factory import DATASETS  # noqa: E402
from reasoning_gym.utils import extract_answer  # noqa: E402

from calls import made, score  # noqa: E402
from records import PROMPT, RECORDS, said  # noqa: E402

from rewardbridge.adapters.reasoning_gym import ANSWERLESS  # noqa: E402
from rewardbridge.kinds import Kind  # noqa: E402
from rewardbridge.seam import LoadRefused  # noqa: E402

NAMES = sorted(set(DATASETS) - {"composite"})


def record_of(entry, text):
    """The entry as a file or the wire brings it: through JSON."""
    question = [{"role": "user", "content": entry["question"]}]
    info = json.loads(json.dumps(entry["metadata"], default=str))
    return said(text, entry["answer"], prompt=question, info=info)


def replies(entry):
    return [
        f"<think>Hm.</think><answer>\n{entry['answer']}\n</answer>",
        f"<answer>no</answer> or rather <answer>{entry['answer']}</answer>",
        str(entry["answer"]),
        "<answer>garbage</answer>",
        "<answer>7</answer>",
        "<answer></answer>",
        "",
    ]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NAMES)
def test_a_verifier_gives_what_the_library_gives(make, name):
    dataset = reasoning_gym.create_dataset(name, seed=1, size=2)
    component = make(f"reasoning_gym:{name}")
    for entry in (dataset[0], dataset[1]):
        assert (entry["answer"] is None) <= (name in ANSWERLESS)
        for text in replies(entry):
            result = score(component, record_of(entry, text))
            try:
                expected = dataset.score_answer(extract_answer(text), entry)
            except Exception as error:
                assert result.kind is Kind.EXCEPTION and type(error).__name__ in result.message
            else:
                assert result.status == "scored" and abs(result.reward - expected) <= 1e-12, text


def test_right_answers_are_right(make):
    """The comparison above would hold for verifiers that say 0 to everything."""
    rewards = []
    for name in set(NAMES) - set(ANSWERLESS):
        entry = reasoning_gym.create_dataset(name, seed=1, size=1)[0]
        rewards.append(score(make(f"reasoning_gym:{name}"), record_of(entry, replies(entry)[0])).reward)
    assert sum(each == 1 for each in rewards) > 90


@pytest.fixture
def entry():
    return reasoning_gym.create_dataset("basic_arithmetic", seed=3, size=1)[0]


def test_the_answer_in_another_tag_and_without_one(make, entry):
    right = entry["answer"]
    other = make("reasoning_gym:basic_arithmetic", args={"tag": "final"})
    result = score(other, record_of(entry, f"<final> {right} </final>"))
    assert (result.reward, result.labels) == (1, {"extracted": right})
    whole = make("reasoning_gym:basic_arithmetic", args={"tag": None})
    assert score(whole, record_of(entry, right)).reward == 1
    assert score(whole, record_of(entry, f"<answer>{right}</answer>")).reward < 1
    assert score(make("reasoning_gym:basic_arithmetic"), record_of(entry, right)).labels is None


def test_metadata_as_one_column(make):
    entry = reasoning_gym.create_dataset("countdown", seed=3, size=1)[0]
    record = record_of(entry, f"<answer>{entry['answer']}</answer>")
    assert score(make("reasoning_gym:countdown"), record).reward == 1
    nested = record | {"info": {"metadata": record["info"], "other": 1}}
    component = make("reasoning_gym:countdown", columns=["metadata"])
    assert component.describe().columns == ["metadata"] and score(component, nested).reward == 1
    assert score(component, record).kind is Kind.NEEDS


def test_what_is_missing_is_no_zero(make):
    assert score(make("reasoning_gym:basic_arithmetic"), RECORDS["no gold"]).kind is Kind.NEEDS
    # The verifier makes a 0 of its own KeyError.
    entry = reasoning_gym.create_dataset("arc_agi", seed=3, size=1)[0]
    record = record_of(entry, f"<answer>{entry['answer']}</answer>") | {"info": {}}
    result = score(make("reasoning_gym:arc_agi"), record)
    assert (result.kind, result.message) == (Kind.NEEDS, "the record holds no info.output")


def test_a_composite_scores_by_the_source(make):
    names = ("basic_arithmetic", "rearc", "rush_hour")
    config = {"datasets": [{"name": name} for name in names]}
    component = make("reasoning_gym:composite", args={"config": config})
    for name in names:
        dataset = reasoning_gym.create_dataset(name, seed=1, size=1)
        text = f"<answer>{dataset[0]['answer']}</answer>"
        expected = dataset.score_answer(extract_answer(text), dataset[0])
        assert score(component, record_of(dataset[0], text)).reward == expected
    assert score(component, said("x", prompt=PROMPT, info={})).message == "the record holds no info.source_dataset"


@pytest.mark.parametrize(
    ("target", "settings", "reason"),
    [
        ("countdwn", {}, "could not find data set"),
        ("countdown", {"args": {"config": {"no": 1}}}, "could not make data set"),
        ("countdown", {"args": {"config": {"min_numbers": 9, "max_numbers": 1}}}, "could not make data set"),
        ("countdown", {"args": {"seed": 1}}, "unknown name 'seed'"),
        ("countdown", {"unit": "batch"}, "one answer"),
    ],
)
def test_what_is_refused(tmp_path, target, settings, reason):
    with pytest.raises(LoadRefused, match=reason):
        made(f"reasoning_gym:{target}", tmp_path, **settings)


def test_the_example(example):
    component, records = example("reasoning_gym")
    assert [score(component, each).reward for each in records] == [1, 0.05, 0.01]
