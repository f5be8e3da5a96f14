"""What an outcome tells of the models that its rubric asked through the bridge.

The gate tells of each call in a header of its answer. In a worker of a component with judges, the HTTP clients that
libraries use are watched for it: Python's own (with it urllib3 and requests), httpx (with it OpenAI's client) and
aiohttp. A call belongs to the outcome in whose context it was made; threads that a library starts by itself have none.
"""

import json
import os
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from functools import cache, wraps
from importlib import import_module
from typing import Any

from rewardbridge.failures import result_of_error
from rewardbridge.result import Result
from rewardbridge.texts import MESSAGE_MAX, clean

HEADER = "RewardBridge-Judge-Call"
# Set by the bridge for components with judges.
IS_ON = "REWARDBRIDGE_JUDGES" in os.environ

Json = dict[str, Any]

_calls: ContextVar[list[Json] | None] = ContextVar("judge calls", default=None)


def telling(score: Callable[[], Result | Awaitable[Result]]) -> Result | Awaitable[Result]:
    """The result, or what gives it, with the calls to judges that were made for it."""
    _watch_clients()
    calls: list[Json] = []
    _calls.set(calls)
    result = score()
    return told(result, calls) if isinstance(result, Result) else _later(result, calls)


async def _later(awaitable: Awaitable[Result], calls: list[Json]) -> Result:
    try:
        result = await awaitable
    except BaseException as error:
        result = result_of_error(error)
    return told(result, calls)


def told(result: Result, calls: list[Json]) -> Result:
    """Counts and costs as metrics, what identifies the questions as labels; of a group, in each member."""
    if not calls:
        return result
    metrics = {"judge_calls": float(len(calls)), "judge_cached": float(sum(each["cached"] for each in calls))}
    metrics |= {f"judge_{name}": float(sum(values)) for name in ("tokens", "cost") if (values := _all(calls, name))}
    labels = {
        f"judge_{name}": clean(", ".join(dict.fromkeys(map(str, values))), MESSAGE_MAX)
        for name in ("model", "prompt_sha256", "seed", "temperature")
        if (values := _all(calls, name))
    }
    for each in result.members or [result]:
        each.metrics = (each.metrics or {}) | metrics
        each.labels = (each.labels or {}) | labels
    return result


def _all(calls: list[Json], name: str) -> list[Any]:
    return [each[name] for each in calls if name in each]


def _note(headers: Mapping[str, str]) -> None:
    calls, text = _calls.get(), headers.get(HEADER)
    if calls is not None and text:
        calls.append(json.loads(text))


@cache
def _watch_clients() -> None:
    """Loads those that are installed: the component may do so in the middle of its first call."""
    for module, watch in (("http.client", _watch_http), ("httpx", _watch_httpx), ("aiohttp", _watch_aiohttp)):
        try:
            watch(import_module(module))
        except ImportError:
            continue


def _watch_http(client: Any) -> None:
    begin = client.HTTPResponse.begin

    @wraps(begin)
    def begin_and_note(self: Any) -> None:
        begin(self)
        _note(self.headers)

    client.HTTPResponse.begin = begin_and_note


def _watch_httpx(httpx: Any) -> None:
    send, send_later = httpx.Client.send, httpx.AsyncClient.send

    @wraps(send)
    def send_and_note(self: Any, *args: Any, **named: Any) -> Any:
        answer = send(self, *args, **named)
        _note(answer.headers)
        return answer

    @wraps(send_later)
    async def send_later_and_note(self: Any, *args: Any, **named: Any) -> Any:
        answer = await send_later(self, *args, **named)
        _note(answer.headers)
        return answer

    httpx.Client.send, httpx.AsyncClient.send = send_and_note, send_later_and_note


def _watch_aiohttp(aiohttp: Any) -> None:
    request = aiohttp.ClientSession._request

    @wraps(request)
    async def request_and_note(self: Any, *args: Any, **named: Any) -> Any:
        answer = await request(self, *args, **named)
        _note(answer.headers)
        return answer

    aiohttp.ClientSession._request = request_and_note
