"""The `openenv` adapter: OpenEnv's rubrics, unmodified, with their containers, judges and trajectories.

Target: `openenv:my_env.rubrics:CodeRubric` or `openenv:rubrics.py:CodeRubric`. A class or a function is called with
`args` and gives a rubric; of an instance each episode gets a copy, which shares its clients of language models.

Versions: 0.10.0; 0.3.0 and 0.4.1 take the same calls. Called as the environment would call it, `rubric(action,
observation)` with all hooks; a coroutine is awaited.

Unit: step. Each episode has a tree of its own with every node reset; it goes with the episode, and is made again from
the episode's steps when its worker ends. A TrajectoryRubric at the root has the unit episode: it is played the whole
episode, and `compute_step_rewards()` hands the score down to the steps. With `unit: step` it gives what it returns at
each step: `intermediate_reward`, and the score at `done`.

Inputs: action and observation, with the environment's `reward` and `done` in the observation, as objects of the classes
that `types` names, else of those that `forward` is annotated with somewhere in the tree. `types: json` gives plain JSON
with attributes. There is no gold answer: OpenEnv's call has no place for one.

No score: OpenEnv has no word for it. None is `unscored(abstained)`. So is, for a trajectory, an episode that ended
before `done`, where the library would say `intermediate_reward`; `prefix: true` says that `score_trajectory` takes
unfinished episodes. An exception, NaN and whatever is no number fail. JSON that does not fit a class is
`failed(unreadable)`, and the message names the field.

Threads and loops: on the main thread and without a running loop, unless a node is asynchronous; then on one loop, all
episodes concurrently. A tree with a client of a language model (LLMJudge) is not deterministic and makes its version
mutable. It needs `network: true`.

Import cost: about 4 s of CPU and 150 MB for each worker, since `openenv.core` imports its server.

Live from `/ws`, with clients and environments as they are; and offline.
"""

from collections.abc import Awaitable, Generator
from typing import Any

from openenv.core.rubrics import TrajectoryRubric

from rewardbridge import fields
from rewardbridge.calling.awaiting import run
from rewardbridge.adapters.openenv.credit import credit
from rewardbridge.adapters.openenv.targets import library, maker_of
from rewardbridge.adapters.openenv.tree import Tree
from rewardbridge.adapters.openenv.types import Misfit, types_of
from rewardbridge.calling.settings import Settings, settings_of
from rewardbridge.failures import result_of_error
from rewardbridge.kinds import Kind
from rewardbridge.loading import load_target
from rewardbridge.result import Result, failed, unscored
from rewardbridge.seam import Description, LoadRefused, Source

SETTINGS = ("args", "bounded", "deterministic", "factory", "placement_free", "prefix", "range", "types", "unit")

UNFINISHED = "the episode ended before done (prefix: true scores unfinished ones)"

# An action, and the observation that it led to.
Turn = tuple[Any, Any]


class OpenEnvAdapter:
    """A rubric of OpenEnv."""

    def __init__(self, source: Source) -> None:
        found = load_target(source)
        self.settings = settings_of(source, found, SETTINGS)
        self.make = maker_of(found, self.settings)
        # Made to be described; what cannot be made is refused here.
        sample = Tree(self.make())
        self.types = types_of(source, sample.rubrics, self.settings.types)
        is_trajectory = isinstance(sample.root, TrajectoryRubric)
        self.unit = self.settings.unit or ("episode" if is_trajectory else "step")
        _check(self.settings, self.unit, is_trajectory)
        self.description = _description(self.settings, self.unit, sample)
        self.episodes: dict[str, Tree] = {}

    def describe(self) -> Description:
        return self.description

    def open(self, episode: str) -> None:
        self.episodes[episode] = self._tree()

    def close(self, episode: str) -> None:
        self.episodes.pop(episode, None)

    def score(self, episode: str, record: fields.Json) -> Result | Awaitable[Result]:
        tree = self.episodes.get(episode) if self.unit == "step" else self._tree()
        if tree is None:
            return failed(Kind.STATE_LOST, f"episode '{episode}' is not open")
        try:
            steps = self._steps(record)
            turns = [self.types.turn(each) for each in steps]
        except fields.Missing as missing:
            return unscored(Kind.NEEDS, f"the record holds no {missing}")
        except Misfit as misfit:
            return failed(Kind.UNREADABLE, str(misfit))
        return run(self._calls(tree, turns, [each.get("index") for each in steps]))

    def _tree(self) -> Tree:
        tree = Tree(self.make())
        tree.reset()
        return tree

    def _steps(self, record: fields.Json) -> list[fields.Json]:
        if self.unit == "step":
            return [fields.step(record)]
        steps = [each for each in fields.history(record) if each.get("index") != 0]
        if not steps:
            raise fields.Missing("step")
        return steps

    def _calls(self, tree: Tree, turns: list[Turn], indices: list[int]) -> Generator[Any, Any, Result]:
        """Calls into the library, for :func:`run`. What was scored before a failure is told with it."""
        try:
            yield from tree.finish_reset()
            for action, observation in turns:
                value = yield tree(action, observation)
            if self.unit == "step":
                return tree.told(value)
            if not getattr(turns[-1][1], "done", False):
                if not self.settings.prefix:
                    return tree.described(unscored(Kind.ABSTAINED, UNFINISHED))
                value = yield tree.root.score_trajectory(tree.root.trajectory)
            result = tree.told(value)
            if result.status == "scored":
                yield from credit(result, tree.root, indices)
            return result
        except Exception as error:
            return tree.described(result_of_error(error))


def _description(settings: Settings, unit: str, sample: Tree) -> Description:
    asks_models = sample.asks_models
    return Description(
        unit=unit,
        needs=["action", "observation"] + (["history"] if unit == "episode" else []),
        library=("openenv", library()),
        stateful=unit == "step",
        asynchronous=sample.is_asynchronous,
        prefix=bool(settings.prefix),
        deterministic=False if asks_models and settings.deterministic is None else settings.deterministic,
        mutable=asks_models,
        bounded=bool(settings.bounded),
        placement_free=bool(settings.placement_free),
        range=(float(settings.range[0]), float(settings.range[1])) if settings.range else None,
        components=sample.paths,
    )


def _check(settings: Settings, unit: str, is_trajectory: bool) -> None:
    """Settings that are fine one by one and do not fit the rubric."""
    if unit == "batch":
        raise LoadRefused("could not score batches: a rubric of OpenEnv takes one step")
    if unit == "episode" and not is_trajectory:
        raise LoadRefused(
            "could not score whole episodes: only a TrajectoryRubric does",
            hint="leave out unit: each step is scored, and the attachment's fold and reduce make the episode's score",
        )
    if settings.prefix and unit != "episode":
        raise LoadRefused("could not score unfinished episodes: prefix is for unit: episode")
