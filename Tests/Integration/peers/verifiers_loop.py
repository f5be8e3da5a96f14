"""verifiers' own OpenEnv environment, its player's lines given: python peers/verifiers_loop.py GAMES"""

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from types import SimpleNamespace

from verifiers.v1.tasksets.openenv import OpenEnvConfig, OpenEnvEnv, OpenEnvTaskset

from plays import actions


class Player:
    """Stands for the agent: says the next action whatever it sees, and keeps what the loop records."""

    def __init__(self, lines: list[str]):
        self.lines = iter(lines)
        self.prompts: list[str] = []
        self.recorded: dict[str, float] = {}
        self.trace = SimpleNamespace(record_reward=self.recorded.__setitem__, stop=lambda reason: None)

    @asynccontextmanager
    async def interaction(self, task):
        yield self

    async def turn(self, prompt: str):
        self.prompts.append(prompt)
        line = next(self.lines, None)
        return SimpleNamespace(terminated=line is None, last_reply=line or "")


async def play(url: str, messages: list[str]) -> dict:
    player = Player([json.dumps(action) for action in actions(messages)])
    (task,) = OpenEnvTaskset(OpenEnvConfig(base_url=url, resets=[{"seed": 3}])).load()
    try:
        await OpenEnvEnv.run(None, task, SimpleNamespace(player=player))
    except Exception as error:
        return {"error": str(error), "recorded": player.recorded}
    return {"error": None, "recorded": player.recorded, "prompts": player.prompts}


if __name__ == "__main__":
    print(json.dumps([asyncio.run(play(url, messages)) for url, messages in json.loads(sys.argv[1])]))
