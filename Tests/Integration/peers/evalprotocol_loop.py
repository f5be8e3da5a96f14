"""eval-protocol's own OpenEnv rollout processor, its model's answers given: python peers/evalprotocol_loop.py GAMES"""

import asyncio
import json
import sys

from eval_protocol.models import EvaluationRow, InputMetadata, Message
from eval_protocol.pytest.openenv_rollout_processor import OpenEnvRolloutProcessor
from eval_protocol.pytest.types import RolloutProcessorConfig
from openenv import GenericEnvClient

from plays import actions


class Policy:
    """Stands for the model: answers with the next action."""

    def __init__(self, lines: list[str]):
        self.lines = iter(lines)

    async def _make_llm_call(self, messages, tools):
        usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
        return {"choices": [{"message": {"content": next(self.lines)}}], "usage": usage}


async def play(url: str, messages: list[str]) -> dict:
    policy = Policy([json.dumps(action) for action in actions(messages)])
    processor = OpenEnvRolloutProcessor(
        env_factory=lambda: GenericEnvClient(base_url=url).sync(),
        action_parser=json.loads,
        policy_factory=lambda **_: policy,
    )
    config = RolloutProcessorConfig(
        completion_params={"model": "given"}, mcp_config_path="", semaphore=asyncio.Semaphore(1), logger=None
    )
    row = EvaluationRow(messages=[Message(role="user", content="play")], input_metadata=InputMetadata(row_id="r"))
    try:
        (task,) = processor([row], config)
        done = await task
    except Exception as error:
        return {"error": str(error), "total": None}
    return {"error": None, "total": sum(done.execution_metadata.extra["step_rewards"])}


if __name__ == "__main__":
    print(json.dumps([asyncio.run(play(url, messages)) for url, messages in json.loads(sys.argv[1])]))
