"""The `http` adapter: a verifier behind a URL, in whatever language.

Target: `http:http://127.0.0.1:5000/verify` or `http:https://...`. The record is POSTed as JSON. `args`, all optional:

- `body`: `evalrec`, the record as it is (default); `text`, `{"prompt", "completion", "answer", "info"}`; `messages`,
  the same with lists of messages under `prompt` and `messages`.
- `needs`: the fields that a record must hold, in place of those that the body has anyway: `[completion]` where there is
  no gold answer. A body `text` or `messages` holds exactly these and `info`.
- `headers`: a mapping; `headers_from`: header names with the names of variables that hold their values, for secrets
  (`{Authorization: VERIFIER_TOKEN}`); the rubric file's `env:` lets the worker read them.
- `timeout`: seconds, 4 by default, since the bridge's `worker.call_timeout` (5 s) ends slower calls and their worker
  with them; raise both. `concurrency`: requests at a time, 32.

The server answers a number, null, or an object with the number under `reward_key`, else `reward`, else `score`; the
object's other numbers become components and its texts labels. With `unit: batch` or `unit: group` it gets an array of
bodies and answers an array, one entry for each in their order. The rubric file needs `network: true`.

Versions: none; what runs behind the URL is not covered, so the version is mutable.

Unit: step, unless `unit` says episode, batch or group. `elementwise: true` lets the records of a batch share one
request.

Inputs: what `body` and `needs` say, and `columns`.

No score: null is `unscored(abstained)`. A refused connection or an unknown name is `failed(transport_unreachable)`, a
connection that ends early `transport_peer_drop`, no answer in time or status 408 or 504 `transport_timeout`, no sockets
left `transport_local_resource`, status 429 `provider_quota_exhausted`, 502 and 503 `provider_unavailable`, any other
status but 2xx, redirects included, `verifier_error`, an answer that is no JSON `judge_unparseable`, another count than
that of the bodies `wrong_count`. There is no retry.

Threads and loops: asynchronous; requests wait in threads of their own. Batches are sent from the main thread.

Import cost: none beyond Python's own library.

Live from `/ws` as it is; the bodies `text` and `messages` need a view. And offline.
"""

import asyncio
import os
import platform
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from rewardbridge import fields
from rewardbridge.batches import results_of
from rewardbridge.calling.bodies import Body
from rewardbridge.calling.http import post_json
from rewardbridge.calling.options import options_of
from rewardbridge.calling.rows import rows_of_group, scored_together
from rewardbridge.calling.settings import range_of, settings_of
from rewardbridge.result import Result, result_of
from rewardbridge.seam import BATCH_MAX, Description, LoadRefused, Source, Stateless

SETTINGS = ("args", "batch_max", "columns", "deterministic", "elementwise", "prefix", "range", "reward_key", "unit")


@dataclass(frozen=True)
class Options:
    body: str = "evalrec"
    needs: list | None = None
    headers: dict = field(default_factory=dict)
    headers_from: dict = field(default_factory=dict)
    timeout: float = 4.0
    concurrency: int = 32


class HTTPAdapter(Stateless):
    """A server that is asked for each score."""

    def __init__(self, source: Source) -> None:
        self.url = _checked(source.target)
        self.settings = settings_of(source, None, SETTINGS)
        self.options = options_of(source, Options)
        self.unit = self.settings.unit or "step"
        if self.settings.elementwise and self.unit != "batch":
            raise LoadRefused("could not settle how to call it: elementwise is for unit: batch")
        self.body = Body(self.options.body, self.unit, self.options.needs, self.settings.columns or ())
        self.headers = _headers(self.options)
        if self.options.timeout <= 0 or self.options.concurrency < 1:
            raise LoadRefused("could not read args: timeout and concurrency are above zero")
        self.threads = ThreadPoolExecutor(self.options.concurrency, "http")

    def describe(self) -> Description:
        settings = self.settings
        return Description(
            unit=self.unit,
            needs=self.body.needs,
            columns=self.body.columns,
            library=("python", platform.python_version()),
            asynchronous=self.unit != "batch",
            elementwise=bool(settings.elementwise),
            prefix=bool(settings.prefix),
            deterministic=settings.deterministic,
            mutable=True,
            range=range_of(settings),
            batch_max=settings.batch_max or BATCH_MAX,
        )

    def score(self, episode: str, record: fields.Json) -> Result | Awaitable[Result]:
        body = self.body.of(record)
        if self.unit == "batch":
            return self._results([body])[0]
        return self._later(body)

    def score_batch(self, records: list[fields.Json]) -> list[Result]:
        """One request for all records that hold what is needed."""
        return scored_together(records, self.body.of, self._results)

    def score_group(self, records: list[fields.Json]) -> list[Result] | Awaitable[list[Result]]:
        return self._in_thread(self._results, rows_of_group(records, self.body.of))

    async def _later(self, body: fields.Json) -> Result:
        return result_of(await self._in_thread(self._ask, body), self.settings.reward_key)

    async def _in_thread(self, *call: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self.threads, copy_context().run, *call)

    def _results(self, bodies: list[fields.Json]) -> list[Result]:
        return results_of(self._ask(bodies), len(bodies), self.settings.reward_key)

    def _ask(self, body: Any) -> Any:
        return post_json(self.url, body, self.options.timeout, self.headers)


def _checked(target: str) -> str:
    try:
        parts = urlsplit(target)
        is_url = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username and parts.port != 0
    except ValueError:
        is_url = False
    if not is_url:
        raise LoadRefused(
            f"could not ask '{target}': not a URL, or one with a password",
            hint="write for example http:http://127.0.0.1:5000/verify; headers_from brings secrets in",
        )
    return target


def _headers(options: Options) -> dict[str, str]:
    """Values of `headers_from` are in no version and in no message."""
    headers = {name: str(value) for name, value in options.headers.items()}
    for name, variable in options.headers_from.items():
        if str(variable) not in os.environ:
            raise LoadRefused(
                f"could not read variable '{variable}' for header '{name}': not set",
                hint=f"env: [{variable}] lets it in",
            )
        headers[name] = os.environ[variable].strip()
    return headers
