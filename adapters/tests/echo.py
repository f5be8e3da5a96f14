"""Episodes of echo_env: as records for the adapter, and as typed objects for the library itself."""

import asyncio
from inspect import iscoroutine
from pathlib import Path
from typing import Any

from echo_env.models import EchoAction, EchoObservation

from rewardbridge.adapters.openenv.adapter import OpenEnvAdapter
from rewardbridge.result import Result
from rewardbridge.seam import Source

HERE = Path(__file__).resolve().parent
TYPES = "echo_env.models:EchoAction,echo_env.models:EchoObservation"

# What the policy said in an episode; some of it twice, as rubrics may keep state.
SAID = ["ab", "xyz", "ab", "a", "b and a", "A LOUD ab"]


def adapter(target: str, root: Path = HERE, **settings: Any) -> OpenEnvAdapter:
    return OpenEnvAdapter(Source("openenv", target if ":" in target else f"echo_env.rubrics:{target}", settings, root))


def turns(said: list[str] = SAID, done: bool = True) -> list[tuple[EchoAction, EchoObservation]]:
    """An episode; the environment's own rewards count up from 0."""
    last = len(said) - 1
    return [
        (
            EchoAction(message=message, tone="loud" if message.isupper() or "LOUD" in message else "plain"),
            EchoObservation(text=f"you: {message}", reward=index, done=done and index == last, metadata={"n": index}),
        )
        for index, message in enumerate(said)
    ]


def steps(played: list[tuple[EchoAction, EchoObservation]]) -> list[dict[str, Any]]:
    """As the wire carries them: an OpenEnv server leaves `reward` and `done` out of the observation."""
    return [
        {
            "index": index,
            "action": action.model_dump(mode="json"),
            "observation": observation.model_dump(mode="json", exclude={"reward", "done"}),
            "reward": observation.reward,
            "done": observation.done,
        }
        for index, (action, observation) in enumerate(played, 1)
    ]


def record(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"schema": "evalrec/1", "steps": list(steps)}


def outcome(result: Any) -> Result:
    """The result, also where it has to be awaited."""

    async def awaited() -> Result:
        return await result

    return result if isinstance(result, Result) else asyncio.run(awaited())


def scored(made: OpenEnvAdapter, played: list[dict[str, Any]], episode: str = "e/1") -> list[Result]:
    """One episode, step by step."""
    made.open(episode)
    results = [outcome(made.score(episode, record(each))) for each in played]
    made.close(episode)
    return results


def direct(rubric: Any, played: list[tuple[Any, Any]]) -> list[float]:
    """What the library gives for the same episode, as an environment calls it."""
    for each in (rubric, *rubric.rubrics()):
        each.reset()

    async def awaited(value: Any) -> float:
        return await value

    values = []
    for turn in played:
        value = rubric(*turn)
        values.append(asyncio.run(awaited(value)) if iscoroutine(value) else value)
    return values
