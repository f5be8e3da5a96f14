"""The `math_verify` adapter: Math-Verify's comparison of mathematical answers.

Target: `math_verify:verify`, which is `verify(parse(gold), parse(completion))`, or `math_verify:math_metric`, the
library's metric of the same name. `args`, all optional, are the library's own: `gold` and `pred`, what is looked for in
the two texts (a list of `latex`, `expr`, `string`); for `verify` also `fallback_mode`, `extraction_mode`,
`float_rounding`, `numeric_precision`, `strict`, `allow_set_relation_comp`, `parsing_timeout` and `timeout_seconds`; for
`math_metric` also `precision`.

Versions: 0.9.0.

Unit: step, or with `unit: episode` the episode's last completion.

Inputs: completion and answer. An answer may be a number or a text, or a list of them, one of which must match.

No score: a timeout, which the library counts as wrong, is `failed(timeout)`, unless the answers were found equal all
the same. A gold answer that `parse` finds nothing in, also wrong to `verify`, is `failed(verifier_error)`;
`math_metric` raises then, which is `failed(exception)`. A completion without an answer is a 0, as it is to the library.

Threads and loops: on the main thread, where its timeouts work: they use SIGALRM. Elsewhere the library raises.

Import cost: 0.4 s of CPU and 46 MB.

Live from `/ws` with a view that gives the completion and, from task data, the answer. And offline.
"""

from dataclasses import dataclass, field
from typing import Any

from rewardbridge import fields
from rewardbridge.calling.libraries import library_of
from rewardbridge.calling.maths import timeouts_fail, watch_timeouts
from rewardbridge.calling.options import options_of
from rewardbridge.calling.settings import range_of, settings_of
from rewardbridge.failures import NoScore
from rewardbridge.kinds import Kind
from rewardbridge.result import Result, failed
from rewardbridge.seam import Description, LoadRefused, Source, Stateless
from rewardbridge.suggestion import did_you_mean
from rewardbridge.texts import MESSAGE_MAX, clean

SETTINGS = ("args", "deterministic", "range", "unit")


@dataclass(frozen=True)
class VerifyOptions:
    gold: list = field(default_factory=lambda: ["latex", "expr"])
    pred: list = field(default_factory=lambda: ["latex", "expr"])
    fallback_mode: str = "first_match"
    extraction_mode: str = "any_match"
    float_rounding: int = 6
    numeric_precision: int = 15
    strict: bool = True
    allow_set_relation_comp: bool = False
    parsing_timeout: int | None = 5
    timeout_seconds: int | None = 5


@dataclass(frozen=True)
class MetricOptions:
    gold: list = field(default_factory=lambda: ["expr"])
    pred: list = field(default_factory=lambda: ["expr"])
    precision: int = 6


class MathVerifyAdapter(Stateless):
    """A comparison of the completion with the gold answer."""

    def __init__(self, source: Source) -> None:
        self.library = library_of(source.adapter)
        targets = {"verify": (VerifyOptions, _verifier), "math_metric": (MetricOptions, _metric)}
        if source.target not in targets:
            raise LoadRefused(f"could not find '{source}': unknown target", did_you_mean(source.target, targets))
        form, make = targets[source.target]
        self.settings = settings_of(source, None, SETTINGS)
        if self.settings.unit in ("batch", "group"):
            raise LoadRefused(f"could not score a {self.settings.unit}: the library compares one answer")
        self.compare = make(options_of(source, form))
        watch_timeouts()

    def describe(self) -> Description:
        settings = self.settings
        return Description(
            unit=settings.unit or "step",
            needs=["completion", "answer"],
            library=self.library,
            deterministic=True if settings.deterministic is None else settings.deterministic,
            range=range_of(settings, (0.0, 1.0)),
        )

    def score(self, episode: str, record: fields.Json) -> Result:
        golds = [_text(each) for each in _listed(fields.answer(record))]
        with timeouts_fail() as timed:
            reward, labels = self.compare(golds, fields.completion(record))
            timed.stands = reward == 1.0
        return Result("scored", reward, labels={name: clean(text, MESSAGE_MAX) for name, text in labels.items()})


def _verifier(options: VerifyOptions) -> Any:
    from math_verify import parse, verify

    gold_config, pred_config = _extraction(options.gold), _extraction(options.pred)

    def compare(golds: list[str], completion: str) -> tuple[float, dict[str, str]]:
        parsing = (options.fallback_mode, options.extraction_mode, options.parsing_timeout)
        parsed = [found for each in golds if (found := parse(each, gold_config, *parsing))]
        if not parsed:
            raise NoScore(failed(Kind.VERIFIER_ERROR, f"math_verify finds no answer in the gold answer {golds}"))
        said = parse(completion, pred_config, *parsing)
        equal = any(
            verify(
                gold,
                said,
                options.float_rounding,
                options.numeric_precision,
                options.strict,
                options.allow_set_relation_comp,
                options.timeout_seconds,
            )
            for gold in parsed
        )
        # The texts that were parsed; to make text of an expression may take for ever.
        texts = [each for each in said if isinstance(each, str)]
        return float(equal), {"extracted": texts[-1]} if texts else {}

    return compare


def _metric(options: MetricOptions) -> Any:
    from math_verify import math_metric

    metric = math_metric(_extraction(options.gold), _extraction(options.pred), precision=options.precision)

    def compare(golds: list[str], completion: str) -> tuple[float, dict[str, str]]:
        reward, texts = metric(golds, [completion])
        return float(reward), {"gold": ", ".join(texts[0]), "extracted": ", ".join(texts[1])} if texts else {}

    return compare


def _extraction(names: list[Any]) -> tuple[Any, ...]:
    from math_verify import ExprExtractionConfig, LatexExtractionConfig, StringExtractionConfig

    known = {"latex": LatexExtractionConfig, "expr": ExprExtractionConfig, "string": StringExtractionConfig}
    if unknown := next((each for each in names if not isinstance(each, str) or each not in known), None):
        raise LoadRefused(f"could not read args: unknown extraction '{unknown}'", did_you_mean(str(unknown), known))
    return tuple(known[each]() for each in names)


def _listed(answer: Any) -> list[Any]:
    return answer if isinstance(answer, list) else [answer]


def _text(gold: Any) -> str:
    if isinstance(gold, str):
        return gold
    if isinstance(gold, (int, float)) and not isinstance(gold, bool):
        return str(gold)
    raise NoScore(failed(Kind.UNREADABLE, f"the gold answer holds a {type(gold).__name__}, not a text or a number"))
