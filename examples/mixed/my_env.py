"""The task of an environment for verifiers. Nothing in here knows of the bridge."""

import verifiers.v1 as vf


class AnswerData(vf.TaskData):
    answer: str


class Answers(vf.Task[AnswerData, vf.State, vf.TaskConfig]):
    @vf.reward
    async def brief(self, trace: vf.Trace) -> float:
        return 1.0 if len(trace.last_reply) <= 80 else 0.5

    @vf.metric
    async def length(self, trace: vf.Trace) -> float:
        return len(trace.last_reply)
