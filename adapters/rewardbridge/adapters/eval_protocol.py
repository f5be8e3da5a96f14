"""The `eval_protocol` adapter: what Eval Protocol decorates, `@reward_function` and `@evaluation_test`.

Target: `eval_protocol:my_test.py:test_score` or `eval_protocol:eval_protocol.rewards.length:length_reward`. `args` are
further keyword arguments of every call; an evaluation test of single rows takes none.

Versions: 0.3.33. An evaluation test is called directly, `await test(row)`, without its rollouts and data sets.

Unit: episode, `step` on request. An evaluation test of the modes `groupwise` and `all`, and a reward function of the
mode `batch`, have the unit group.

Inputs: prompt and messages in chat form, the answer as `ground_truth`, and the columns: by name for a reward function,
as `input_metadata.dataset_info` of a row, which also has the tools. What a reward function names without a default must
be there; a test needs the answer unless `needs` leaves it out. `columns` names more.

No score: as in the adapter `reward_kit`, whose reports these are; a row that comes back without an `evaluation_result`
is `unscored(abstained)`. Rows of a group are told apart by where they are in the list that comes back.

Components, step scores: as in the adapter `reward_kit`.

Threads and loops: synchronous functions on the main thread, the others and all tests on one loop.

Import cost: about 4 s of CPU and 200 MB for each worker, and a request for a list of prices unless the variable
LITELLM_LOCAL_MODEL_COST_MAP is True, which the adapter sets.

Live from `/ws` with a view for prompt, messages and answer; and offline.
"""

import os
from inspect import isawaitable
from typing import Any

from rewardbridge import fields
from rewardbridge.adapters.reward_kit import RewardKitAdapter
from rewardbridge.calling.chat import chat
from rewardbridge.calling.reward_functions import RewardFunction
from rewardbridge.calling.settings import Settings
from rewardbridge.seam import LoadRefused, Source


class EvalProtocolAdapter(RewardKitAdapter):
    """A reward function or an evaluation test."""

    def __init__(self, source: Source) -> None:
        os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        super().__init__(source, "eval_protocol")

    def callee_of(self, found: Any) -> "RewardFunction | EvaluationTest":
        if callable(found) and hasattr(found, "__ep_params__"):
            return EvaluationTest(found, self.settings)
        return super().callee_of(found)


class EvaluationTest:
    """A decorated test, with the calls of a :class:`RewardFunction`."""

    def __init__(self, found: Any, settings: Settings) -> None:
        self.function = found
        self.is_batch = found._metainfo["mode"] != "pointwise"
        self.args = dict(settings.args or {})
        if self.args and not self.is_batch:
            raise LoadRefused("could not give args: an evaluation test of single rows takes none")
        self.columns = list(settings.columns or ())
        self.needs = list(settings.needs or ("prompt", "messages", "answer"))

    async def call(self, record: fields.Json) -> Any:
        return (await self.function(self._row(record))).evaluation_result

    def call_all(self, records: list[fields.Json]) -> Any:
        return self._reports([self._row(each) for each in records])

    async def _reports(self, rows: list[Any]) -> list[Any]:
        scored = self.function(rows=rows, **self.args)
        return [each.evaluation_result for each in (await scored if isawaitable(scored) else scored)]

    def _row(self, record: fields.Json) -> Any:
        from eval_protocol.models import EvaluationRow, InputMetadata, Message, Status

        if "answer" in self.needs:
            fields.answer(record)
        for name in self.columns:
            fields.column(record, name)
        identity = (record.get("group") or {}).get("id") or record.get("id") or (record.get("task") or {}).get("id")
        conversation = chat([*fields.prompt(record), *fields.messages(record)])
        return EvaluationRow(
            messages=[Message.model_validate(each) for each in conversation],
            tools=record.get("tools"),
            ground_truth=record.get("answer"),
            input_metadata=InputMetadata(row_id=identity, dataset_info=dict(record.get("info") or {})),
            rollout_status=Status.rollout_finished(),
        )
