"""The `python` adapter: functions, classes, instances and factories of one's own.

`python:rewards.py:score`, `python:pkg.module:Class`. A function is called with the parts of the record that its shape
gives, and `args` as further keyword arguments. A class is made with `args`, and its method `score`, or else the
instance, is called: one instance an episode, after `reset()` if it has one, unless `stateful: false` makes it one for
all. A factory (`factory: true`) is a function that is called with `args` and returns what is to be called.
"""

import asyncio
import platform
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from inspect import isawaitable
from typing import Any

from rewardbridge import fields
from rewardbridge.calling.binding import bind, shape_of
from rewardbridge.calling.settings import Settings, settings_of
from rewardbridge.calling.shapes import shape_named
from rewardbridge.calling.targets import method_of, target_of
from rewardbridge.batches import Row, columns_of, results_of
from rewardbridge.declare import DECLARABLE
from rewardbridge.failures import result_of_error
from rewardbridge.kinds import Kind
from rewardbridge.loading import load_target
from rewardbridge.result import Result, failed, result_of, unscored
from rewardbridge.seam import BATCH_MAX, Description, LoadRefused, Source

# `types` is for the openenv adapter alone.
SETTINGS = ("args", *(each for each in DECLARABLE if each != "types"))


@dataclass
class _Callee:
    """What one episode's calls go to; `ready` is an asynchronous reset, which every call waits for."""

    function: Callable[..., Any]
    ready: Awaitable[Any] | None = None


class PythonAdapter:
    """A component whose code follows no library's convention."""

    def __init__(self, source: Source) -> None:
        found = load_target(source)
        self.name = str(source)
        self.settings = settings_of(source, found, SETTINGS)
        self.target = target_of(source, found, self.settings)
        self.shape = shape_of(self.target.signature, self.settings.shape, self.target.args)
        self.unit = self.settings.unit or ("batch" if self.shape == "batch" else "step")
        _check(self.name, self.settings, self.shape, self.unit, self.target.stateful)
        self.binding = bind(
            self.target.signature,
            shape_named(self.shape, self.settings.completions, self.settings.needs),
            self.target.args,
            self.settings.columns or (),
        )
        self.shared = _Callee(partial(self.target.function, **self.target.args))
        self.episodes: dict[str, _Callee] = {}

    def describe(self) -> Description:
        settings = self.settings
        return Description(
            unit=self.unit,
            needs=self.binding.needs,
            library=("python", platform.python_version()),
            columns=self.binding.columns,
            stateful=self.target.stateful,
            asynchronous=self.target.asynchronous,
            elementwise=bool(settings.elementwise),
            prefix=bool(settings.prefix),
            deterministic=settings.deterministic,
            bounded=bool(settings.bounded),
            placement_free=bool(settings.placement_free),
            range=(float(settings.range[0]), float(settings.range[1])) if settings.range else None,
            batch_max=settings.batch_max or BATCH_MAX,
        )

    def open(self, episode: str) -> None:
        if not self.target.stateful or self.target.make is None:
            return
        instance = self.target.make()
        callee = _Callee(method_of(instance, self.name))
        if callable(reset := getattr(instance, "reset", None)) and isawaitable(waiting := reset()):
            callee.ready = asyncio.ensure_future(waiting)
        self.episodes[episode] = callee

    def close(self, episode: str) -> None:
        self.episodes.pop(episode, None)

    def score(self, episode: str, record: fields.Json) -> Result | Awaitable[Result]:
        callee = self.episodes.get(episode) if self.target.stateful else self.shared
        if callee is None:
            return failed(Kind.STATE_LOST, f"episode '{episode}' is not open")
        positional, named = self.binding.arguments(record)
        if self.shape == "batch":
            positional, named = columns_of([(positional, named)])
        if callee.ready is not None:
            return self._after_reset(callee, positional, named)
        value = callee.function(*positional, **named)
        if type(value) is not float and isawaitable(value):
            return self._later(value)
        return self._result(value)

    def score_batch(self, records: list[fields.Json]) -> list[Result]:
        """One call for all records that hold what is needed."""
        rows = []
        unmet: dict[int, Result] = {}
        for position, record in enumerate(records):
            try:
                rows.append(self.binding.arguments(record))
            except fields.Missing as missing:
                unmet[position] = result_of_error(missing)
        scores = iter(self._results(rows))
        return [unmet[each] if each in unmet else next(scores) for each in range(len(records))]

    def score_group(self, records: list[fields.Json]) -> list[Result] | Awaitable[list[Result]]:
        """One call for all; a group without one of its members would be another group."""
        rows = []
        for position, record in enumerate(records, 1):
            try:
                rows.append(self.binding.arguments(record))
            except fields.Missing as missing:
                return [unscored(Kind.NEEDS, f"member {position} of the group holds no {missing}")] * len(records)
        positional, named = columns_of(rows)
        value = self.shared.function(*positional, **named)
        if isawaitable(value):
            return self._later_results(value, len(rows))
        return results_of(value, len(rows), self.settings.reward_key)

    async def _later_results(self, value: Awaitable[Any], count: int) -> list[Result]:
        return results_of(await value, count, self.settings.reward_key)

    def _results(self, rows: list[Row]) -> list[Result]:
        if not rows:
            return []
        positional, named = columns_of(rows)
        value = self.shared.function(*positional, **named)
        return results_of(value, len(rows), self.settings.reward_key)

    async def _after_reset(self, callee: _Callee, positional: list[Any], named: dict[str, Any]) -> Result:
        await callee.ready
        value = callee.function(*positional, **named)
        return self._result(await value if isawaitable(value) else value)

    async def _later(self, value: Awaitable[Any]) -> Result:
        return self._result(await value)

    def _result(self, value: Any) -> Result:
        if self.shape != "batch":
            return result_of(value, self.settings.reward_key)
        return results_of(value, 1, self.settings.reward_key)[0]


def _check(name: str, settings: Settings, shape: str, unit: str, stateful: bool) -> None:
    """Settings that are fine one by one and do not fit each other."""
    wrong = {
        "shape: batch has the units batch, episode and group": shape == "batch" and unit == "step",
        f"unit: {unit} has no other shape than batch": shape != "batch" and unit in ("batch", "group"),
        "elementwise calls score no groups": bool(settings.elementwise) and unit == "group",
        "shape: step scores one step, so it has no unit: episode (shape: record gets all steps)": (shape, unit)
        == ("step", "episode"),
        "elementwise is for shape: batch": bool(settings.elementwise) and shape != "batch",
        "elementwise calls share no state, so it cannot be stateful": bool(settings.elementwise) and stateful,
        "completions is for shape: batch": settings.completions is not None and shape != "batch",
        "needs is for shape: record": settings.needs is not None and shape != "record",
    }
    for reason, is_wrong in wrong.items():
        if is_wrong:
            raise LoadRefused(f"could not settle how to call '{name}': {reason}")
