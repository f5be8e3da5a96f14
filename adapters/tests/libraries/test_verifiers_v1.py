"""Tasks of verifiers from 0.4 on, each against a direct call of the library."""

import asyncio
import sys
from types import ModuleType

import pytest

pytest.importorskip("verifiers.v1.semantic", reason="scripts/test-libraries.sh verifiers_v1 makes its environment")

import verifiers.v1 as vf

from calls import score, values
from judge import Judge
from records import PLAIN, RECORDS, said
from rewardbridge.kinds import Kind
from rewardbridge.seam import LoadRefused

CODE = """
import asyncio
import verifiers.v1 as vf

class Data(vf.TaskData):
    answer: str | list[str]
    difficulty: str
    level: int = 3

class Config(vf.TaskConfig):
    bonus: float = 0.0

class State(vf.State):
    count: int = 0

class Math(vf.Task[Data, State, Config]):
    @vf.reward(weight=0.75)
    async def correct(self, task, trace) -> float:
        golds = task.answer if isinstance(task.answer, list) else [task.answer]
        return float(any(gold in trace.last_reply for gold in golds))

    @vf.reward(weight=0.25, priority=2)
    async def boxed(self, trace) -> float:
        trace.state.count += 1
        return float("boxed" in (trace.last_message.content or "")) + self.config.bonus

    @vf.reward
    async def keyed(self, trace) -> dict:
        return {"brief": 1 / (1 + len(trace.transcript)), "asked": float(trace.task.data.prompt == "x")}

    @vf.metric
    async def turns(self, trace) -> float:
        return trace.num_turns + 10 * len(trace.tool_messages) + 100 * trace.state.count

    @vf.metric
    async def facts(self, task) -> dict:
        return {"level": task.level, "easy": task.difficulty == "easy"}

class Plain(vf.Task[vf.TaskData, vf.State, vf.TaskConfig]):
    @vf.reward
    async def yes(self, trace) -> float:
        return 1.0

class Raises(Plain):
    @vf.reward
    async def boom(self) -> float:
        raise KeyError("gold")

class Slow(Plain):
    @vf.reward
    async def slow(self) -> float:
        raise TimeoutError

class Sync(Plain):
    @vf.reward
    def sync(self) -> float:
        return 1.0

class NoneAtAll(Plain):
    @vf.reward
    async def nothing(self):
        return None

class Nan(Plain):
    @vf.reward(weight=0.0)
    async def nan(self) -> float:
        return float("nan")

class Keyless(vf.Task[vf.TaskData, vf.State, vf.TaskConfig]):
    @vf.reward
    async def keyless(self) -> dict:
        return {}

class Live(Plain):
    @vf.reward
    async def runs(self, runtime) -> float:
        return 1.0

class Optional(Plain):
    @vf.reward
    async def runs(self, runtime=None) -> float:
        return 0.5 if runtime is None else 1.0

    @vf.metric
    async def disk(self, runtime) -> float:
        return 1.0

class Empty(vf.Task[vf.TaskData, vf.State, vf.TaskConfig]):
    pass

async def plugged(task, trace):
    return 0.5
"""


def direct(space, name, record, **config):
    """By hand, as a rollout leaves its trace."""
    task_class = space[name]
    parts = []
    for each in [*record["prompt"], *record["messages"]]:
        match each["role"]:
            case "system":
                message = vf.SystemMessage(content=each["content"])
            case "user":
                message = vf.UserMessage(content=each["content"])
            case "tool":
                message = vf.ToolMessage(tool_call_id="call_1", content=each["content"], name="multiply")
            case _:
                calls = [vf.ToolCall(**call) for call in each.get("tool_calls", [])] or None
                message = vf.AssistantMessage(content=each["content"], tool_calls=calls)
        parent = len(parts) - 1 if parts else None
        parts.append(vf.MessageNode(parent=parent, message=message, sampled=each["role"] == "assistant"))
    data = {"prompt": record["prompt"][1]["content"], "system_prompt": record["prompt"][0]["content"], "idx": 0}
    data = task_class.data_type()(**data, **record["info"], **({"answer": record["answer"]} if name == "Math" else {}))
    task = task_class(data, config=task_class.config_type()(**config))
    trace = vf.Trace(
        task=vf.TraceTask(type=name, data=data, key=task.key, hash=task.hash),
        agent=vf.AgentInfo(config=vf.AgentConfig()),
        state=space["State"]() if name == "Math" else vf.State(),
        nodes=parts,
    )
    asyncio.run(task.score(trace))
    return trace


@pytest.fixture
def space():
    module = ModuleType("the_same_code")
    sys.modules["the_same_code"] = module
    exec(CODE, vars(module))
    yield vars(module)
    del sys.modules["the_same_code"]


@pytest.mark.parametrize("name", RECORDS)
def test_parity(make, space, name):
    result = score(make("verifiers_v1:rewards.py:Math", CODE, args={"bonus": 0.125}), RECORDS[name])
    if name == "no gold":
        assert result.kind is Kind.NEEDS and "answer" in result.message
        return
    trace = direct(space, "Math", RECORDS[name], bonus=0.125)
    assert result.status == "scored" and result.reward == pytest.approx(trace.reward, abs=1e-12)
    assert [(each["path"], each["value"], each["weight"]) for each in result.components] == [
        (path, each.score, each.weight) for path, each in trace.rewards.items()
    ]
    assert result.metrics == trace.metrics


def test_the_description(make):
    description = make("verifiers_v1:rewards.py:Math", CODE).describe()
    assert description.needs == ["prompt", "messages", "answer"] and description.columns == ["difficulty"]
    assert sorted(description.components) == ["boxed", "correct", "keyed"] and description.asynchronous
    assert make("verifiers_v1:rewards.py:Plain", CODE).describe().needs == ["prompt", "messages"]


def test_columns(make):
    made = make("verifiers_v1:rewards.py:Math", CODE)
    result = score(made, said("144", info={"difficulty": "easy", "level": 7}))
    assert result.metrics["level"] == 7, result
    result = score(made, said("144", info={"level": 7}))
    assert result.kind is Kind.NEEDS and "info.difficulty" in result.message


@pytest.mark.parametrize(
    ("target", "kind", "message"),
    [
        ("Raises", Kind.EXCEPTION, "KeyError: 'gold'"),
        ("Slow", Kind.TIMEOUT, "timed out"),
        ("Sync", Kind.EXCEPTION, "awaitable"),
        ("NoneAtAll", Kind.EXCEPTION, "NoneType"),
        ("Nan", Kind.NOT_FINITE, "nan"),
        ("Keyless", Kind.ABSTAINED, "no reward"),
    ],
)
def test_no_score(make, target, kind, message):
    result = score(make(f"verifiers_v1:rewards.py:{target}", CODE), RECORDS["right"])
    assert result.kind is kind and result.status == kind.status and message in result.message


def test_of_what_the_author_raised(make):
    result = score(make("verifiers_v1:rewards.py:Raises", CODE), RECORDS["right"])
    assert "rewards.py" in result.traceback and "TaskError" in result.message
    assert values(result) == {"boom": None, "yes": None}


@pytest.mark.parametrize(
    ("target", "reason"), [("Live", "live runtime"), ("Empty", "no @vf.reward"), ("plugged", "not a task")]
)
def test_refusals(make, target, reason):
    with pytest.raises(LoadRefused) as refused:
        make(f"verifiers_v1:rewards.py:{target}", CODE)
    assert reason in refused.value.message


def test_what_does_without_a_runtime(make, space):
    result = score(make("verifiers_v1:rewards.py:Optional", CODE), RECORDS["right"])
    assert result.reward == direct(space, "Optional", RECORDS["right"]).reward == 1.5 and result.metrics is None


def test_plugged_rewards(make, root):
    rewards = {"more": {"fn": "rewards:plugged", "weight": 2.0}, "yes": {"weight": 0.25}}
    result = score(make("verifiers_v1:rewards.py:Plain", CODE, args={"rewards": rewards}), RECORDS["right"])
    assert result.reward == 1.25 and values(result) == {"more": 0.5, "yes": 1.0}


def test_judges(make):
    with Judge() as judge:
        judge.says = lambda question: "yes" if "boxed{144}" in question else "no"
        config = {"id": "reference", "base_url": judge.url, "model": "stub", "weight": 0.5}
        made = make("verifiers_v1:rewards.py:Math", CODE, args={"judges": [config]})
        description = made.describe()
        assert description.mutable and description.deterministic is False
        results = [score(made, RECORDS[name]) for name in ("right", "wrong")]
        assert len(judge.asked) == 2
        judge.mode = "garbage"
        assert score(made, RECORDS["right"]).kind is Kind.JUDGE_UNPARSEABLE
        judge.mode = "refuses"
        assert score(made, RECORDS["right"]).kind is Kind.JUDGE_FAILED
    assert [values(each)["reference"] for each in results] == [1.0, 0.0]
    assert [each["weight"] for each in results[0].components if each["path"] == "reference"] == [0.5]


def test_scores_at_once_do_not_mix(make):
    made = make("verifiers_v1:rewards.py:Math", CODE)

    async def together():
        return await asyncio.gather(*(made.score(f"e/{name}", RECORDS[name]) for name in PLAIN * 3))

    alone = [score(made, RECORDS[name]) for name in PLAIN * 3]
    assert [(each.reward, each.metrics) for each in asyncio.run(together())] == [
        (each.reward, each.metrics) for each in alone
    ]


def test_the_example(example):
    made, records = example("verifiers_v1")
    assert [score(made, each).reward for each in records] == [1.0, 0.0, 0.75]
