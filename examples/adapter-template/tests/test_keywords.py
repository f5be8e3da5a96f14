"""Run with the folder `adapters` of RewardBridge on PYTHONPATH, after `pip install .`"""

import pytest
from rewardbridge.adapters import find
from rewardbridge.calls import Calls
from rewardbridge.kinds import Kind
from rewardbridge.provenance import Provenance
from rewardbridge.seam import LoadRefused, Source


@pytest.fixture
def make(tmp_path):
    def maker(words, **settings):
        (tmp_path / "words.txt").write_text(words)
        # By its entry point, as the bridge finds it.
        return find("keywords")(Source("keywords", "words.txt", settings, tmp_path))

    return maker


@pytest.fixture
def score(tmp_path):
    """As a worker calls it: an exception becomes an outcome."""
    return lambda component, record: Calls(component, Provenance(tmp_path)).score("e/1", record)


def said(text):
    return {"schema": "evalrec/1", "messages": [{"role": "assistant", "content": text, "sampled": True}]}


def test_the_share_of_keywords(make, score):
    result = score(make("Paris\nFrance\n"), said("It is PARIS."))
    assert (result.status, result.reward) == ("scored", 0.5)
    assert [(each["path"], each["value"]) for each in result.components] == [("Paris", 1.0), ("France", 0.0)]


def test_args(make, score):
    assert score(make("Paris", args={"ignore_case": False}), said("It is PARIS.")).reward == 0.0


def test_no_completion(make, score):
    assert score(make("Paris"), {"schema": "evalrec/1"}).kind is Kind.NEEDS


@pytest.mark.parametrize("words", ["", "\n \n"])
def test_no_keywords(make, words):
    with pytest.raises(LoadRefused, match="holds no keywords"):
        make(words)
