"""The `rubric` adapter: criteria that a language model finds met or not, by the library `rubric`.

Target: a file of criteria (`rubric:quality.yaml`, or `.json`), `rubric:args` with the criteria in `args`, or code
(`rubric:quality.py:rubric`): a `Rubric`, a pair of one and an `Autograder`, or a function that gives one of these.
`args`:

- `criteria`: a list of `{weight, requirement}`, with the target `args` only.
- `model`, and `base_url` or `base_url_from`, the name of a variable: an OpenAI-compatible endpoint, up to and with
  `/v1`. `api_key_from`: the variable that holds the key. The rubric file's `env:` lets the worker read variables. Not
  for code that brings its own autograder.
- `grader`: `per_criterion` (default), `one_shot` or `as_judge`. `normalize`: false gives the weighted sum as it is.
- `query`: false leaves the prompt out. `request`: further keys of each request, over `temperature: 0` and a
  `response_format` with the library's JSON schema; null takes one away.
- `timeout`: seconds for each request, 4 by default, since the bridge's `worker.call_timeout` (5 s) ends slower calls
  and their worker with them; raise both. `concurrency`: requests at a time, 32.

Versions: 2.2.0. A judge is not covered, so the version is mutable and not deterministic. The rubric file needs
`network: true`.

Unit: step, or with `unit: episode` the episode's last completion.

Inputs: completion, and the prompt as one text unless `query` is false.

No score: what the library raises, it fails with. Our endpoint: a refused connection is `failed(transport_unreachable)`,
no answer in time `transport_timeout`, status 429 `provider_quota_exhausted`, 502 and 503 `provider_unavailable`, other
statuses `judge_failed`; an answer that does not fit the library's schema `judge_unparseable`. So is an answer in one
shot that leaves out a criterion, which the library takes for not met, and a NaN from `as_judge`, which it takes for 1.
There is no retry. Each criterion is a component with its verdict as `raw`: a reward, or a penalty when its weight is
negative.

Threads and loops: asynchronous; requests wait in threads of their own.

Import cost: 0.5 s of CPU and 41 MB.

Live from `/ws` with a view that gives the completion and the prompt. And offline.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial
from math import isfinite
from typing import Any

from rewardbridge import fields
from rewardbridge.calling.criteria import criteria_of
from rewardbridge.calling.judges import complete, endpoint_of
from rewardbridge.calling.libraries import library_of
from rewardbridge.calling.options import options_of
from rewardbridge.calling.settings import range_of, settings_of
from rewardbridge.components import component_of
from rewardbridge.failures import NoScore
from rewardbridge.kinds import Kind
from rewardbridge.result import Result, failed, result_of_number
from rewardbridge.seam import Description, LoadRefused, Source, Stateless
from rewardbridge.suggestion import did_you_mean
from rewardbridge.texts import clean

SETTINGS = ("args", "deterministic", "range", "unit")


@dataclass(frozen=True)
class Options:
    criteria: list | None = None
    model: str | None = None
    base_url: str | None = None
    base_url_from: str | None = None
    api_key_from: str | None = None
    grader: str = "per_criterion"
    normalize: bool = True
    query: bool = True
    request: dict = field(default_factory=dict)
    timeout: float = 4.0
    concurrency: int = 32


class RubricAdapter(Stateless):
    """Criteria and who judges them."""

    def __init__(self, source: Source) -> None:
        self.library = library_of(source.adapter)
        from rubric import Rubric
        from rubric.autograders import Autograder

        self.settings = settings_of(source, None, SETTINGS)
        self.options = options_of(source, Options)
        if self.settings.unit in ("batch", "group"):
            raise LoadRefused(f"could not score a {self.settings.unit}: the library grades one text")
        self.rubric, given = criteria_of(source, self.options.criteria, Rubric, Autograder)
        if given is not None and self.options.model is not None:
            raise LoadRefused("could not settle who judges: the code brings an autograder, and args a model")
        self.grader = given or _grader(self.options, len(self.rubric.rubric))

    def describe(self) -> Description:
        settings = self.settings
        return Description(
            unit=settings.unit or "step",
            needs=["completion"] + (["prompt"] if self.options.query else []),
            library=self.library,
            asynchronous=True,
            deterministic=bool(settings.deterministic),
            mutable=True,
            range=range_of(settings, (0.0, 1.0) if self.grader.normalize else None),
        )

    def score(self, episode: str, record: fields.Json) -> Awaitable[Result]:
        query = fields.prompt_text(record) if self.options.query else None
        return self._graded(fields.completion(record), query)

    async def _graded(self, text: str, query: str | None) -> Result:
        report = await self.rubric.grade(text, self.grader, query=query)
        result = result_of_number(report.score)
        result.components = [_component(number, each) for number, each in enumerate(report.report or (), 1)] or None
        sums = {"raw_score": report.raw_score, "llm_raw_score": report.llm_raw_score}
        result.metrics = {name: value for name, value in sums.items() if value is not None and isfinite(value)} or None
        return result


def _component(number: int, report: Any) -> dict[str, Any]:
    kind = "penalty" if report.weight < 0 else "reward"
    value = 1.0 if report.verdict == "MET" else 0.0
    component = component_of(f"criterion_{number}", value, kind, report.weight, report.reason)
    return component | {"raw": report.verdict, "evidence": clean(report.requirement, 500)}


def _grader(options: Options, count: int) -> Any:
    """The library's grader, whose answers come from the endpoint."""
    from rubric.autograders import PerCriterionGrader, PerCriterionOneShotGrader, RubricAsJudgeGrader
    from rubric.autograders.schemas import OneShotOutput, PerCriterionOutput, RubricAsJudgeOutput

    graders = {
        "per_criterion": (PerCriterionGrader, PerCriterionOutput, lambda _: True),
        "one_shot": (PerCriterionOneShotGrader, OneShotOutput, lambda answer: _is_whole(answer, count)),
        "as_judge": (RubricAsJudgeGrader, RubricAsJudgeOutput, lambda answer: isfinite(answer.overall_score)),
    }
    if options.grader not in graders:
        raise LoadRefused(f"could not read args: no grader '{options.grader}'", did_you_mean(options.grader, graders))
    make, form, holds = graders[options.grader]
    return make(_generate_fn(options, form, holds), normalize=options.normalize)


def _is_whole(answer: Any, count: int) -> bool:
    return {each.criterion_number for each in answer.criteria_evaluations} == set(range(1, count + 1))


def _generate_fn(options: Options, form: Any, holds: Callable[[Any], bool]) -> Any:
    """What the library calls with its prompts: asks the endpoint, and checks the answer by the library's schema."""
    endpoint = endpoint_of(options.model, options.base_url, options.base_url_from, options.api_key_from)
    if endpoint.url is None:
        raise LoadRefused("could not ask a judge: no base_url", hint="args: {base_url_from: NAME}")
    if options.timeout <= 0 or options.concurrency < 1:
        raise LoadRefused("could not read args: timeout and concurrency are above zero")
    threads = ThreadPoolExecutor(options.concurrency, "judge")
    schema = {"name": form.__name__, "schema": form.model_json_schema()}
    request = {"temperature": 0, "response_format": {"type": "json_schema", "json_schema": schema}} | options.request
    request = {name: value for name, value in request.items() if value is not None}

    def ask(system_prompt: str, user_prompt: str) -> Any:
        said = [{"role": "system", "content": system_prompt}, {"role": "user", "content": user_prompt}]
        text = complete(endpoint, said, options.timeout, **request)
        try:
            answer = form.model_validate_json(text)
        except ValueError as error:
            raise NoScore(failed(Kind.JUDGE_UNPARSEABLE, f"the judge said {clean(text, 300)!r}: {error}")) from error
        if not holds(answer):
            raise NoScore(failed(Kind.JUDGE_UNPARSEABLE, f"the judge left something out: {clean(text, 300)!r}"))
        return answer

    async def generate(system_prompt: str, user_prompt: str, **_: Any) -> Any:
        call = partial(copy_context().run, ask, system_prompt, user_prompt)
        return await asyncio.get_running_loop().run_in_executor(threads, call)

    return generate
