"""The `verifiers_v1` adapter: tasks of verifiers from 0.4 on, with their `@vf.reward` and `@vf.metric` methods.

Target: a subclass of `vf.Task`, `verifiers_v1:my_env.py:MathTask`. `args` are its config: plugged `rewards`, `metrics`
and `judges` by import path or id, and what the class's own config type adds.

Versions: 0.4.0. Called as `vf-replay` does, `await task.score(trace)`, on a new task and a new trace for each record.

Unit: episode, `step` on request. What compares agents (`Env.finalize`) is not part of a task.

Inputs: prompt, messages and, if the task's data has the field, the answer. The data is made of the record's columns:
the fields that the data type requires must be there, `columns` names more of them. A system message before the prompt
is `system_prompt`. The trace is the conversation as one branch, without tokens and model calls; messages are sampled as
the record says, else those of the assistant after the prompt.

No score: any failure is a `TaskError` there and leaves all rewards unscored; here it is `failed(exception)`,
`failed(timeout)`, or `failed(judge_failed)` and `failed(judge_unparseable)` for a judge; what was raised is in the
traceback. NaN is `failed(not_finite)`. A task whose trace has no reward at all (keyed rewards without a key) is
`unscored(abstained)`, where the library would say 0. The library skips what requires a live `runtime`; a reward among
these is refused when the task is loaded, as the total would lack it.

Components: `trace.rewards` with their weights; `trace.metrics` are the metrics, criteria of judges among them.

Threads and loops: asynchronous, on one loop; all rewards of a task run at once. Judges need `network: true` and are
neither deterministic nor fixed.

Import cost: about 4 s of CPU and 170 MB for each worker.

Live from `/ws` with a view for prompt, messages and answer; and offline.
"""

from inspect import Parameter, isclass, signature
from typing import Any

from rewardbridge import fields
from rewardbridge.calling.libraries import library_of
from rewardbridge.calling.settings import settings_of
from rewardbridge.components import component_of
from rewardbridge.failures import TIMEOUTS, message_of, traceback_of
from rewardbridge.kinds import Kind
from rewardbridge.loading import load_target
from rewardbridge.result import Result, failed, result_of_number, unscored
from rewardbridge.seam import Description, LoadRefused, Source, Stateless

SETTINGS = ("args", "columns", "deterministic", "range", "unit")
HINT = "name a subclass of verifiers.v1.Task; rubrics of verifiers before 0.4 have the adapter 'verifiers'"

# Fields of the data that do not come from columns.
_OWN = ("prompt", "system_prompt", "answer", "idx")


class VerifiersV1Adapter(Stateless):
    """A task of verifiers."""

    def __init__(self, source: Source) -> None:
        self.library = library_of("verifiers_v1")
        import verifiers

        if hasattr(verifiers, "Rubric"):
            raise LoadRefused(f"verifiers {self.library[1]} has rubrics", "the adapter 'verifiers' takes them")
        from verifiers.v1 import Task

        found = load_target(source)
        if not isclass(found) or not issubclass(found, Task):
            raise LoadRefused("not a task", HINT)
        self.task = found
        self.settings = settings_of(source, found, SETTINGS)
        self.unit = self.settings.unit or "episode"
        if self.unit not in ("step", "episode"):
            raise LoadRefused(f"could not score with unit: {self.unit}: a task scores one trace")
        self.config = found.config_type()(**(self.settings.args or {}))
        known = found.data_type().model_fields
        self.required = [name for name, each in known.items() if each.is_required() and name not in _OWN]
        self.takes_answer = "answer" in known
        self.rewards = _rewards(found, self.config)

    def describe(self) -> Description:
        settings = self.settings
        asks_models = bool(self.config.judges)
        return Description(
            unit=self.unit,
            needs=["prompt", "messages"] + (["answer"] if self.takes_answer else []),
            columns=list(dict.fromkeys([*self.required, *(settings.columns or ())])),
            library=self.library,
            asynchronous=True,
            deterministic=False if asks_models and settings.deterministic is None else settings.deterministic,
            mutable=asks_models,
            range=(float(settings.range[0]), float(settings.range[1])) if settings.range else None,
            components=self.rewards,
        )

    async def score(self, episode: str, record: fields.Json) -> Result:
        task = self.task(self._data(record), config=self.config)
        trace = _trace(task, record)
        try:
            await task.score(trace)
        except Exception as error:
            result = failed(_kind_of(error.__cause__), message_of(error), traceback_of(error))
        else:
            nothing = unscored(Kind.ABSTAINED, "no reward was recorded")
            result = result_of_number(trace.reward) if trace.rewards else nothing
        result.components = [_component(*each) for each in trace.rewards.items()] or None
        metrics = [component_of(name, value) for name, value in trace.metrics.items() if value is not None]
        result.metrics = {each["path"]: each["value"] for each in metrics if each["value"] is not None} or None
        return result

    def _data(self, record: fields.Json) -> Any:
        for name in [*self.required, *(self.settings.columns or ())]:
            fields.column(record, name)
        given = dict(record.get("info") or {})
        if self.takes_answer:
            given["answer"] = fields.answer(record)
        prompt = _messages(fields.prompt(record))
        if prompt and prompt[0]["role"] == "system":
            given["system_prompt"] = prompt.pop(0)["content"]
        is_question = len(prompt) == 1 and prompt[0]["role"] == "user" and isinstance(prompt[0]["content"], str)
        given["prompt"] = prompt[0]["content"] if is_question else prompt
        task = record.get("task") or {}
        given.setdefault("idx", task.get("index"))
        return self.task.data_type().model_validate(given)


def _rewards(task: Any, config: Any) -> list[str]:
    """Names of the rewards, found without a task's data.

    :raises LoadRefused: when there is none, or one that the library would skip here.
    """
    blank = object.__new__(task)
    blank.config = config
    hooks = blank.hooks("reward")
    judges = [(each.reward_name, each.score) for each in blank.plugged_judges()]
    named = [(each.__name__, each) for each in hooks] + judges
    for name, function in named:
        runtime = signature(function).parameters.get("runtime")
        if runtime is not None and runtime.default is Parameter.empty:
            raise LoadRefused(f"could not score '{name}': it requires a live runtime", hint="give runtime a default")
    if not named:
        raise LoadRefused(f"could not score: {task.__name__} has no @vf.reward", HINT)
    return [name for name, _ in named]


def _trace(task: Any, record: fields.Json) -> Any:
    from verifiers.v1 import AgentConfig, MessageNode, Trace, TraceTask
    from verifiers.v1.state import state_cls
    from verifiers.v1.trace import AgentInfo

    prompt, said = record["prompt"], fields.messages(record)
    marked = any("sampled" in each for each in record["messages"])
    sampled = [each.get("sampled", not marked and each.get("role") == "assistant") for each in record["messages"]]
    conversation = zip(_messages(fields.prompt(record)) + _messages(said), [False] * len(prompt) + sampled)
    nodes = [
        MessageNode(parent=place - 1 if place else None, message=message, sampled=bool(is_sampled))
        for place, (message, is_sampled) in enumerate(conversation)
    ]
    finish = record.get("finish") or {}
    return Trace(
        task=TraceTask(type=type(task).__name__, data=task.data, key=task.key, hash=task.hash),
        agent=AgentInfo(config=AgentConfig()),
        state=state_cls(type(task))(),
        nodes=nodes,
        is_completed=finish.get("completed", True),
        ok=True,
        stop_condition=finish.get("stop_condition"),
    )


def _messages(messages: list[fields.Json]) -> list[fields.Json]:
    """In the library's own form: tool calls are flat there too, and have an id."""
    found = []
    for each in messages:
        message = {"role": each["role"], "content": each.get("content") or ""}
        if each["role"] == "assistant":
            message["content"] = fields.text_of(each)
            message["reasoning_content"] = each.get("reasoning")
            calls = each.get("tool_calls") or []
            message["tool_calls"] = [{"id": f"call_{place}", **call} for place, call in enumerate(calls)] or None
        elif each["role"] == "tool":
            message |= {"tool_call_id": each.get("tool_call_id") or "", "name": each.get("name")}
        found.append(message)
    return found


def _kind_of(cause: BaseException | None) -> Kind:
    """Of what the library makes a TaskError of. Only judges ask models while a task scores."""
    if isinstance(cause, TIMEOUTS):
        return Kind.TIMEOUT
    if any(each.__name__ == "OpenAIError" for each in type(cause).__mro__):
        return Kind.JUDGE_FAILED
    return Kind.JUDGE_UNPARSEABLE if str(cause).startswith("judge returned no ") else Kind.EXCEPTION


def _component(name: str, reward: Any) -> dict[str, Any]:
    if reward is None:
        return {"path": name, "kind": "reward", "value": None}
    return component_of(name, reward.score, "reward", reward.weight)
