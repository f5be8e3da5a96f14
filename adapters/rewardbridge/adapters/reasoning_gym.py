"""The `reasoning_gym` adapter: Reasoning Gym's verifiers of its own generated tasks.

Target: a data set's name, as in `reasoning_gym:countdown`; `composite` scores by each entry's `source_dataset`. `args`,
all optional: `config`, the data set's configuration, which some verifiers look at (for `composite` its `datasets`);
`tag`, in which the answer is looked for: `answer` by default, and null where the whole completion is the answer, as in
an environment whose action is the answer.

Versions: 0.1.25.

Unit: step, or with `unit: episode` the episode's last completion.

Inputs: prompt, completion, answer and columns make `score_answer(answer, entry)`: `question` is the text of the
prompt's last message; `metadata` is the column of this name, else all columns. Five data sets have tasks without a gold
answer (boxnet, graph_color, propositional_logic, rubiks_cube, rush_hour), which need none. arc_agi and rearc compare
with tuples, which JSON does not know and would lose a right answer its point: they get tuples.

No score: Reasoning Gym has no word for it. What a verifier raises fails, prime_factorization's complaint about an
answer that is no number included. A column that a verifier asks for in vain is `unscored(needs)`, also where the
verifier goes on and says 0.01. No answer in tags is whatever the verifier says of None: mostly 0, at times 0.01.

Threads and loops: any thread, no loop. The seed is 0 unless `config` sets it; scores do not depend on it.

Import cost: 1.1 s of CPU and 100 MB.

Live from `/ws` with a view that gives prompt and completion and, from task data, the answer and `metadata`. And
offline.
"""

from dataclasses import dataclass, field
from typing import Any

from rewardbridge import fields
from rewardbridge.calling.libraries import library_of
from rewardbridge.calling.options import options_of
from rewardbridge.calling.settings import range_of, settings_of
from rewardbridge.result import Result, result_of
from rewardbridge.seam import Description, LoadRefused, Source, Stateless
from rewardbridge.suggestion import did_you_mean
from rewardbridge.texts import MESSAGE_MAX, clean

SETTINGS = ("args", "columns", "deterministic", "range", "unit")

# Data sets whose entries have None for an answer.
ANSWERLESS = ("boxnet", "graph_color", "propositional_logic", "rubiks_cube", "rush_hour")
# Data sets that compare with the tuples of tuples in `metadata["output"]`.
OF_TUPLES = ("arc_agi", "rearc")


@dataclass(frozen=True)
class Options:
    config: dict = field(default_factory=dict)
    tag: str | None = "answer"


class ReasoningGymAdapter(Stateless):
    """A data set, for what it says of answers."""

    def __init__(self, source: Source) -> None:
        self.library = library_of(source.adapter)
        self.settings = settings_of(source, None, SETTINGS)
        self.options = options_of(source, Options)
        if self.settings.unit in ("batch", "group"):
            raise LoadRefused(f"could not score a {self.settings.unit}: the library scores one answer")
        self.name = source.target
        self.dataset = _dataset(source, self.options.config)

    def describe(self) -> Description:
        settings = self.settings
        return Description(
            unit=settings.unit or "step",
            needs=["prompt", "completion", *([] if self.name in ANSWERLESS else ["answer"])],
            columns=list(settings.columns or ()),
            library=self.library,
            deterministic=True if settings.deterministic is None else settings.deterministic,
            range=range_of(settings),
        )

    def score(self, episode: str, record: fields.Json) -> Result:
        for name in self.settings.columns or ():
            fields.column(record, name)
        metadata = _Metadata(_metadata(record))
        name = metadata.get("source_dataset", self.name) if self.name == "composite" else self.name
        if name in OF_TUPLES and isinstance(metadata.get("output"), list):
            metadata["output"] = tuple(map(tuple, metadata["output"]))
        question = fields.text_of(fields.prompt(record)[-1])
        gold = record.get("answer") if name in ANSWERLESS else fields.answer(record)
        entry = {"question": question, "answer": gold, "metadata": metadata}
        answer = self._answer(fields.completion(record))
        try:
            result = result_of(self.dataset.score_answer(answer, entry))
        finally:
            # In place of what became of it.
            if metadata.missed:
                raise fields.Missing(f"info.{metadata.missed}")
        result.labels = {"extracted": clean(answer, MESSAGE_MAX)} if answer else None
        return result

    def _answer(self, completion: str) -> str | None:
        from reasoning_gym.utils import extract_answer

        return completion if self.options.tag is None else extract_answer(completion, self.options.tag)


class _Metadata(dict):
    """Knows what was asked for in vain; some verifiers make a score of the KeyError."""

    missed: str | None = None

    def __missing__(self, name: str) -> Any:
        self.missed = self.missed or name
        raise KeyError(name)


def _metadata(record: fields.Json) -> fields.Json:
    info = record.get("info") or {}
    return info["metadata"] if isinstance(info.get("metadata"), dict) else info


def _dataset(source: Source, config: dict[str, Any]) -> Any:
    from reasoning_gym import create_dataset
    from reasoning_gym.composite import DatasetSpec
    from reasoning_gym.factory import DATASETS

    if source.target not in DATASETS:
        raise LoadRefused(f"could not find data set '{source.target}'", did_you_mean(source.target, DATASETS))
    given = {"seed": 0, **config}
    try:
        if source.target == "composite":
            parts = given.get("datasets", ())
            given["datasets"] = [DatasetSpec(**{"weight": 1.0, "config": {}, **each}) for each in parts]
        return create_dataset(source.target, **given)
    except (TypeError, ValueError, AssertionError) as error:
        raise LoadRefused(f"could not make data set '{source.target}' of config: {error}") from error
