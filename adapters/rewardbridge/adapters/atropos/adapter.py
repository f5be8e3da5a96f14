"""The `atropos` adapter: reward functions of Atropos's registry.

Target: a registered name, as in `atropos:accuracy` or `atropos:combined`, with `args` as its configuration (`weight`,
`rewards` and so on); or a RewardFunction of one's own, `atropos:rewards.py:MyReward`, made with `args`. A name is what
`registry.create` makes of it: in 0.4.0 `r1` is AccuracyXReward, the first class of its file.

Versions: 0.4.0, without what it depends on: `cosine_scaled` needs torch, transformers, scipy and a model.

Unit: batch, or with `unit: episode` whole episodes, with one record in each call unless `elementwise: true` lets
several share it; `unit: group` for what looks at all rollouts of a task, such as a combined reward with `normalization:
minmax`. The reward is what the function's call returns, which is the computed one times its `weight`; the component
with its name has that weight and the value before it. Members of a combined reward are components too: it adds them up
without their own weights.

Inputs: `completions` are messages, or with `completions: text` the last text that the policy wrote. Of messages the
functions judge the first of the assistant: the label `judged` holds it. All columns are given by name; unless one of
them is `solution` or `ground_truth`, `solution` is the answer, which is needed where the function takes it. To a
function of the registry it is a text: in a number, or a list, `r1` would find the empty text, and call every completion
right.

No score: Atropos has no word for it, and makes a 0 of nearly everything: an exception in one completion is a 0 for the
whole call, or for a combined reward a part that is left out; a missing answer and an answer compared as a string
because math_verify could not work are a 0 too. Here `compute` is watched, and the library's log: exceptions are
`failed(exception)`, a wrong count `failed(wrong_count)`, other trouble told in the log `failed(verifier_error)`, a
timeout of math_verify `failed(timeout)`, no answer `unscored(needs)`.

Threads and loops: on the main thread, since math_verify needs it; elsewhere `accuracy` fails here, where the library
falls back to comparing strings.

Import cost: small; 0.4 s of CPU and 46 MB with math_verify.

Live from `/ws` with a view that gives `messages` (or the completion) and, from task data, the answer. And offline.
"""

import logging
from inspect import isclass
from typing import Any

from rewardbridge import fields
from rewardbridge.adapters.atropos.watching import PACKAGE, Watched, check, family
from rewardbridge.batches import columns_of, results_of
from rewardbridge.calling.chat import chat
from rewardbridge.calling.libraries import library_of
from rewardbridge.calling.logs import noted, watch
from rewardbridge.calling.maths import timeouts_fail, watch_timeouts
from rewardbridge.calling.rows import rows_of_group, scored_together
from rewardbridge.calling.settings import range_of, settings_of
from rewardbridge.failures import NoScore
from rewardbridge.kinds import Kind
from rewardbridge.loading import load_target
from rewardbridge.result import Result, failed
from rewardbridge.seam import BATCH_MAX, Description, LoadRefused, Source, Stateless
from rewardbridge.texts import MESSAGE_MAX, clean

SETTINGS = ("args", "batch_max", "columns", "completions", "deterministic", "elementwise", "range", "unit")

GOLD = ("solution", "ground_truth")


class AtroposAdapter(Stateless):
    """A RewardFunction."""

    def __init__(self, source: Source) -> None:
        self.library = library_of(source.adapter)
        watch(PACKAGE)
        watch_timeouts()
        found = load_target(source) if ":" in source.target else None
        self.is_registered = found is None
        self.settings = settings_of(source, found, SETTINGS)
        self.unit = self.settings.unit or "batch"
        if self.unit not in ("batch", "episode", "group") or (self.unit == "group" and self.settings.elementwise):
            raise LoadRefused("could not settle how to call the function: its units are batch, episode and group")
        self.reward = _made(source.target, found, dict(self.settings.args or {}))
        self.parts = [Watched(each) for each in family(self.reward)]
        self.needs_gold = any(each.takes(GOLD) for each in self.parts)

    def describe(self) -> Description:
        settings = self.settings
        said = "completion" if settings.completions == "text" else "messages"
        return Description(
            unit=self.unit,
            needs=[said, "answer"] if self.needs_gold else [said],
            columns=list(settings.columns or ()),
            library=self.library,
            elementwise=bool(settings.elementwise),
            deterministic=settings.deterministic,
            range=range_of(settings),
            components=[each.name for each in self.parts],
            batch_max=settings.batch_max or BATCH_MAX,
        )

    def score(self, episode: str, record: fields.Json) -> Result:
        return self._call([self._row(record)])[0]

    def score_batch(self, records: list[fields.Json]) -> list[Result]:
        return scored_together(records, self._row, self._call)

    def score_group(self, records: list[fields.Json]) -> list[Result]:
        return self._call(rows_of_group(records, self._row))

    def _row(self, record: fields.Json) -> fields.Json:
        for name in self.settings.columns or ():
            fields.column(record, name)
        row = dict(record.get("info") or {})
        is_text = self.settings.completions == "text"
        row["completions"] = fields.completion(record) if is_text else chat(fields.messages(record))
        if not any(name in row for name in GOLD) and (self.needs_gold or record.get("answer") is not None):
            gold = fields.answer(record)
            row["solution"] = _gold(gold) if self.is_registered else gold
        return row

    def _call(self, rows: list[fields.Json]) -> list[Result]:
        _, named = columns_of([([], row) for row in rows])
        completions = named.pop("completions")
        for part in self.parts:
            part.forget()
        with timeouts_fail(), noted() as notes:
            returned = self.reward(completions, **named)
        for part in self.parts:
            if part.error is not None:
                raise part.error
        check(notes)
        results = results_of(returned, len(rows))
        for position, result in enumerate(results):
            result.components = [each.told(position) for each in self.parts]
            if self.settings.completions != "text":
                result.labels = {"judged": clean(self.reward.get_content(completions[position]), MESSAGE_MAX)}
        return results


def _made(target: str, found: Any, args: dict[str, Any]) -> Any:
    # The registry uses importlib.util without importing it.
    import importlib.util  # noqa: F401

    from atroposlib.envs.reward_fns import RewardFunction, registry

    with noted() as notes:
        if found is None:
            try:
                made = registry.create({"type": target, **args})
            except (ImportError, KeyError, TypeError) as error:
                raise LoadRefused(f"could not make '{target}': {error}") from error
        else:
            made = found(**args) if isclass(found) else found
    if not isinstance(made, RewardFunction):
        raise LoadRefused(f"could not call '{target}': a {type(made).__name__} is no RewardFunction of Atropos")
    if trouble := next((each for each in notes if each.levelno >= logging.ERROR), None):
        raise LoadRefused(f"could not make '{target}': {trouble.getMessage()}")
    return made


def _gold(answer: Any) -> str:
    if isinstance(answer, str):
        return answer
    if isinstance(answer, (int, float)) and not isinstance(answer, bool):
        return str(answer)
    raise NoScore(failed(Kind.UNREADABLE, f"the gold answer is a {type(answer).__name__}, not a text or a number"))
