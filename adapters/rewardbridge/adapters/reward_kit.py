"""The `reward_kit` adapter: functions under `@reward_function` of Reward Kit, the predecessor of Eval Protocol.

Target: `reward_kit:rewards.py:score` or `reward_kit:reward_kit.rewards.length:length_reward`. `args` are further
keyword arguments of every call.

Versions: 0.4.1, which can only be imported beside an mcp of 1.27 or later and below 2: the environment that the bridge
makes has one.

Unit: episode, `step` on request. A function of the mode `batch` has the unit group: its arguments are lists, and the
conversations come as `rollouts_messages`.

Inputs: prompt and messages in chat form as `messages`, the answer if the function names `ground_truth`, and all columns
by name. Columns without a default must be there; `columns` names more, and `needs` leaves out what a function does
without.

No score: `is_score_valid: false` is `unscored(masked)` with the reason, also of a single metric; an `error` in the
report is `failed(verifier_error)`. A return value that is no report, NaN and an exception fail. A list with more or
fewer reports than members is `failed(wrong_count)`.

Components: the metrics, which have no weight there, with their reasons. `step_outputs` are the steps' scores in the
order in which they are listed, from 1: their own index is the author's to choose.

Threads and loops: synchronous, on the main thread. Resources of the decorator are set up when the module is loaded.

Import cost: about 0.8 s of CPU and 55 MB for each worker.

Live from `/ws` with a view for prompt, messages and answer; and offline.
"""

from collections.abc import Awaitable
from inspect import isawaitable, iscoroutinefunction
from typing import Any

from rewardbridge import fields
from rewardbridge.batches import WrongCount
from rewardbridge.calling.libraries import library_of
from rewardbridge.calling.reward_functions import RewardFunction, result_of_report
from rewardbridge.calling.settings import settings_of
from rewardbridge.kinds import Kind
from rewardbridge.loading import load_target
from rewardbridge.result import Result, unscored
from rewardbridge.seam import Description, LoadRefused, Source, Stateless

SETTINGS = ("args", "columns", "deterministic", "needs", "range", "unit")


class RewardKitAdapter(Stateless):
    """A function that reports."""

    def __init__(self, source: Source, name: str = "reward_kit") -> None:
        """:param name: of the adapter whose library it is."""
        self.library = library_of(name)
        found = load_target(source)
        self.settings = settings_of(source, found, SETTINGS)
        self.callee = self.callee_of(found)
        self.unit = self.settings.unit or ("group" if self.callee.is_batch else "episode")
        if self.callee.is_batch != (self.unit == "group") or self.unit == "batch":
            takes = "all rollouts of a group" if self.callee.is_batch else "one rollout"
            raise LoadRefused(f"could not score with unit: {self.unit}: the function takes {takes}")

    def callee_of(self, found: Any) -> RewardFunction:
        return RewardFunction(found, self.settings)

    def describe(self) -> Description:
        settings = self.settings
        return Description(
            unit=self.unit,
            needs=self.callee.needs,
            columns=self.callee.columns,
            library=self.library,
            asynchronous=iscoroutinefunction(self.callee.function),
            deterministic=settings.deterministic,
            range=(float(settings.range[0]), float(settings.range[1])) if settings.range else None,
        )

    def score(self, episode: str, record: fields.Json) -> Result | Awaitable[Result]:
        report = self.callee.call(record)
        return self._later(report) if isawaitable(report) else result_of_report(report)

    def score_group(self, records: list[fields.Json]) -> list[Result] | Awaitable[list[Result]]:
        try:
            reports = self.callee.call_all(records)
        except fields.Missing as missing:
            return [unscored(Kind.NEEDS, f"a member of the group holds no {missing}")] * len(records)
        return self._all_later(reports, len(records)) if isawaitable(reports) else _results(reports, len(records))

    async def _later(self, report: Awaitable[Any]) -> Result:
        return result_of_report(await report)

    async def _all_later(self, reports: Awaitable[Any], count: int) -> list[Result]:
        return _results(await reports, count)


def _results(reports: list[Any], count: int) -> list[Result]:
    """
    :raises WrongCount: unless there is one report a member.
    """
    if len(reports) != count:
        raise WrongCount(f"the function gave {len(reports)} reports for {count} members")
    return [result_of_report(each) for each in reports]
