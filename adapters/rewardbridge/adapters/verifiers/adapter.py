"""The `verifiers` adapter: rubrics of verifiers before 0.4, `Rubric` and all its kinds, groups of them and judges.

Target: `verifiers:my_env.py:rubric`, an instance, or a class or a function that is called with `args` and gives one;
`verifiers:my_env:load_environment` gives an environment, whose rubric it is.

Versions: 0.2.1, and 0.3.1 with its aliases of `verifiers.legacy`. 0.4 has no rubrics: its tasks are the adapter
`verifiers_v1`. Called as an environment calls it, `await rubric.score_rollout(state)`, on a new state for each record.

Unit: episode, `step` on request. A rubric with a group function has the unit group and is called with
`score_group(states)`; `unit: group` does the same with any other.

Inputs: prompt, messages as `completion`, the answer if a function names it, and all columns, both by name and as
`info`. Columns that a function cannot do without must be there. `trajectory` has one step for each message of the
assistant, without tokens.

No score: the library has none: it catches what a function raises, logs it and counts 0.0. Here such a function fails
the record, with the kind of its error (`not_a_number` for what is no number, None too; `judge_failed` for JudgeRubric's
own), unless its weight is 0: then only its component has no value. So do MathRubric's own timeouts and a lost child
process. NaN and infinities are `failed(not_finite)`, also with the weight 0, which makes NaN of the library's total. A
group function with more or fewer scores than states is `failed(wrong_count)`. Refused when it is loaded, as the library
could only fail: a rubric without functions, and a function without a name, such as `functools.partial`.

Components: each function with its weight (0: a metric). The library names its metrics by function and adds up those of
the same name in a RubricGroup; such a sum is in the result's metrics, and so is a group's `advantage` if all its
members have a score.

Threads and loops: asynchronous, on one loop. MathRubric starts a child process and keeps it until the worker ends;
JudgeRubric needs `network: true` and is not deterministic.

Import cost: about 2 s of CPU and 110 MB for each worker.

Live from `/ws` with a view for prompt, messages and answer; and offline.
"""

from inspect import Parameter, isclass, signature
from typing import Any

from rewardbridge import fields
from rewardbridge.adapters.verifiers.states import state_of
from rewardbridge.adapters.verifiers.watch import FINDINGS, Finding, rubrics_of, watch
from rewardbridge.calling.libraries import library_of
from rewardbridge.calling.objects import called
from rewardbridge.calling.settings import settings_of
from rewardbridge.components import component_of
from rewardbridge.kinds import Kind
from rewardbridge.loading import load_target
from rewardbridge.result import Result, failed, result_of_number, unscored
from rewardbridge.seam import Description, LoadRefused, Source, Stateless

SETTINGS = ("args", "columns", "deterministic", "range", "unit")
HINT = "name a Rubric, a class of one, or a function that makes one or an environment"

# What the library itself gives to functions; the second for those that score groups.
_GIVEN = {"prompt", "completion", "answer", "state", "info", "task"}
_GIVEN_TO_GROUPS = {"prompts", "completions", "answers", "states", "infos", "tasks"}


class VerifiersAdapter(Stateless):
    """A rubric of verifiers."""

    def __init__(self, source: Source) -> None:
        self.library = library_of("verifiers")
        import verifiers

        if not hasattr(verifiers, "Rubric"):
            raise LoadRefused(
                f"verifiers {self.library[1]} has no rubrics", "the adapter 'verifiers_v1' takes its tasks"
            )
        found = load_target(source)
        self.settings = settings_of(source, found, SETTINGS)
        self.rubric = _rubric(found, self.settings.args)
        leaves = rubrics_of(self.rubric)
        has_groups = any(each._get_group_reward_funcs() for each in leaves)
        self.unit = self.settings.unit or ("group" if has_groups else "episode")
        _check(leaves, self.unit, has_groups)
        self.description = self._describe(leaves)
        watch(self.rubric)

    def describe(self) -> Description:
        return self.description

    async def score(self, episode: str, record: fields.Json) -> Result:
        state = self._state(record)
        findings = {}
        FINDINGS.set(findings)
        await self.rubric.score_rollout(state)
        return _result(state, findings.get(id(state), []))

    async def score_group(self, records: list[fields.Json]) -> list[Result]:
        states = []
        for position, record in enumerate(records, 1):
            try:
                states.append(self._state(record))
            except fields.Missing as missing:
                return [unscored(Kind.NEEDS, f"member {position} of the group holds no {missing}")] * len(records)
        findings = {}
        FINDINGS.set(findings)
        await self.rubric.score_group(states)
        results = [_result(each, findings.get(id(each), [])) for each in states]
        if all(each.status == "scored" for each in results):
            for state, result in zip(states, results):
                result.metrics = (result.metrics or {}) | {"advantage": state["advantage"]}
        return results

    def _state(self, record: fields.Json) -> Any:
        if "answer" in self.description.needs:
            fields.answer(record)
        for name in self.description.columns:
            fields.column(record, name)
        return state_of(record)

    def _describe(self, leaves: list[Any]) -> Description:
        settings = self.settings
        columns = list(settings.columns or ())
        takes_answer = False
        for leaf in leaves:
            for function in leaf.funcs:
                parameters = signature(function).parameters.values()
                takes_answer |= any(each.name in ("answer", "answers") for each in parameters)
                if not leaf._is_group_func(function):
                    columns += [each.name for each in parameters if _is_column(each, leaf.class_objects)]
        asks_models = any("judge" in leaf.class_objects for leaf in leaves)
        return Description(
            unit=self.unit,
            needs=["prompt", "messages"] + (["answer"] if takes_answer else []),
            columns=list(dict.fromkeys(columns)),
            library=self.library,
            asynchronous=True,
            deterministic=False if asks_models and settings.deterministic is None else settings.deterministic,
            mutable=asks_models,
            range=(float(settings.range[0]), float(settings.range[1])) if settings.range else None,
            components=list(dict.fromkeys(each.__name__ for leaf in leaves for each in leaf.funcs)),
        )


def _rubric(found: Any, args: Any) -> Any:
    from verifiers import Rubric

    made = found if isinstance(found, Rubric) and not isclass(found) else None
    if made is not None and args:
        raise LoadRefused("could not give args: the target is an instance", HINT)
    made = made or called(found, args, HINT)
    rubric = made if isinstance(made, Rubric) else getattr(made, "rubric", None)
    if not isinstance(rubric, Rubric):
        raise LoadRefused(f"could not make a rubric: the target gives a {type(made).__name__}", HINT)
    return rubric


def _check(leaves: list[Any], unit: str, has_groups: bool) -> None:
    """What the library would answer with an assertion, or an AttributeError, at each call."""
    from verifiers import Rubric

    if unit not in ("step", "episode", "group"):
        raise LoadRefused(f"could not score with unit: {unit}: a rubric takes one rollout, or a group of them")
    if has_groups and unit != "group":
        raise LoadRefused(f"could not score with unit: {unit}: a function of the rubric scores groups")
    for leaf in leaves:
        if not leaf.funcs and unit != "group" and type(leaf).score_rollout is Rubric.score_rollout:
            raise LoadRefused(f"could not score: a {type(leaf).__name__} has no reward function")
        for function in leaf.funcs:
            if not hasattr(function, "__name__"):
                what = type(function).__name__
                raise LoadRefused(f"could not name a reward function: a {what} has no __name__", hint="write a def")


def _is_column(parameter: Parameter, objects: dict[str, Any]) -> bool:
    if parameter.kind in (Parameter.VAR_KEYWORD, Parameter.VAR_POSITIONAL):
        return False
    return parameter.default is Parameter.empty and parameter.name not in _GIVEN | _GIVEN_TO_GROUPS | objects.keys()


def _result(state: Any, findings: list[Finding]) -> Result:
    result = result_of_number(state["reward"])
    if culprit := next((each for each in findings if each.failure and each.weight), None):
        failure = culprit.failure
        result = failed(failure.kind, f"{culprit.name}: {failure.message}", failure.traceback)
    elif result.kind is Kind.NOT_FINITE:
        names = [each.name for each in findings if component_of("", each.value)["value"] is None]
        result = failed(Kind.NOT_FINITE, f"the rubric's total is {state['reward']}: {', '.join(names)}")
    result.components = _components(findings) or None
    told = {each["path"]: each["value"] for each in result.components or ()}
    metrics = {name: value for name, value in (state["metrics"] or {}).items() if told.get(name) != value}
    result.metrics = _finite(metrics, {each.name for each in findings if each.failure}) or None
    return result


def _components(findings: list[Finding]) -> list[dict[str, Any]]:
    components: list[dict[str, Any]] = []
    taken: dict[str, int] = {}
    for each in findings:
        taken[each.name] = taken.get(each.name, 0) + 1
        path = each.name if taken[each.name] == 1 else f"{each.name}_{taken[each.name]}"
        kind = "reward" if each.weight else "metric"
        component = component_of(path, each.value, kind, float(each.weight))
        if each.failure:
            component.pop("raw", None)
            component |= {"value": None, "failure": {"kind": each.failure.kind.value, "message": each.failure.message}}
        components.append(component)
    return components


def _finite(metrics: dict[str, Any], hidden: set[str]) -> dict[str, float]:
    """Without zeros that stand for errors."""
    parts = [component_of(name, value) for name, value in metrics.items() if name not in hidden]
    return {each["path"]: each["value"] for each in parts if each["value"] is not None}
