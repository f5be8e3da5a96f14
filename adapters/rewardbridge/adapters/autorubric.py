"""The `autorubric` adapter: criteria that language models find met or not, by the library AutoRubric.

Target: a file of criteria (`autorubric:quality.yaml`, or `.json`), `autorubric:args` with the criteria in `args`, or
code (`autorubric:quality.py:rubric`): a `Rubric`, a pair of one and a `Grader`, or a function that gives one of these;
ensembles of judges, few-shot examples, penalties for length and caches come with a grader from code. `args`:

- `criteria`: a list as the library takes it, with the target `args` only.
- `model`: as LiteLLM spells it (`openai/NAME`); `base_url` or `base_url_from`, the name of a variable, for an endpoint
  of one's own, up to and with `/v1`; `api_key_from`: the variable that holds the key. The rubric file's `env:` lets the
  worker read variables. Not for code that brings its own grader.
- `normalize`: false gives the weighted sum as it is. `llm_calls`: `per_criterion` (default) or `per_item`. `seed`
  (also of the order in which options are shown) and `temperature`: for the model.
- `query`: false leaves the prompt out. `reference`: true gives the gold answer as the reference submission.
- `partial`: true takes the library's score of the criteria that were judged where judging others failed.
- `timeout`: seconds for each request, 4 by default, since the bridge's `worker.call_timeout` (5 s) ends slower calls
  and their worker with them; raise both. `attempts`: 1.

Versions: 1.6.1. A judge is not covered, so the version is mutable and not deterministic. The rubric file needs
`network: true`.

Unit: step, or with `unit: episode` the episode's last completion.

Inputs: completion, the prompt as one text unless `query` is false, and with `reference` the answer.

No score: the library's `score` None is `failed(judge_failed)` with its `error`, or `judge_unparseable` when all that
went wrong is answers that do not parse; without an error, because every judge abstained, it is `unscored(abstained)`.
Where judging only some criteria failed, the library scores the rest, or takes the worst for them: that fails too,
unless `partial` is true. Each criterion is a component with its verdict as `raw` (MET, UNMET, CANNOT_ASSESS or an
option's label): a reward, or a penalty when its weight is negative.

Threads and loops: asynchronous, on the worker's one loop, to which the library's limits of requests belong.

Import cost: 4.8 s of CPU and 280 MB, and without LITELLM_LOCAL_MODEL_COST_MAP=True, which workers have, a request.

Live from `/ws` with a view that gives the completion and the prompt. And offline.
"""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from rewardbridge import fields
from rewardbridge.calling.criteria import criteria_of
from rewardbridge.calling.judges import endpoint_of
from rewardbridge.calling.libraries import library_of
from rewardbridge.calling.options import options_of
from rewardbridge.calling.settings import range_of, settings_of
from rewardbridge.components import component_of
from rewardbridge.kinds import Kind
from rewardbridge.result import Result, failed, result_of_number, unscored
from rewardbridge.seam import Description, LoadRefused, Source, Stateless
from rewardbridge.texts import clean

SETTINGS = ("args", "deterministic", "range", "unit")


@dataclass(frozen=True)
class Options:
    criteria: list | None = None
    model: str | None = None
    base_url: str | None = None
    base_url_from: str | None = None
    api_key_from: str | None = None
    normalize: bool = True
    llm_calls: str = "per_criterion"
    seed: int | None = None
    temperature: float | None = None
    query: bool = True
    reference: bool = False
    partial: bool = False
    timeout: float = 4.0
    attempts: int = 1


class AutorubricAdapter(Stateless):
    """Criteria and who judges them."""

    def __init__(self, source: Source) -> None:
        self.library = library_of(source.adapter)
        from autorubric import Rubric
        from autorubric.graders import Grader

        self.settings = settings_of(source, None, SETTINGS)
        self.options = options_of(source, Options)
        if self.settings.unit in ("batch", "group"):
            raise LoadRefused(f"could not score a {self.settings.unit}: the library grades one text")
        self.rubric, given = criteria_of(source, self.options.criteria, Rubric, Grader)
        if given is not None and self.options.model is not None:
            raise LoadRefused("could not settle who judges: the code brings a grader, and args a model")
        self.grader = given or _grader(self.options)

    def describe(self) -> Description:
        settings, options = self.settings, self.options
        return Description(
            unit=settings.unit or "step",
            needs=["completion"] + (["prompt"] if options.query else []) + (["answer"] if options.reference else []),
            library=self.library,
            asynchronous=True,
            deterministic=bool(settings.deterministic),
            mutable=True,
            range=range_of(settings, (0.0, 1.0) if self.grader.normalize else None),
        )

    def score(self, episode: str, record: fields.Json) -> Awaitable[Result]:
        query = fields.prompt_text(record) if self.options.query else None
        reference = _reference(fields.answer(record)) if self.options.reference else None
        return self._graded(fields.completion(record), query, reference)

    async def _graded(self, text: str, query: str | None, reference: str | None) -> Result:
        report = await self.rubric.grade(text, self.grader, query=query, reference_submission=reference)
        result = self._outcome(report)
        result.components = [_component(number, each) for number, each in enumerate(report.report or (), 1)] or None
        numbers = {
            "raw_score": report.raw_score,
            "cannot_assess": float(report.cannot_assess_count),
            "agreement": getattr(report, "mean_agreement", None),
            "cost": report.completion_cost,
            "tokens": float(report.token_usage.total_tokens) if report.token_usage else None,
        }
        result.metrics = {name: value for name, value in numbers.items() if value is not None}
        return result

    def _outcome(self, report: Any) -> Result:
        errors = [each.error for each in report.report or () if each.error]
        if report.error or (errors and not (self.options.partial and report.score is not None)):
            is_garbage = bool(errors) and all(each.startswith("parse") for each in errors)
            kind = Kind.JUDGE_UNPARSEABLE if is_garbage else Kind.JUDGE_FAILED
            return failed(kind, report.error or f"{len(errors)} of {len(report.report)} criteria: {errors[0]}")
        if report.score is None:
            return unscored(Kind.ABSTAINED, "every criterion was left out")
        return result_of_number(report.score)


def _component(number: int, report: Any) -> dict[str, Any]:
    """Of one judge (CriterionReport) or of several (EnsembleCriterionReport)."""
    criterion = getattr(report, "criterion", report)
    choice = getattr(report, "final_multi_choice_verdict", None) or getattr(report, "multi_choice_verdict", None)
    verdict = getattr(report, "final_verdict", None) or getattr(report, "verdict", None)
    reason = getattr(report, "final_reason", None) or getattr(report, "reason", None)
    value = None if report.error or report.is_na else report.score_value
    kind = "penalty" if criterion.weight < 0 else "reward"
    component = component_of(criterion.name or f"criterion_{number}", value, kind, criterion.weight, reason)
    component |= {"raw": choice.selected_label if choice else getattr(verdict, "value", verdict)}
    component |= {"evidence": clean(criterion.requirement, 500)}
    if report.error:
        component["failure"] = {"kind": Kind.JUDGE_FAILED.value, "message": clean(report.error, 500)}
    votes = [*getattr(report, "votes", ()), *getattr(report, "multi_choice_votes", ())]
    return component | ({"agreement": report.agreement} if len(votes) > 1 else {})


def _reference(answer: Any) -> str:
    if not isinstance(answer, str):
        raise fields.Missing("answer that is a text")
    return answer


def _grader(options: Options) -> Any:
    from autorubric import LLMConfig
    from autorubric.graders import CriterionGrader

    endpoint = endpoint_of(options.model, options.base_url, options.base_url_from, options.api_key_from)
    config = LLMConfig(
        model=endpoint.model,
        api_base=endpoint.url,
        api_key=endpoint.key,
        timeout=options.timeout,
        max_retries=options.attempts,
        seed=options.seed,
        temperature=options.temperature,
    )
    try:
        return CriterionGrader(
            judge_model_config=config, normalize=options.normalize, llm_calls=options.llm_calls, seed=options.seed
        )
    except ValueError as error:
        raise LoadRefused(f"could not read args: {error}") from error
