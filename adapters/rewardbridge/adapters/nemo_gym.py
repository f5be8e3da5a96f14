"""The `nemo_gym` adapter: resources servers of NVIDIA's NeMo Gym, which verify a finished rollout over HTTP.

Target: the server's URL, `nemo_gym:http://127.0.0.1:8001`; `/verify` is added. `args`: `answer_field`, the name under
which the server takes the gold answer (`expected_answer`; null: it takes none), and `timeout` in seconds (60).

Versions: 0.7.0. Nothing of it is installed here: it needs Python 3.13.14 and an
environment of its own, and its servers are started with its own tools.

Unit: episode. `unit: step` verifies what was said in each step.

Inputs: prompt and messages, as the `responses_create_params` and the `response` of OpenAI's Responses API, without
nulls, which the server rejects; the answer; and all of the record's columns as fields of the task. `columns` names
those that must be there. A recording of NeMo Gym itself brings both parts in `source.raw`, and is verified as it was.

No score: `mask_sample` is `unscored(masked)`; with a `failure_kind` of NeMo Gym's vocabulary, which is part of ours, it
is `failed` with that kind. A kind without the mask is a measured score: it stays, and the kind is a label. An HTTP
status, no answer in time and no JSON fail as `verifier_error` or with the kind of transport.

Threads and loops: asynchronous; each request waits on a thread of its own. It needs `network: true`, and makes its
version mutable: nothing here can tell what runs behind the URL. A server that keeps the rollout's session
(`/reverify_mode` answers `unsupported`) has nothing to verify here.

Import cost: none.

Live from `/ws` with a view for prompt, messages and answer; and offline.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from rewardbridge import fields
from rewardbridge.calling.http import post_json
from rewardbridge.calling.options import options_of
from rewardbridge.calling.responses import inputs, outputs, without_nulls
from rewardbridge.calling.settings import settings_of
from rewardbridge.components import component_of, parts_of
from rewardbridge.kinds import UNSCORED, Kind
from rewardbridge.result import Result, failed, result_of_number, unscored
from rewardbridge.seam import Description, LoadRefused, Source, Stateless

SETTINGS = ("args", "columns", "deterministic", "range", "unit")

# Of the answer; its other fields are the request's, or the server's own findings.
_KNOWN = {"reward", "mask_sample", "failure_kind", "failure_reason", "reward_components", "instance_config"}


@dataclass(frozen=True)
class Options:
    answer_field: str | None = "expected_answer"
    timeout: float = 60.0


class NemoGymAdapter(Stateless):
    """A resources server."""

    def __init__(self, source: Source) -> None:
        if not source.target.startswith(("http://", "https://")):
            raise LoadRefused("not a URL", hint="write for example nemo_gym:http://127.0.0.1:8001")
        self.url = source.target.rstrip("/").removesuffix("/verify") + "/verify"
        self.settings = settings_of(source, None, SETTINGS)
        self.options = options_of(source, Options)
        self.unit = self.settings.unit or "episode"
        if self.unit not in ("step", "episode"):
            raise LoadRefused(f"could not verify with unit: {self.unit}: a request holds one rollout")

    def describe(self) -> Description:
        settings = self.settings
        return Description(
            unit=self.unit,
            needs=["prompt", "messages"] + (["answer"] if self.options.answer_field else []),
            columns=settings.columns or (),
            library=("nemo-gym", "remote"),
            asynchronous=True,
            deterministic=settings.deterministic,
            mutable=True,
            range=(float(settings.range[0]), float(settings.range[1])) if settings.range else None,
        )

    async def score(self, episode: str, record: fields.Json) -> Result:
        request = self._request(record)
        answer = await asyncio.to_thread(post_json, self.url, request, self.options.timeout)
        return _result(answer, request)

    def _request(self, record: fields.Json) -> fields.Json:
        for name in self.settings.columns or ():
            fields.column(record, name)
        task = dict(record.get("info") or {})
        if self.options.answer_field:
            task[self.options.answer_field] = fields.answer(record)
        return without_nulls(task | _native(record))


def _native(record: fields.Json) -> fields.Json:
    """The two parts that every server takes: those of the recording, if it is one of NeMo Gym."""
    raw = (record.get("source") or {}).get("raw")
    parts = ("responses_create_params", "response")
    if isinstance(raw, dict) and all(isinstance(raw.get(each), dict) for each in parts):
        return {each: raw[each] for each in parts}
    tools = [_tool(each) for each in record.get("tools") or []]
    shared = {"parallel_tool_calls": True, "tool_choice": "auto", "tools": tools}
    response = {"id": str(record.get("id", "response")), "object": "response", "created_at": 0.0, "model": "policy"}
    return {
        "responses_create_params": {"input": inputs(fields.prompt(record)), "tools": tools},
        "response": response | {"output": outputs(fields.messages(record))} | shared,
    }


def _tool(tool: fields.Json) -> fields.Json:
    """A tool of the chat completions API has its parts under `function`."""
    return {"type": "function", "strict": False, **tool.get("function", {key: tool[key] for key in tool})}


def _result(answer: Any, request: fields.Json) -> Result:
    if not isinstance(answer, dict) or "reward" not in answer:
        return failed(Kind.VERIFIER_ERROR, "the server's answer has no reward")
    result = _status(answer)
    components = answer.get("reward_components") or {}
    result.components = [component_of(name, value, "reward") for name, value in components.items()] or None
    for each in result.components or ():
        del each["weight"]  # the server adds them up in its own way
    beside = {name: value for name, value in answer.items() if name not in components}
    numbers, _, result.labels = parts_of(
        {name: value for name, value in beside.items() if _is_found(name, value, request)}
    )
    result.metrics = {each["path"]: each["value"] for each in numbers or () if each["value"] is not None} or None
    for name in ("failure_kind", "failure_reason"):
        if answer.get(name):
            result.labels = (result.labels or {}) | {name: str(answer[name])}
    return result


def _status(answer: fields.Json) -> Result:
    if not answer.get("mask_sample"):
        return result_of_number(answer["reward"])
    reason = answer.get("failure_reason")
    known = {each.value: each for each in Kind if each not in UNSCORED}
    if kind := known.get(answer.get("failure_kind")):
        return failed(kind, reason or "the server masks the sample")
    return unscored(Kind.MASKED, reason)


def _is_found(name: str, value: Any, request: fields.Json) -> bool:
    """A number or a text that the server adds to what it was sent."""
    return isinstance(value, (bool, int, float, str)) and name not in _KNOWN | request.keys() and name[:1] != "_"
