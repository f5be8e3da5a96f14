"""The `openrlhf` adapter: OpenRLHF's remote reward functions and reward servers.

Target: `openrlhf:reward.py:reward_func`, a function of `(queries, prompts, labels)`, or
`openrlhf:http://127.0.0.1:5000/get_reward`, which is POSTed `{"query", "prompts", "labels"}`. Both get lists of one,
as OpenRLHF calls them. Agents (`AgentInstanceBase`) and reward models are not called. `args`, all optional:

- `query`, `prompt`: columns of the record that hold these texts as the trainer rendered them, special tokens and all.
  Without them the prompt is the texts of its messages with an empty line between, and the query the prompt with the
  last completion behind it.
- `label`: false where the label is not used; it is an empty text then.
- `timeout` of a request in seconds, 4 by default, since the bridge's `worker.call_timeout` (5 s) ends slower calls;
  `concurrency`: requests at a time, 32.

Versions: 0.11.2; nothing of it is imported.

Unit: step, or with `unit: episode` the episode's last completion.

Inputs: prompt, completion, and the answer as the label.

No score: `rewards` is the reward, a number or a list or tensor of one; None, like an answer that is empty, is
`unscored(abstained)`. An answer without `rewards` fails. `scores` and the numbers of `extra_logs` become components,
its texts labels. OpenRLHF only logs what a reward function or a server did wrong, and trains without a reward; here it
fails, with the kinds of the `http` adapter. There is no retry, where OpenRLHF has five.

Threads and loops: functions on the main thread, where OpenRLHF has threads; requests in threads of their own. What runs
behind a URL is not covered by the version, which is mutable; the rubric file needs `network: true`.

Import cost: none beyond Python's own library.

Live from `/ws` with a view that gives prompt and completion and, from task data, the answer. And offline.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from inspect import iscoroutinefunction, signature
from typing import Any

from rewardbridge import fields
from rewardbridge.calling.http import post_json
from rewardbridge.calling.options import options_of
from rewardbridge.calling.settings import range_of, settings_of
from rewardbridge.catalogue import BUILT_IN
from rewardbridge.components import parts_of
from rewardbridge.kinds import Kind
from rewardbridge.loading import load_target
from rewardbridge.result import Result, failed, result_of_number, unscored
from rewardbridge.seam import Description, LoadRefused, Source, Stateless

SETTINGS = ("args", "deterministic", "range", "unit")


@dataclass(frozen=True)
class Options:
    query: str | None = None
    prompt: str | None = None
    label: bool = True
    timeout: float = 4.0
    concurrency: int = 32


class OpenRLHFAdapter(Stateless):
    """A reward function, or a server of one."""

    def __init__(self, source: Source) -> None:
        self.is_remote = source.target.startswith(("http://", "https://"))
        found = None if self.is_remote else load_target(source)
        self.settings = settings_of(source, found, SETTINGS)
        self.options = options_of(source, Options)
        if self.settings.unit in ("batch", "group"):
            raise LoadRefused(f"could not score a {self.settings.unit}: OpenRLHF asks for one reward at a time")
        if self.is_remote:
            self.url = source.target
            self.threads = ThreadPoolExecutor(max(self.options.concurrency, 1), "openrlhf")
        else:
            self.function = _checked(found)

    def describe(self) -> Description:
        options = self.options
        columns = [name for name in (options.query, options.prompt) if name]
        reads_prompt = options.query is None or options.prompt is None
        needs = {"prompt": reads_prompt, "completion": options.query is None, "answer": options.label}
        return Description(
            unit=self.settings.unit or "step",
            needs=[name for name, is_needed in needs.items() if is_needed],
            columns=columns,
            library=("openrlhf", BUILT_IN["openrlhf"].tested),
            asynchronous=self.is_remote,
            deterministic=self.settings.deterministic,
            mutable=self.is_remote,
            range=range_of(self.settings),
        )

    def score(self, episode: str, record: fields.Json) -> Result | Awaitable[Result]:
        options = self.options
        prompt = fields.column(record, options.prompt) if options.prompt else fields.prompt_text(record)
        if options.query:
            query = fields.column(record, options.query)
        else:
            query = prompt + fields.completion(record)
        label = fields.answer(record) if options.label else ""
        if self.is_remote:
            return self._ask({"query": [query], "prompts": [prompt], "labels": [label]})
        return _result(self.function([query], [prompt], [label]))

    async def _ask(self, body: fields.Json) -> Result:
        events = asyncio.get_running_loop()
        ask = partial(copy_context().run, post_json, self.url, body, self.options.timeout)
        return _result(await events.run_in_executor(self.threads, ask))


def _checked(function: Any) -> Any:
    try:
        signature(function).bind([], [], [])
    except (TypeError, ValueError) as error:
        raise LoadRefused(
            f"could not call the target as OpenRLHF does: {error}", hint="it is called with (queries, prompts, labels)"
        ) from error
    if iscoroutinefunction(function):
        raise LoadRefused("could not call the target as OpenRLHF does: it is asynchronous")
    return function


def _result(answer: Any) -> Result:
    if answer is None or answer == {}:
        return unscored(Kind.ABSTAINED)
    if not isinstance(answer, Mapping) or "rewards" not in answer:
        what = f"a mapping of {', '.join(map(str, answer))}" if isinstance(answer, Mapping) else type(answer).__name__
        return failed(Kind.NOT_A_NUMBER, f"the rubric returned {what}, where OpenRLHF reads 'rewards'")
    result = result_of_number(_one(answer["rewards"]))
    scores = {"scores": _one(answer["scores"])} if answer.get("scores") is not None else {}
    logs = {name: _one(value) for name, value in (answer.get("extra_logs") or {}).items()}
    result.components, result.metrics, result.labels = parts_of(scores | logs)
    return result


def _one(value: Any) -> Any:
    return value[0] if isinstance(value, (list, tuple)) and len(value) == 1 else value
