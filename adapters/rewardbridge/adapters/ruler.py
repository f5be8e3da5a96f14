"""The `ruler` adapter: RULER of OpenPipe's ART, where a language model ranks the rollouts of a group.

Target: `ruler:art.rewards:ruler`, or a function of one's own that takes and gives the same. `args` are its keyword
arguments: `judge_model`, `rubric` (the grading standards), `extra_litellm_params` such as `{api_base: URL}`. Keys of
judges are in the variables that litellm reads (`OPENAI_API_KEY`); the rubric file's `env` lets them in.

Versions: 0.5.18. Called as `await ruler(message_lists, **args)`.

Unit: group, and nothing else: the scores compare the members with each other.

Inputs: prompt and messages of all members, in chat form; the members' tools where all have the same.

No score: the judge names each trajectory by its number, and here a score goes to the member it names. The library's
`ruler_score_group` gives them out by position and never looks at the number: a judge that lists them in another order
would reward the wrong ones. More or fewer scores than members, or a number twice, is `failed(wrong_count)` for all; an
answer that is not the JSON that was asked for `failed(judge_unparseable)`; a judge that cannot be asked fails with the
kind of transport or `judge_failed`. Identical members get one absolute score, as in the library; the metric
`identical` is then 1.

Threads and loops: asynchronous, all groups at once. It needs `network: true`, is not deterministic, and makes its
version mutable.

Import cost: about 3 s of CPU and 170 MB for each worker, and a request for a list of prices unless the variable
LITELLM_LOCAL_MODEL_COST_MAP is True, which the adapter sets.

Offline, and live for groups that are asked for over the control API.
"""

import os
from inspect import isawaitable, signature
from typing import Any

from rewardbridge import fields
from rewardbridge.batches import WrongCount
from rewardbridge.calling.chat import chat
from rewardbridge.calling.libraries import library_of
from rewardbridge.calling.settings import settings_of
from rewardbridge.failures import NoScore, message_of, traceback_of
from rewardbridge.kinds import Kind
from rewardbridge.loading import load_target
from rewardbridge.result import Result, failed, result_of_number
from rewardbridge.seam import Description, LoadRefused, Source, Stateless
from rewardbridge.texts import MESSAGE_MAX, clean

SETTINGS = ("args", "deterministic", "range", "unit")

# Exceptions of litellm by name, from the particular to the general: its classes derive from openai's.
_KINDS = {
    "Timeout": Kind.TRANSPORT_TIMEOUT,
    "APIConnectionError": Kind.TRANSPORT_UNREACHABLE,
    "RateLimitError": Kind.PROVIDER_QUOTA_EXHAUSTED,
    "ServiceUnavailableError": Kind.PROVIDER_UNAVAILABLE,
    "APIError": Kind.JUDGE_FAILED,
    "OpenAIError": Kind.JUDGE_FAILED,
    # Of pydantic: what the judge said is not the JSON that was asked for.
    "ValidationError": Kind.JUDGE_UNPARSEABLE,
}


class RulerAdapter(Stateless):
    """A judge of groups."""

    def __init__(self, source: Source) -> None:
        self.library = library_of("ruler")
        os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        self.function = load_target(source)
        self.settings = settings_of(source, self.function, SETTINGS)
        if self.settings.unit not in (None, "group"):
            raise LoadRefused(f"could not score with unit: {self.settings.unit}: RULER compares the members of a group")
        self.args = dict(self.settings.args or {})
        try:
            signature(self.function).bind([], **self.args)
        except TypeError as error:
            raise LoadRefused(f"could not call '{source}' with these args: {error}") from error
        self.takes_tools = "tools" in signature(self.function).parameters and "tools" not in self.args

    def describe(self) -> Description:
        settings = self.settings
        return Description(
            unit="group",
            needs=["prompt", "messages"],
            library=self.library,
            asynchronous=True,
            deterministic=bool(settings.deterministic),
            mutable=True,
            range=(float(settings.range[0]), float(settings.range[1])) if settings.range else None,
        )

    def score(self, episode: str, record: fields.Json) -> Result:
        return failed(Kind.PROTOCOL_ERROR, "RULER scores groups")

    async def score_group(self, records: list[fields.Json]) -> list[Result]:
        conversations = [chat([*fields.prompt(each), *fields.messages(each)]) for each in records]
        tools = [each.get("tools") for each in records]
        given = {"tools": tools[0]} if self.takes_tools and tools[0] and all(each == tools[0] for each in tools) else {}
        try:
            scores = self.function(conversations, **self.args, **given)
            scores = await scores if isawaitable(scores) else scores
        except Exception as error:
            raise NoScore(_failure(error)) from error
        return _results(scores, conversations)


def _results(scores: Any, conversations: list[Any]) -> list[Result]:
    """
    :raises WrongCount: unless each member is named once.
    """
    wanted = [str(number) for number in range(1, len(conversations) + 1)]
    named = {str(each.trajectory_id).strip(): each for each in scores}
    if sorted(named) != sorted(wanted) or len(scores) != len(wanted):
        ids = ", ".join(clean(str(each.trajectory_id), 40) for each in scores)
        raise WrongCount(f"the judge scored the trajectories {ids or 'none'} of {len(wanted)}")
    identical = len(wanted) > 1 and all(each == conversations[0] for each in conversations)
    return [_result(named[each], identical) for each in wanted]


def _result(score: Any, identical: bool) -> Result:
    result = result_of_number(score.score)
    result.labels = {"explanation": clean(score.explanation, MESSAGE_MAX)}
    if identical:
        result.metrics = {"identical": 1.0}
    return result


def _failure(error: Exception) -> Result:
    names = {each.__name__ for each in type(error).__mro__}
    kind = next((kind for name, kind in _KINDS.items() if name in names), Kind.EXCEPTION)
    if isinstance(error, ValueError) and str(error).startswith("Expected ") and "but got" in str(error):
        kind = Kind.WRONG_COUNT
    return failed(kind, message_of(error), traceback_of(error))
