"""Verifiers written as Open Instruct's are; the originals are in no package index."""

import asyncio

import pytest

from calls import made, score, values, waited
from records import PLAIN, PROMPT, RECORDS, said

from rewardbridge.kinds import Kind
from rewardbridge.seam import LoadRefused

AUTHORED = '''
import asyncio
import logging
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass

logger = logging.getLogger(__name__)
seen = {}


@dataclass
class VerifierConfig:
    pass


@dataclass
class JudgeConfig(VerifierConfig):
    model: str
    down: bool = False


@dataclass
class VerificationResult:
    score: float
    cost: float = 0.0
    reasoning: str = None


class VerifierFunction(ABC):
    def __init__(self, name, weight=1.0, verifier_config=None):
        self.name, self.weight, self.verifier_config = name, weight, verifier_config

    @classmethod
    def get_config_class(cls):
        return VerifierConfig

    @abstractmethod
    def __call__(self, tokenized_prediction, prediction, label, query=None, rollout_state=None):
        pass

    async def async_call(self, tokenized_prediction, prediction, label, query=None, rollout_state=None):
        loop = asyncio.get_event_loop()
        call = lambda: self.__call__(tokenized_prediction, prediction, label, query, rollout_state)
        return await loop.run_in_executor(None, call)


class Numbers(VerifierFunction):
    def __init__(self, verifier_config=None):
        super().__init__("gsm8k", verifier_config=verifier_config, weight=0.5)

    def __call__(self, tokenized_prediction, prediction, label, query=None, rollout_state=None):
        seen.update(locals())
        if "boom" in prediction:
            raise ValueError("no label fits")
        numbers = re.findall(r"[-+]?\\d*\\.\\d+|\\d+", re.sub(r"(\\d),(\\d)", r"\\1\\2", prediction))
        return VerificationResult(score=float(bool(numbers) and numbers[-1] == label))


class Judge(VerifierFunction):
    def __init__(self, judge_type, verifier_config):
        super().__init__(f"general-{judge_type}", verifier_config=verifier_config)

    @classmethod
    def get_config_class(cls):
        return JudgeConfig

    async def async_call(self, tokenized_prediction, prediction, label, query):
        await asyncio.sleep(0)
        logger.warning("LLM judge attempt 1/3 failed: busy")
        if self.verifier_config.down or "down" in prediction:
            logger.error("LLM judge failed after 3 attempts. Returning default score of 0.0")
            return VerificationResult(score=0.0, reasoning="Error: busy")
        return VerificationResult(score=0.75, cost=0.002, reasoning=f"{self.verifier_config.model} likes it")

    def __call__(self, *call):
        raise RuntimeError("Use async_call instead")


class Code(VerifierFunction):
    def __init__(self, verifier_config=None):
        super().__init__("code")

    async def async_call(self, tokenized_prediction, prediction, label, query=None):
        logger.warning("Error verifying code sample: connection refused")
        return VerificationResult(score=0.0)

    def __call__(self, *call):
        raise RuntimeError("Use async_call instead")


class NoScore(Numbers):
    def __call__(self, tokenized_prediction, prediction, label, query=None):
        return VerificationResult(score=None)


def function(prediction, label):
    return 1.0
'''


@pytest.fixture
def own(make):
    return lambda target, **settings: make(f"open_instruct:rewards.py:{target}", AUTHORED, **settings)


@pytest.mark.parametrize("name", PLAIN)
def test_a_verifier(own, name):
    component = own("Numbers")
    direct = component.verifier([], RECORDS[name]["messages"][-1]["content"], "144")
    result = score(component, RECORDS[name])
    assert result.reward == direct.score * 0.5 and values(result) == {"gsm8k": direct.score}


def test_what_it_is_called_with(own):
    component = own("Numbers", args={"reward_mult": 10.0})
    record = RECORDS["right"] | {"tokens": {"completion_ids": [1, 2]}}
    assert score(component, record).reward == 5
    seen = component.verifier.__call__.__globals__["seen"]
    assert (seen["tokenized_prediction"], seen["label"]) == ([1, 2], "144")
    assert seen["query"] == "\n\n".join(each["content"] for each in PROMPT)


def test_a_judge(own):
    component = own("Judge", args={"arguments": {"judge_type": "quality"}, "config": {"model": "stub"}})
    assert component.describe().asynchronous and component.describe().components == ["general-quality"]
    result = score(component, RECORDS["right"])
    assert (result.reward, result.metrics, result.labels) == (0.75, {"cost": 0.002}, {"reasoning": "stub likes it"})


def test_a_judge_that_is_down_is_no_zero(own):
    component = own("Judge", args={"arguments": {"judge_type": "quality"}, "config": {"model": "stub", "down": True}})
    assert score(component, RECORDS["right"]).kind is Kind.JUDGE_FAILED
    assert score(own("Code"), RECORDS["right"]).kind is Kind.VERIFIER_ERROR


def test_calls_at_once_do_not_read_each_others_log(own):
    component = own("Judge", args={"arguments": {"judge_type": "quality"}, "config": {"model": "stub"}})

    async def all_of_them():
        return await asyncio.gather(*(component.score("e/1", said(text)) for text in ("a", "b")), asyncio.sleep(0))

    assert [each.reward for each in waited(all_of_them())[:2]] == [0.75, 0.75]

    async def one_is_down():
        calls = (component.score("e/1", said(text)) for text in ("a", "down", "b"))
        return await asyncio.gather(*calls, return_exceptions=True)

    first, down, last = waited(one_is_down())
    assert (first.reward, last.reward) == (0.75, 0.75) and down.result.kind is Kind.JUDGE_FAILED


def test_no_score(own):
    assert score(own("NoScore"), RECORDS["right"]).kind is Kind.ABSTAINED
    assert score(own("Numbers"), said("boom")).kind is Kind.EXCEPTION
    assert score(own("Numbers"), RECORDS["no gold"]).kind is Kind.NEEDS


@pytest.mark.parametrize(
    ("target", "settings", "reason"),
    [
        ("function", {}, "could not make a verifier of a function"),
        ("Judge", {}, "judge_type"),
        ("Judge", {"args": {"arguments": {"judge_type": "quality"}, "config": {"modle": "x"}}}, "model"),
        ("VerificationResult", {"args": {"arguments": {"score": 1.0}}}, "no name or no __call__"),
        ("Numbers", {"unit": "group"}, "one prediction"),
    ],
)
def test_what_is_refused(own, target, settings, reason):
    with pytest.raises(LoadRefused, match=reason):
        own(target, **settings)


def test_a_module_that_is_not_there(tmp_path):
    with pytest.raises(LoadRefused, match="no module open_instruct"):
        made("open_instruct:open_instruct.ground_truth_utils:GSM8KVerifier", tmp_path)


def test_the_example(example):
    component, records = example("open_instruct")
    assert [score(component, each).reward for each in records] == [1, 0]
