"""The task of an environment for verifiers. Nothing in here knows of the bridge."""

import re

import verifiers.v1 as vf


class SumData(vf.TaskData):
    answer: str


class Sums(vf.Task[SumData, vf.State, vf.TaskConfig]):
    @vf.reward(weight=0.75)
    async def correct(self, task: SumData, trace: vf.Trace) -> float:
        found = re.search(r"<answer>(.*?)</answer>", trace.last_reply, re.DOTALL)
        return float(found is not None and found[1] == task.answer)

    @vf.reward(weight=0.25)
    async def tidy(self, trace: vf.Trace) -> float:
        """1 when thoughts stand in their own tags."""
        return float("<think>" in trace.last_reply)

    @vf.metric
    async def length(self, trace: vf.Trace) -> float:
        return len(trace.last_reply)
