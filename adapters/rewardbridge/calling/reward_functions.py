"""Functions under `@reward_function`, as Eval Protocol and its predecessor Reward Kit call them, and their reports."""

from collections.abc import Mapping
from inspect import Parameter, signature
from typing import Any

from rewardbridge import fields
from rewardbridge.batches import columns_of
from rewardbridge.calling.chat import chat
from rewardbridge.calling.settings import Settings
from rewardbridge.components import component_of
from rewardbridge.kinds import Kind
from rewardbridge.result import Result, failed, result_of_number, unscored
from rewardbridge.seam import LoadRefused
from rewardbridge.texts import MESSAGE_MAX, clean

HINT = "name a function under @reward_function"

# What a function gets of the record itself; every other parameter is a column.
_CONVERSATION = ("messages", "rollouts_messages")
_GOLD = "ground_truth"


class RewardFunction:
    """What a decorated function takes of a record, and how it is called."""

    def __init__(self, found: Any, settings: Settings) -> None:
        """
        :raises LoadRefused: when it is not decorated, or the settings do not fit it.
        """
        self.is_batch = getattr(found, "_reward_function_mode", None) == "batch"
        if not callable(found) or not hasattr(found, "_reward_function_mode"):
            raise LoadRefused("not under @reward_function", HINT)
        self.function = found
        self.args = dict(settings.args or {})
        parameters = signature(found).parameters
        given = {*_CONVERSATION, _GOLD, *self.args}
        named = [each for each in parameters.values() if each.kind is not Parameter.VAR_KEYWORD]
        required = [each.name for each in named if each.default is Parameter.empty]
        self.columns = [each for each in required if each not in given]
        self.columns += [each for each in settings.columns or () if each not in self.columns]
        default = ["prompt", "messages"] + (["answer"] if _GOLD in parameters and _GOLD not in self.args else [])
        self.needs = list(settings.needs or default)

    def call(self, record: fields.Json) -> Any:
        """A report, or a coroutine of it."""
        return self.function(**self._arguments(record))

    def call_all(self, records: list[fields.Json]) -> Any:
        """For a function of the mode `batch`: each argument is a list, the conversations are `rollouts_messages`."""
        rows = [([], self._arguments(each)) for each in records]
        named = columns_of(rows)[1]
        fixed = {name: value[0] for name, value in named.items() if name in self.args}
        return self.function(rollouts_messages=named.pop("messages"), **named | fixed)

    def _arguments(self, record: fields.Json) -> dict[str, Any]:
        conversation = {"messages": chat([*fields.prompt(record), *fields.messages(record)])}
        gold = {_GOLD: fields.answer(record)} if "answer" in self.needs else {}
        for name in self.columns:
            fields.column(record, name)
        taken = (*_CONVERSATION, *gold, *self.args)
        columns = {name: value for name, value in (record.get("info") or {}).items() if name not in taken}
        return conversation | gold | columns | self.args


def result_of_report(report: Any) -> Result:
    """An `EvaluateResult`; None is no score."""
    if report is None:
        return unscored(Kind.ABSTAINED, "the evaluator left no result")
    if report.error:
        result = failed(Kind.VERIFIER_ERROR, report.error)
    elif not report.is_score_valid:
        result = unscored(Kind.MASKED, report.reason)
    else:
        result = result_of_number(report.score)
    result.components = [_metric(name, each) for name, each in report.metrics.items()] or None
    result.labels = {"reason": clean(report.reason, MESSAGE_MAX)} if report.reason else None
    if report.step_outputs and result.status == "scored":
        rewards = [result_of_number(each.base_reward).reward for each in report.step_outputs]
        result.step_scores = [{"step": step, "reward": reward} for step, reward in enumerate(rewards, 1)]
    return result


def _metric(name: str, metric: Any) -> Mapping[str, Any]:
    component = component_of(name, metric.score, reason=metric.reason)
    if not metric.is_score_valid:
        component |= {"value": None, "failure": {"kind": Kind.MASKED.value}}
    return component
