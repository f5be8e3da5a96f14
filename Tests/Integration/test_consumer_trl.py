"""TRL 1.16.0, without torch: its harness worker and its environments, call for call as its source has them."""

import math

import pytest
from openenv import GenericEnvClient
from openenv.core.harness import HarnessRunLimits, MCPHarnessAdapter, ModelStepResult, build_harness_rollout_func
from openenv.core.llm_client import LLMResponse, ToolCall

from peers.collect.openspiel_env.harness import OpenSpielSessionFactory
from peers.plays import FAILING, GOOD, INTENDED, actions
from support.process import ROOT

RUBRICS = ["scores.py:length", "episode.yaml"]
TRL = ROOT / ".venv-trl" / "lib"


def source(path: str) -> str:
    (found,) = TRL.glob(f"python3*/site-packages/trl/{path}")
    return " ".join(found.read_text().split())


def move(*_) -> ModelStepResult:
    """Stands for the model: always moves."""
    return ModelStepResult(response=LLMResponse(content="", tool_calls=[ToolCall(id="1", name="play_move", args={})]))


def factory(url: str, game: str) -> OpenSpielSessionFactory:
    return OpenSpielSessionFactory(lambda: GenericEnvClient(base_url=url), game)


def harness_reward(url: str, game: str) -> float | None:
    """`_HarnessRolloutLoop._run_session`: what verify says, and any exception makes the rollout unscorable."""
    session = factory(url, game).create("prompt", seed=0, episode_id="rollout")
    try:
        result = MCPHarnessAdapter().run_white_box(move, session, HarnessRunLimits(max_turns=8))
        verify = session.verify(result.messages)
        return float(verify.env_reward) if verify.env_reward is not None else None
    except Exception:
        return None
    finally:
        session.close()


class EchoEnvironment:
    """An environment as TRL's guide writes them: the reward of the last step, from a client of OpenEnv."""

    def __init__(self, url: str):
        self.client = GenericEnvClient(base_url=url).sync()
        self.client.connect()
        self.reward = 0.0

    def reset(self, **kwargs):
        self.reward = 0.0
        self.client.reset()

    def say(self, message: str, done: bool) -> str:
        result = self.client.step({"message": message, "done": done})
        self.reward = result.reward
        return result.observation["text"]

    def get_reward(self) -> float:
        return self.reward


def environment_rewards(url: str, messages: list[str]) -> tuple[list[float], list]:
    """`GRPOTrainer`: reset, tool calls whose exceptions become tool results, get_reward, None to NaN."""
    environment, results = EchoEnvironment(url), []
    environment.reset(prompt="p")
    for arguments in actions(messages):
        try:
            results.append(environment.say(**arguments))
        except Exception as e:
            results.append({"error": str(e)})
    rewards = [e.get_reward() for e in [environment]]
    environment.client.close()
    return [reward if reward is not None else math.nan for reward in rewards], results


def test_the_calls_are_still_those_of_the_wheel():
    trainer, harness = source("trainer/grpo_trainer.py"), source("experimental/async_grpo/openenv_harness.py")
    assert "return [e.get_reward() if type(e) is _env_type else None for e in environments]" in trainer
    assert "[reward if reward is not None else torch.nan for reward in output_reward_func]" in trainer
    assert 'except Exception as e: tool_failure_count += 1 result = {"error": str(e)}' in trainer
    assert "verify = session.verify(completion)" in harness
    assert "env_reward = float(verify.env_reward) if verify.env_reward is not None else None" in harness
    assert '"harness rollout failed; scoring as unscorable", exc_info=True) return self._EMPTY_ROLLOUT, None' in harness


@pytest.mark.parametrize("rubric", RUBRICS)
def test_harness_gets_the_intended_total(scored_bridge, rubric):
    assert harness_reward(scored_bridge(rubric, consumer="trl-harness").url, "good") == pytest.approx(INTENDED)


def test_harness_reads_a_failed_scorer_as_unscorable(scored_bridge):
    assert harness_reward(scored_bridge("scores.py:length_or_raise", consumer="trl-harness").url, "failing") is None


@pytest.mark.parametrize("rubric", RUBRICS)
def test_environments_get_the_intended_total(scored_bridge, rubric):
    rewards, results = environment_rewards(scored_bridge(rubric, consumer="trl-env").url, GOOD)
    assert rewards == [pytest.approx(INTENDED)]
    assert results == GOOD


def test_environments_read_a_failed_scorer_as_nan_and_the_policy_reads_nothing_of_it(scored_bridge):
    rewards, results = environment_rewards(scored_bridge("scores.py:length_or_raise", consumer="trl-env").url, FAILING)
    assert math.isnan(rewards[0])
    assert results == FAILING


def openenv_rollout(url: str, game: str) -> dict:
    """OpenEnv's own rollout function for TRL, which ends in `_resolve_env_reward`."""
    rollout = build_harness_rollout_func(
        session_factory=factory(url, game),
        harness_adapter=MCPHarnessAdapter(),
        model_step_builder=lambda trainer, session: move,
    )
    return rollout(["prompt"], None)


@pytest.mark.parametrize("rubric", RUBRICS)
def test_the_openenv_rollout_function_gets_the_intended_total(scored_bridge, rubric):
    played = openenv_rollout(scored_bridge(rubric, consumer="trl-harness").url, "good")
    assert played["env_reward"] == [pytest.approx(INTENDED)]


def test_the_openenv_rollout_function_raises_for_a_failed_scorer(scored_bridge):
    with pytest.raises(RuntimeError, match="REWARD_FAILED"):
        openenv_rollout(scored_bridge("scores.py:length_or_raise", consumer="trl-harness").url, "failing")
