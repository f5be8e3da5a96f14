"""The `trl` adapter: reward functions as TRL's GRPOTrainer and RLOOTrainer call them.

Target: `trl:trl.rewards:accuracy_reward` or `trl:rewards.py:my_reward`. A class, or with `factory: true` a function
such as `trl.rewards:get_cosine_scaled_reward`, is called once with `args` and gives the reward function; to a function
itself `args` are further keyword arguments. Models as rewards are not called.

Versions: 1.16.0; the builtins need neither torch nor transformers.

Unit: batch, or whole episodes with `unit: episode`, with one record in each call unless `elementwise: true` lets
several share it. `unit: group` is for functions that compare the completions of one prompt; as in TRL nothing tells
them where a group ends, but here a call has just one.

Inputs: all by name, as lists. `completions` and `prompts` are messages, everything after the prompt and the prompt, or
with `completions: text` the last text that the policy wrote and the prompt's text. `answer`, `solution` and
`ground_truth` are the gold answer, unless `columns` or the record's own columns have the name; other names are columns.
A function with `**kwargs` gets all columns, as from TRL. `completion_ids` are those of the record's tokens, which no
environment sends; `trainer_state` is the record's trainer, or None. `environments` are never to be had.

No score: None is `unscored(abstained)`: accuracy_reward says it of a gold answer that it cannot parse. NaN, which TRL
treats like None, fails. A timeout of math_verify, which the builtins count as wrong, is `failed(timeout)`.

What a function logs: `log_extra` gives each record a label, or a component of weight 0 where the value is no text;
`log_metric` a metric, which is the mean over the call. The builtins judge the first message of a completion only: the
label `judged` holds it.

Threads and loops: on the main thread; asynchronous functions run together on one loop, where TRL has one on a thread of
its own. Off the main thread the builtins switch math_verify's timeouts off; the label `math_verify_timeouts` says so.

Import cost: 0.5 s of CPU and 47 MB for the builtins.

Live from `/ws` with a view that gives `messages` (or the completion), the prompt where it is named and, from task data,
the answer and columns; functions of `completion_ids` offline only.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from inspect import isawaitable, isclass, iscoroutinefunction
from typing import Any

from rewardbridge import fields
from rewardbridge.adapters.trl.arguments import arguments_of
from rewardbridge.adapters.trl.call_log import CallLog
from rewardbridge.batches import columns_of, results_of
from rewardbridge.calling.libraries import library_of
from rewardbridge.calling.maths import timeouts_fail, watch_timeouts
from rewardbridge.calling.rows import rows_of_group, scored_together
from rewardbridge.calling.settings import Settings, range_of, settings_of
from rewardbridge.loading import load_target
from rewardbridge.result import Result
from rewardbridge.seam import BATCH_MAX, Description, LoadRefused, Source, Stateless

SETTINGS = ("args", "batch_max", "columns", "completions", "deterministic", "elementwise", "factory", "range", "unit")


class TRLAdapter(Stateless):
    """A reward function."""

    def __init__(self, source: Source) -> None:
        self.library = library_of(source.adapter)
        found = load_target(source)
        self.settings = settings_of(source, found, SETTINGS)
        self.unit = self.settings.unit or "batch"
        if self.unit not in ("batch", "episode", "group"):
            raise LoadRefused(f"could not score with unit: {self.unit}: reward functions of TRL take lists")
        if self.unit == "group" and self.settings.elementwise:
            raise LoadRefused("could not settle how to call the function: elementwise calls score no groups")
        self.function = _function(found, self.settings)
        self.is_builtin = _owner(self.function).startswith("trl.rewards")
        if self.is_builtin and self.settings.completions == "text":
            raise LoadRefused("could not give completions as text: the builtin rewards take messages")
        self.arguments = arguments_of(self.function, self.settings)
        watch_timeouts()

    def describe(self) -> Description:
        settings = self.settings
        return Description(
            unit=self.unit,
            needs=self.arguments.needs,
            columns=self.arguments.columns,
            library=self.library,
            asynchronous=_is_asynchronous(self.function),
            elementwise=bool(settings.elementwise),
            deterministic=True if self.is_builtin and settings.deterministic is None else settings.deterministic,
            range=range_of(settings),
            batch_max=settings.batch_max or BATCH_MAX,
        )

    def score(self, episode: str, record: fields.Json) -> Result | Awaitable[Result]:
        results = self._call([self.arguments.row(record)])
        return self._first(results) if isawaitable(results) else results[0]

    def score_batch(self, records: list[fields.Json]) -> list[Result]:
        return scored_together(records, self.arguments.row, self._call)

    def score_group(self, records: list[fields.Json]) -> list[Result] | Awaitable[list[Result]]:
        return self._call(rows_of_group(records, self.arguments.row))

    async def _first(self, results: Awaitable[list[Result]]) -> Result:
        return (await results)[0]

    def _call(self, rows: list[fields.Json]) -> list[Result] | Awaitable[list[Result]]:
        log = CallLog()
        _, named = columns_of([([], row) for row in rows])
        if "trainer_state" in named:
            named["trainer_state"] = named["trainer_state"][0]
        for name, method in (("log_extra", log.extra), ("log_metric", log.metric)):
            if name in self.arguments.of_call:
                named[name] = method
        with timeouts_fail():
            value = self.function(**named)
        if isawaitable(value):
            return self._later(value, rows, log)
        return self._results(value, rows, log)

    async def _later(self, value: Awaitable[Any], rows: list[fields.Json], log: CallLog) -> list[Result]:
        with timeouts_fail():
            value = await value
        return self._results(value, rows, log)

    def _results(self, value: Any, rows: list[fields.Json], log: CallLog) -> list[Result]:
        if self.is_builtin and "messages" in self.arguments.needs:
            log.judge([row["completions"] for row in rows])
        results = results_of(value, len(rows))
        for position, result in enumerate(results):
            log.tell(result, position, len(rows))
        return results


def _function(found: Any, settings: Settings) -> Callable[..., Any]:
    args = dict(settings.args or {})
    if isclass(found) or settings.factory:
        return found(**args)
    if not callable(found):
        raise LoadRefused(f"could not call the target: it is a {type(found).__name__}")
    return partial(found, **args) if args else found


def _bare(function: Any) -> Any:
    return function.func if isinstance(function, partial) else function


def _owner(function: Any) -> str:
    """The module of a function, or of the class of a callable object."""
    return getattr(_bare(function), "__module__", None) or ""


def _is_asynchronous(function: Any) -> bool:
    """As TRL tells."""
    bare = _bare(function)
    return iscoroutinefunction(bare) or iscoroutinefunction(getattr(bare, "__call__", None))
