"""The `verl` adapter: reward functions as verl's reward managers call them, and verl's own scorers.

Target: `verl:reward.py:compute_score`, a function of `(data_source, solution_str, ground_truth, extra_info)`, or of the
batch manager's `(data_sources, solution_strs, ground_truths, extra_infos)`, where `args` are the `reward_kwargs`.
`verl:gsm8k`, a scorer of `verl.utils.reward_score` by its name, with `args` as its further parameters (`{method:
flexible}`), or `verl:default_compute_score`, which picks the scorer by the data source. The model-based rewards and the
managers' own shaping (DAPO's overlong penalty) are not called.

Versions: 0.9.1. Neither torch nor Ray is imported for the scorers, but for `prime_math`, which needs torch and
pylatexenc; `geo3k` needs mathruler. Code that imports `verl.utils.reward_score` itself may do so without torch too.

Unit: step, or episode, for a function of one; batch, episode or group for the batch manager's form; `elementwise: true`
lets several records share a call of it.

Inputs: `solution_str` is the last text that the policy wrote, as verl scores the last sequence; `ground_truth` the
answer as it is; `data_source` the column of this name, else the record's `task.data_source`, unless `args` sets it;
`extra_info` all columns with `num_turns` and `rollout_reward_scores` (what others gave, by the scorer's name).

No score: verl has no word for it. None is `unscored(abstained)`; of a dict, `score` is the reward and a dict without it
fails. An exception fails: the rate-limited and the prime manager make a 0 of it. Where a scorer itself makes a 0 of its
own trouble it fails too: `math_verify` out of time `failed(timeout)`, its errors `failed(exception)`, code whose tests
could not be run at all `failed(verifier_error)`. What stays a 0: an answer that `math_reward` cannot take apart.

Threads and loops: on the main thread, where verl has executor threads, so that signals work in the function;
asynchronous functions run together on one loop. `math_verify` starts 4 processes. `prime_code` runs the policy's code
in processes of its own: it wants the worker's sandbox.

Import cost: 0.1 s of CPU; `math_verify` 0.4 s in each of its processes, once.

Live from `/ws` with a view that gives the completion and, from task data, the answer, `data_source` and other columns.
And offline.
"""

from collections.abc import Awaitable
from inspect import Parameter, isawaitable, iscoroutinefunction, signature
from typing import Any

from rewardbridge import fields
from rewardbridge.adapters.verl.scorers import bypass, has_torch, scorer_of
from rewardbridge.batches import columns_of, results_of
from rewardbridge.calling.libraries import library_of
from rewardbridge.calling.rows import rows_of_group, scored_together
from rewardbridge.calling.settings import range_of, settings_of
from rewardbridge.loading import load_target
from rewardbridge.result import Result, result_of
from rewardbridge.seam import BATCH_MAX, Description, LoadRefused, Source, Stateless
from rewardbridge.texts import MESSAGE_MAX, clean

SETTINGS = ("args", "batch_max", "columns", "deterministic", "elementwise", "range", "unit")

SINGLE = ("data_source", "solution_str", "ground_truth", "extra_info")
BATCH = tuple(f"{name}s" for name in SINGLE)


class VerlAdapter(Stateless):
    """A `compute_score`."""

    def __init__(self, source: Source) -> None:
        self.library = library_of(source.adapter)
        self.is_own = ":" not in source.target
        if not self.is_own and not has_torch():
            bypass()
        self.function = scorer_of(source.target) if self.is_own else load_target(source)
        self.settings = settings_of(source, self.function, SETTINGS)
        self.args = dict(self.settings.args or {})
        names = self._names(source)
        self.is_batch = BATCH[1] in names
        # verl's own scorers of a text and a gold answer name these as they like.
        self.is_plain = self.is_own and not self.is_batch and SINGLE[0] not in names
        units = ("batch", "episode", "group") if self.is_batch else ("step", "episode")
        self.unit = self.settings.unit or units[0]
        if self.unit not in units or (self.settings.elementwise and (not self.is_batch or self.unit == "group")):
            takes = "lists" if self.is_batch else "one"
            raise LoadRefused(f"could not settle how to call '{source}': it takes {takes}")

    def _names(self, source: Source) -> set[str]:
        parameters = signature(self.function).parameters.values()
        names = {each.name for each in parameters}
        if any(each.kind is Parameter.VAR_KEYWORD for each in parameters):
            return names
        if unknown := next((name for name in self.args if name not in names), None):
            raise LoadRefused(f"could not give '{source}' the argument '{unknown}': it has no such parameter")
        wanted = BATCH if BATCH[1] in names else SINGLE
        if not self.is_own and not names.issuperset(wanted):
            raise LoadRefused(
                f"could not call '({', '.join(sorted(names))})' as verl does",
                hint=f"it is called with {', '.join(SINGLE)} or, for batches, {', '.join(BATCH)}",
            )
        return names

    def describe(self) -> Description:
        settings = self.settings
        columns = list(settings.columns or ())
        if not self.is_plain and not {"data_source", "data_sources"} & self.args.keys():
            columns.append("data_source")
        return Description(
            unit=self.unit,
            needs=["completion", "answer"],
            columns=list(dict.fromkeys(columns)),
            library=self.library,
            asynchronous=iscoroutinefunction(self.function),
            elementwise=bool(settings.elementwise),
            deterministic=settings.deterministic,
            range=range_of(settings),
            batch_max=settings.batch_max or BATCH_MAX,
        )

    def score(self, episode: str, record: fields.Json) -> Result | Awaitable[Result]:
        row = self._row(record)
        if self.is_batch:
            results = self._call([row])
            return self._first(results) if isawaitable(results) else results[0]
        if self.is_plain:
            return self._result(self.function(row["solution_str"], row["ground_truth"], **self.args))
        value = self.function(**row, **self.args)
        return self._later(value) if isawaitable(value) else self._result(value)

    def score_batch(self, records: list[fields.Json]) -> list[Result]:
        return scored_together(records, self._row, self._call)

    def score_group(self, records: list[fields.Json]) -> list[Result] | Awaitable[list[Result]]:
        return self._call(rows_of_group(records, self._row))

    def _row(self, record: fields.Json) -> fields.Json:
        for name in self.settings.columns or ():
            fields.column(record, name)
        row = {"solution_str": fields.completion(record), "ground_truth": fields.answer(record)}
        if self.is_plain:
            return row
        if not {"data_source", "data_sources"} & self.args.keys():
            row["data_source"] = _data_source(record)
        return row | {"extra_info": _extra_info(record)}

    def _call(self, rows: list[fields.Json]) -> list[Result] | Awaitable[list[Result]]:
        _, named = columns_of([([], row) for row in rows])
        value = self.function(**{f"{name}s": values for name, values in named.items()}, **self.args)
        return self._later_results(value, len(rows)) if isawaitable(value) else results_of(value, len(rows), "score")

    async def _later(self, value: Awaitable[Any]) -> Result:
        return self._result(await value)

    async def _first(self, results: Awaitable[list[Result]]) -> Result:
        return (await results)[0]

    async def _later_results(self, value: Awaitable[Any], count: int) -> list[Result]:
        return results_of(await value, count, "score")

    def _result(self, value: Any) -> Result:
        """Of a scorer's tuple the first is the score, as to verl."""
        if not self.is_own or not isinstance(value, tuple):
            return result_of(value, "score")
        result = result_of(value[0])
        result.labels = {"returned": clean(repr(value), MESSAGE_MAX)}
        return result


def _data_source(record: fields.Json) -> str:
    found = (record.get("info") or {}).get("data_source") or (record.get("task") or {}).get("data_source")
    if found is None:
        raise fields.Missing("info.data_source and no task.data_source")
    return found


def _extra_info(record: fields.Json) -> fields.Json:
    """With what verl's managers add; `num_turns` as its agent loop counts them."""
    turns = [message.get("role") == "assistant" for message in record.get("messages") or ()]
    changes = sum(1 for before, now in zip([False, *turns], turns) if before != now)
    scores = {
        (each.get("scorer") or {}).get("name", str(index)): each.get("reward")
        for index, each in enumerate(record.get("prior_scores") or ())
    }
    return {"num_turns": 1 + changes, "rollout_reward_scores": scores, **(record.get("info") or {})}
