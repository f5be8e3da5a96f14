"""The `open_instruct` adapter: verifiers of Open Instruct (Tulu, OLMo), by the path of their code.

Target: `open_instruct:open_instruct.ground_truth_utils:GSM8KVerifier`, from a checkout that is installed, or
`open_instruct:verifiers.py:MyVerifier`, a class with the same methods. `args`, all optional: `config`, what the
verifier's own class of configuration is made of (judges and code need it); `arguments`, further ones of the verifier
(`judge_type`); `reward_mult`, the trainer's factor, 1 by default where the trainer has 10.

Versions: Open Instruct is in no package index, and its module imports torch and much else. The call was read from
snapshots of 2025 and 2026, and is tested with verifiers written to it; no parity with the originals is claimed.

Unit: step, or with `unit: episode` the episode's last completion.

Inputs: `prediction` is the completion, `label` the answer as it is, `query` the prompt's texts with an empty line
between, `tokenized_prediction` the record's completion ids, or an empty list: the verifiers of the snapshots do not
look at it.

No score: the reward is the result's `score` times the verifier's `weight` and `reward_mult`; the component with the
verifier's name has the score. `cost` is a metric, `reasoning` a label. None is `unscored(abstained)`, and what a
verifier raises fails. A judge or a code server that does not answer is a 0 to the library, which writes it into its
log: that is `failed(judge_failed)` or `failed(verifier_error)`. Not seen is a judge's answer without a rating, also a
0.

Threads and loops: verifiers with an `async_call` of their own run together on one loop, the others on the main thread.

Import cost: that of the code; several seconds with torch.

Live from `/ws` with a view that gives prompt and completion and, from task data, the answer. And offline.
"""

import logging
from collections.abc import Awaitable
from dataclasses import dataclass, field
from inspect import isawaitable, isclass, signature
from typing import Any

from rewardbridge import fields
from rewardbridge.calling.logs import noted, watch
from rewardbridge.calling.objects import called
from rewardbridge.calling.options import options_of
from rewardbridge.calling.settings import range_of, settings_of
from rewardbridge.components import component_of
from rewardbridge.failures import NoScore
from rewardbridge.kinds import Kind
from rewardbridge.loading import load_target
from rewardbridge.result import Result, failed, result_of_number
from rewardbridge.seam import Description, LoadRefused, Source, Stateless
from rewardbridge.texts import MESSAGE_MAX, clean

SETTINGS = ("args", "deterministic", "range", "unit")
HINT = "name a class of Open Instruct's VerifierFunction"


@dataclass(frozen=True)
class Options:
    config: dict | None = None
    arguments: dict = field(default_factory=dict)
    reward_mult: float = 1.0


class OpenInstructAdapter(Stateless):
    """A VerifierFunction."""

    def __init__(self, source: Source) -> None:
        found = load_target(source)
        self.settings = settings_of(source, found, SETTINGS)
        self.options = options_of(source, Options)
        if self.settings.unit in ("batch", "group"):
            raise LoadRefused(f"could not score a {self.settings.unit}: a verifier takes one prediction")
        self.verifier = _made(found, self.options)
        self.asynchronous = _has_own_async_call(type(self.verifier))
        self.method = self.verifier.async_call if self.asynchronous else self.verifier
        # Later snapshots hand over the state of the rollout, which no record holds.
        self.more = {"rollout_state": None} if "rollout_state" in signature(self.method).parameters else {}
        watch(type(self.verifier).__module__)

    def describe(self) -> Description:
        settings = self.settings
        return Description(
            unit=settings.unit or "step",
            needs=["prompt", "completion", "answer"],
            library=("open-instruct", "a snapshot"),
            asynchronous=self.asynchronous,
            deterministic=settings.deterministic,
            mutable=self.asynchronous,
            range=range_of(settings),
            components=[str(self.verifier.name)],
        )

    def score(self, episode: str, record: fields.Json) -> Result | Awaitable[Result]:
        named = {
            "tokenized_prediction": (record.get("tokens") or {}).get("completion_ids") or [],
            "prediction": fields.completion(record),
            "label": fields.answer(record),
            "query": fields.prompt_text(record),
            **self.more,
        }
        if self.asynchronous:
            return self._later(named)
        with noted() as notes:
            value = self.method(**named)
        return self._result(value, notes)

    async def _later(self, named: fields.Json) -> Result:
        with noted() as notes:
            value = self.method(**named)
            value = await value if isawaitable(value) else value
        return self._result(value, notes)

    def _result(self, value: Any, notes: list[logging.LogRecord]) -> Result:
        _check(notes)
        score = getattr(value, "score", value)
        result = result_of_number(score)
        weight = float(getattr(self.verifier, "weight", 1.0))
        if result.reward is not None:
            result.reward *= weight * self.options.reward_mult
        result.components = [component_of(str(self.verifier.name), score, "reward", weight)]
        if cost := getattr(value, "cost", None):
            result.metrics = {"cost": float(cost)}
        if reasoning := getattr(value, "reasoning", None):
            result.labels = {"reasoning": clean(str(reasoning), MESSAGE_MAX)}
        return result


def _made(found: Any, options: Options) -> Any:
    if not isclass(found):
        raise LoadRefused(f"could not make a verifier of a {type(found).__name__}", HINT)
    given = dict(options.arguments)
    if options.config is not None:
        form = getattr(found, "get_config_class", lambda: dict)()
        given["verifier_config"] = called(form, options.config, f"config holds the fields of {form.__name__}")
    verifier = called(found, given, "args may hold config and arguments")
    if not callable(verifier) or not hasattr(verifier, "name"):
        raise LoadRefused(f"could not call a {found.__name__}: it has no name or no __call__", HINT)
    return verifier


def _has_own_async_call(kind: type) -> bool:
    """That of the base class only hands the call to a thread."""
    return sum("async_call" in vars(each) for each in kind.__mro__) > 1


def _check(notes: list[logging.LogRecord]) -> None:
    """Trouble of which the library makes a 0; a retry that went well is none."""
    for note in notes:
        text = note.getMessage()
        if note.levelno >= logging.ERROR or text.startswith("Error"):
            kind = Kind.JUDGE_FAILED if "judge" in text else Kind.VERIFIER_ERROR
            raise NoScore(failed(kind, f"Open Instruct: {text}"))
