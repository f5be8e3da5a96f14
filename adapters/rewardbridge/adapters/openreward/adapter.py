"""The `openreward` adapter: environments of the Open Reward Standard, where a tool's result carries the reward.

Target: a subclass of `Environment`, `openreward:my_env.py:MyEnv`. `args`: `answer_field`, the key of the task under
which the gold answer goes (`answer`; null: it goes nowhere), and `secrets`, names of variables of the worker's
environment that `secrets` of the environment gets.

Versions: 0.1.167. The environment is called in process with the library's own functions, as its server calls it; tools
run, take locks and end the episode as there.

Unit: episode: a new environment for each record, `setup`, and all tool calls of the messages again, in their order; the
first assistant message without one goes to the `@terminal` tool, if there is one. The reward is the sum of what the
tools gave, each of which is a component `TURN.TOOL`; `step_scores` has it by turn, which is the assistant's message
counted from 1. Unit group: `score_group` of one environment with the messages of all members.

Inputs: messages and answer; the task is all columns (`columns` names those that must be there) and the answer. A record
without columns whose `task` has a split and an index gets the environment's own task.

No score: an episode in which no tool gave a reward is `unscored(abstained)`. A call that the library refuses (unknown
tool, bad input, or made after the end) gives none, as it gave none to the policy; the metrics `refused` and `finished`
tell. An exception of a tool fails. A group with more or fewer scores than members is `failed(wrong_count)`.

Threads and loops: asynchronous, all episodes at once; the library runs synchronous tools in threads. What tools change
outside of the environment they change again.

Import cost: about 3 s of CPU and 130 MB for each worker.

Live from `/ws` where actions are tool calls that a view makes messages of; mostly offline.
"""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from inspect import isclass
from typing import Any

from rewardbridge import fields
from rewardbridge.adapters.openreward.blocks import arguments_of, blocks_of
from rewardbridge.batches import WrongCount
from rewardbridge.calling.libraries import library_of
from rewardbridge.calling.options import options_of
from rewardbridge.calling.settings import settings_of
from rewardbridge.components import component_of, parts_of
from rewardbridge.kinds import Kind
from rewardbridge.loading import load_target
from rewardbridge.result import Result, result_of_number, unscored
from rewardbridge.seam import Description, LoadRefused, Source, Stateless

SETTINGS = ("args", "columns", "deterministic", "range", "unit")
HINT = "name a subclass of openreward.environments.Environment"


@dataclass(frozen=True)
class Options:
    answer_field: str | None = "answer"
    secrets: list[str] = field(default_factory=list)


class OpenRewardAdapter(Stateless):
    """An environment whose tools give rewards."""

    def __init__(self, source: Source) -> None:
        self.library = library_of("openreward")
        from openreward.environments import Environment

        found = load_target(source)
        if not isclass(found) or not issubclass(found, Environment):
            raise LoadRefused("not an environment", HINT)
        self.environment = found
        self.settings = settings_of(source, found, SETTINGS)
        self.options = options_of(source, Options)
        self.unit = self.settings.unit or "episode"
        if self.unit not in ("episode", "group"):
            reason = "tool calls are played from the first to the last"
            raise LoadRefused(f"could not score with unit: {self.unit}: {reason}")
        if self.unit == "group" and not found._supports_score_group():
            raise LoadRefused(f"could not score groups: {found.__name__} has no score_group")
        self.terminal = found.terminal_tool() is not None

    def describe(self) -> Description:
        settings = self.settings
        return Description(
            unit=self.unit,
            needs=["messages"] + (["answer"] if self.options.answer_field else []),
            columns=settings.columns or (),
            library=self.library,
            asynchronous=True,
            deterministic=settings.deterministic,
            range=(float(settings.range[0]), float(settings.range[1])) if settings.range else None,
        )

    async def score(self, episode: str, record: fields.Json) -> Result:
        said = fields.messages(record)
        async with self._environment(await self._task(record)) as environment:
            played = await self._play(environment, said)
        return played.result()

    async def score_group(self, records: list[fields.Json]) -> list[Result]:
        from openreward.environments.types import GroupCandidate
        from openreward.environments.utils import run_user_callable

        tasks = [await self._task(each) for each in records]
        if any(each != tasks[0] for each in tasks):
            raise ValueError("the members of the group have different tasks")
        candidates = [GroupCandidate.model_validate({"messages": blocks_of(fields.messages(each))}) for each in records]
        async with self._environment(tasks[0]) as environment:
            scores = await run_user_callable(environment.score_group, candidates)
        if len(scores) != len(records):
            raise WrongCount(f"score_group gave {len(scores)} scores for {len(records)} members")
        return [_member(each) for each in scores]

    async def _task(self, record: fields.Json) -> fields.Json:
        for name in self.settings.columns or ():
            fields.column(record, name)
        place = record.get("task") or {}
        if not record.get("info") and "split" in place and "index" in place:
            return dict(await self.environment.get_task(place["split"], place["index"]))
        task = dict(record.get("info") or {})
        return task | ({self.options.answer_field: fields.answer(record)} if self.options.answer_field else {})

    @asynccontextmanager
    async def _environment(self, task: fields.Json) -> AsyncIterator[Any]:
        """As the library's server makes and ends one."""
        from openreward.environments.utils import run_user_callable

        secrets = {name: os.environ[name] for name in self.options.secrets}
        environment = await run_user_callable(self.environment, task_spec=task, secrets=secrets)
        try:
            await run_user_callable(environment.setup)
            yield environment
        finally:
            await run_user_callable(environment.teardown)

    async def _play(self, environment: Any, messages: Sequence[fields.Json]) -> "_Played":
        from openreward.environments.session import call_session_tool

        played = _Played()
        said = [each for each in messages if each.get("role") == "assistant"]
        for turn, message in enumerate(said, 1):
            calls = message.get("tool_calls") or []
            for call in calls:
                try:
                    given = arguments_of(call)
                except ValueError:
                    played.refused += 1
                    continue
                played.add(turn, call["name"], await call_session_tool(environment, None, call["name"], given))
            if not calls and self.terminal:
                played.add(turn, "terminal", await environment.call_terminal_tool(fields.text_of(message)))
                break
        return played


@dataclass
class _Played:
    """What the calls of an episode gave."""

    rewards: list[tuple[int, str, float]] = field(default_factory=list)
    finished: bool = False
    refused: int = 0

    def add(self, turn: int, tool: str, answer: Any) -> None:
        if not answer.root.ok:
            self.refused += 1
            return
        output = answer.root.output
        self.finished |= output.finished
        if output.reward is not None:
            self.rewards.append((turn, tool, output.reward))

    def result(self) -> Result:
        if self.rewards:
            result = result_of_number(sum(value for _, _, value in self.rewards))
        else:
            result = unscored(Kind.ABSTAINED, "no tool gave a reward")
        result.components = [component_of(f"{turn}.{tool}", value, "reward", 1.0) for turn, tool, value in self.rewards]
        result.metrics = {"finished": float(self.finished), "refused": float(self.refused)}
        if result.status == "scored":
            by_turn: dict[int, float] = {}
            for turn, _, value in self.rewards:
                by_turn[turn] = by_turn.get(turn, 0.0) + value
            result.step_scores = [{"step": turn, "reward": value} for turn, value in by_turn.items()]
        return result


def _member(score: Any) -> Result:
    """A `GroupScore`, or a bare number."""
    result = result_of_number(getattr(score, "reward", score))
    result.components, result.metrics, result.labels = parts_of(getattr(score, "metadata", None) or {})
    return result
