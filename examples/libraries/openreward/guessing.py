"""An environment as OpenReward has it. Nothing in here knows of the bridge."""

from openreward.environments import Environment, TextBlock, ToolOutput, tool
from pydantic import BaseModel


class Guess(BaseModel):
    number: int


class Guessing(Environment):
    """Find a number with as few guesses as possible."""

    @classmethod
    def list_splits(cls):
        return ["train"]

    @classmethod
    def list_tasks(cls, split):
        return [{"answer": "7"}]

    def get_prompt(self):
        return [TextBlock(text="Guess a number from 1 to 10.")]

    def setup(self):
        self.guesses = 0

    @tool
    async def guess(self, guess: Guess) -> ToolOutput:
        self.guesses += 1
        off = guess.number - int(self.task_spec["answer"])
        if off == 0:
            return ToolOutput(blocks=[TextBlock(text="Right!")], reward=1 / self.guesses, finished=True)
        return ToolOutput(blocks=[TextBlock(text="too high" if off > 0 else "too low")])
