"""The `inspect` adapter: scorers of Inspect (inspect_ai), its own ones and those of one's tasks.

Target: `inspect:my_task.py:my_scorer` or `inspect:inspect_ai.scorer:includes`: what `@scorer` decorates, which is
called with `args` and gives a scorer; or such a scorer.

Versions: 0.3.285. Called as its task runner does, `await scorer(state, target)`, with a transcript and a store of the
call's own.

Unit: episode, `step` on request. Epochs and their reducers are not used: every record has its score.

Inputs: prompt, messages and the answer as target (a list: one of them); `needs` leaves out what a scorer does without.
All columns are the state's metadata, `columns` names those that must be there. The state's output is the assistant's
last message. Live tools, sandboxes and log probabilities are not in a record. `choice()` is refused: it reads marks
that only the solver of multiple choices leaves.

No score: None, NaN and `Score.unscored()` are `unscored(abstained)`, with the explanation as message. Letters (C, I, P,
N), words and numerals count what the library's `value_to_float` makes of them; any other text is
`failed(not_a_number)`, where the library would log a warning and count 0. A value with parts has no total of its own:
`reward_key` names one (or the position in a list), a single part needs no naming; all parts are components. Answer,
explanation, reason and letter are labels, numbers of the score's metadata are metrics.

Threads and loops: asynchronous, on one loop; `math()` grades on a thread that the library keeps. Graders ask the model
that their own `model` names; they need `network: true`, and are neither deterministic nor fixed.

Import cost: about 1.6 s of CPU and 80 MB for each worker.

Live from `/ws` with a view for prompt, messages and answer; and offline.
"""

from inspect import isclass, iscoroutinefunction
from typing import Any

from rewardbridge import fields
from rewardbridge.adapters.inspect.scores import result_of_score
from rewardbridge.adapters.inspect.states import state_of
from rewardbridge.calling.libraries import library_of
from rewardbridge.calling.objects import called
from rewardbridge.calling.settings import settings_of
from rewardbridge.loading import load_target
from rewardbridge.result import Result
from rewardbridge.seam import Description, LoadRefused, Source, Stateless

SETTINGS = ("args", "columns", "deterministic", "needs", "range", "reward_key", "unit")
NEEDS = ("prompt", "messages", "answer")
HINT = "name what @scorer decorates, or a scorer: an async function of state and target"

_GRADERS = ("model_graded_qa", "model_graded_fact")


class InspectAdapter(Stateless):
    """A scorer of Inspect."""

    def __init__(self, source: Source) -> None:
        self.library = library_of("inspect")
        found = load_target(source)
        self.settings = settings_of(source, found, SETTINGS)
        self.unit = self.settings.unit or "episode"
        if self.unit not in ("step", "episode"):
            raise LoadRefused(f"could not score with unit: {self.unit}: a scorer takes one sample")
        self.needs = self.settings.needs or NEEDS
        self.scorer = _scorer(found, self.settings.args)
        self.name = _registered(self.scorer)
        if self.name == "choice":
            raise LoadRefused("could not use choice(): it reads marks of the solver that records do not hold", HINT)

    def describe(self) -> Description:
        settings = self.settings
        is_grader = self.name in _GRADERS
        return Description(
            unit=self.unit,
            needs=list(self.needs),
            columns=settings.columns or (),
            library=self.library,
            asynchronous=True,
            deterministic=False if is_grader and settings.deterministic is None else settings.deterministic,
            mutable=is_grader,
            range=(float(settings.range[0]), float(settings.range[1])) if settings.range else None,
        )

    async def score(self, episode: str, record: fields.Json) -> Result:
        from inspect_ai.log._transcript import Transcript, init_transcript
        from inspect_ai.util._store import init_subtask_store

        if "answer" in self.needs:
            fields.answer(record)
        for name in self.settings.columns or ():
            fields.column(record, name)
        state = state_of(record)
        # Both belong to the task of this call.
        init_subtask_store(state.store)
        init_transcript(Transcript(log_model_api=False))
        return result_of_score(await self.scorer(state, state.target), self.settings.reward_key)


def _scorer(found: Any, args: Any) -> Any:
    if _is_scorer(found):
        if args:
            raise LoadRefused("could not give args: the target is a scorer already", HINT)
        return found
    made = called(found, args, HINT)
    if not _is_scorer(made):
        raise LoadRefused(f"could not make a scorer: the target gives a {type(made).__name__}", HINT)
    return made


def _is_scorer(found: Any) -> bool:
    return not isclass(found) and (iscoroutinefunction(found) or iscoroutinefunction(getattr(found, "__call__", None)))


def _registered(scorer: Any) -> str | None:
    from inspect_ai._util.registry import is_registry_object, registry_unqualified_name

    return registry_unqualified_name(scorer) if is_registry_object(scorer) else None
