"""Environments of the Open Reward Standard: replayed here, and called over the library's own server for comparison."""

import asyncio
import json
from socket import socket
from threading import Thread
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest

pytest.importorskip("openreward", reason="scripts/test-libraries.sh openreward makes its environment")

import uvicorn
from openreward.environments import Server

from calls import score, values
from records import PLAIN, RECORDS, TOOL_CALL, conversed, group, said
from rewardbridge.kinds import Kind
from rewardbridge.seam import LoadRefused

CODE = '''
import os
from openreward.environments import Environment, Server, TextBlock, ToolOutput, terminal, tool
from openreward.environments.types import GroupScore
from pydantic import BaseModel

log = []

def texts(messages):
    return [block.text for each in messages for block in each.blocks if block.type == "text"]

class Numbers(BaseModel):
    a: int
    b: int

class Text(BaseModel):
    text: str

class Base(Environment):
    @classmethod
    def list_splits(cls):
        return ["train"]

    @classmethod
    def list_tasks(cls, split):
        return [{"answer": "144", "difficulty": "easy"}]

    def get_prompt(self):
        return [TextBlock(text="?")]

class Calculator(Base):
    """Pays a bit for each first multiplication, and the rest for the answer."""

    async def setup(self):
        self.count = 0
        log.append("setup")

    def teardown(self):
        log.append("teardown")

    @tool
    def multiply(self, numbers: Numbers) -> ToolOutput:
        self.count += 1
        reward = 0.25 if self.count == 1 else None
        return ToolOutput(blocks=[TextBlock(text=str(numbers.a * numbers.b))], reward=reward)

    @tool
    async def give_up(self) -> ToolOutput:
        return ToolOutput(blocks=[], reward=-0.5, finished=True)

    @tool
    async def boom(self) -> ToolOutput:
        raise RuntimeError("out of paper")

    @terminal
    @tool
    async def submit(self, said: Text) -> ToolOutput:
        right = str(self.task_spec["answer"]) in said.text
        return ToolOutput(blocks=[], reward=float(right), finished=True)

class Silent(Base):
    @tool
    async def multiply(self, numbers: Numbers) -> ToolOutput:
        return ToolOutput(blocks=[])

class Nan(Base):
    @tool
    async def multiply(self, numbers: Numbers) -> ToolOutput:
        return ToolOutput(blocks=[], reward=float("nan"))

class Comparing(Calculator):
    async def score_group(self, candidates):
        log.append([message.model_dump(exclude_none=True) for message in candidates[0].messages])
        lengths = [sum(map(len, texts(each.messages))) for each in candidates]
        best = min(lengths)
        found = [GroupScore(reward=best / each, metadata={"length": each, "by": "length"}) for each in lengths]
        return found[: self.task_spec.get("count", len(found))]

class Bare(Calculator):
    async def score_group(self, candidates):
        return [place / 10 for place, _ in enumerate(candidates)]

class Secret(Calculator):
    def __init__(self, task_spec, secrets):
        super().__init__(task_spec, secrets)
        self.task_spec = {"answer": secrets["GOLD"]}
'''


class Session:
    """One rollout over HTTP, as a client of the library has it."""

    def __init__(self, url, task):
        self.url, self.headers = url, {"X-Session-ID": str(uuid4()), "content-type": "application/json"}
        self.post("/create", {"env_name": "calculator", "task_spec": task})

    def post(self, path, body):
        with urlopen(Request(self.url + path, json.dumps(body).encode(), self.headers), timeout=30) as answer:
            return answer.read().decode()

    def call(self, name, given):
        """What the server streams, put together: its chunks, and the last of them with the end."""
        answer = self.post("/calculator/call", {"name": name, "input": given})
        text = ""
        for event in answer.replace("\r", "").split("\n\n"):
            lines = dict(line.split(": ", 1) for line in event.splitlines() if ": " in line and line[0] != ":")
            if lines.get("event") in ("chunk", "end"):
                text += lines.get("data", "")
        return json.loads(text)


@pytest.fixture(scope="module")
def server():
    space = {"__name__": "the_same_code"}
    exec(CODE, space)
    with socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        config = uvicorn.Config(Server([space["Calculator"]]).app, log_level="warning")
        running = uvicorn.Server(config)
        thread = Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        running.should_exit = True
        thread.join(30)


def over_http(session, record):
    """The rewards that the library's server gives for the record's calls."""
    rewards = []
    for message in record["messages"]:
        if message["role"] != "assistant":
            continue
        calls = [(each["name"], json.loads(each["arguments"])) for each in message.get("tool_calls", [])]
        for name, given in calls or [("submit", {"text": message["content"]})]:
            answer = session.call(name, given)
            if answer.get("ok"):
                rewards.append(answer["output"]["reward"])
    return [each for each in rewards if each is not None]


@pytest.mark.parametrize("name", PLAIN)
def test_parity_with_the_librarys_server(make, server, name):
    record = RECORDS[name]
    result = score(make("openreward:rewards.py:Calculator", CODE), record)
    expected = over_http(Session(server, {"answer": "144", "difficulty": "easy"}), record)
    assert result.status == "scored" and result.reward == pytest.approx(sum(expected), abs=1e-12)
    assert [each["value"] for each in result.components] == expected


def test_rewards_by_turn(make):
    result = score(make("openreward:rewards.py:Calculator", CODE), RECORDS["tools"])
    assert result.reward == 1.25 and values(result) == {"1.multiply": 0.25, "3.terminal": 1.0}
    assert result.step_scores == [{"step": 1, "reward": 0.25}, {"step": 3, "reward": 1.0}]
    assert result.metrics == {"finished": 1.0, "refused": 0.0}


def test_each_record_has_an_environment_of_its_own(make):
    made = make("openreward:rewards.py:Calculator", CODE)
    log = made.environment.setup.__globals__["log"]

    async def together():
        return await asyncio.gather(*(made.score(f"e/{n}", RECORDS["tools"]) for n in range(8)))

    assert [each.reward for each in asyncio.run(together())] == [1.25] * 8
    assert sorted(log) == ["setup"] * 8 + ["teardown"] * 8


def call(name, arguments="{}"):
    return {"role": "assistant", "content": "", "tool_calls": [{"id": "1", "name": name, "arguments": arguments}]}


def test_what_the_library_refuses_pays_nothing(make):
    unknown, garbled, wrong = call("divide"), call("multiply", "{a: 1}"), call("multiply", '{"a": "x", "b": 1}')
    after = [call("give_up"), RECORDS["tools"]["messages"][0], {"role": "assistant", "content": "144"}]
    result = score(make("openreward:rewards.py:Calculator", CODE), conversed([unknown, garbled, wrong, *after]))
    assert result.reward == -0.5 and values(result) == {"4.give_up": -0.5}
    assert result.metrics == {"finished": 1.0, "refused": 5.0}


@pytest.mark.parametrize(
    ("target", "record", "kind"),
    [
        ("Silent", RECORDS["tools"], Kind.ABSTAINED),
        ("Silent", RECORDS["right"], Kind.ABSTAINED),
        ("Nan", RECORDS["tools"], Kind.NOT_FINITE),
        ("Calculator", conversed([call("boom")]), Kind.EXCEPTION),
        ("Calculator", RECORDS["no gold"], Kind.NEEDS),
    ],
)
def test_no_score(make, target, record, kind):
    result = score(make(f"openreward:rewards.py:{target}", CODE), record)
    assert result.kind is kind and result.reward is None and not result.step_scores


def test_a_failure_still_ends_the_environment(make):
    made = make("openreward:rewards.py:Calculator", CODE)
    result = score(made, conversed([call("boom")]))
    assert "out of paper" in result.message and "rewards.py" in result.traceback
    assert made.environment.setup.__globals__["log"] == ["setup", "teardown"]


def test_the_task(make, monkeypatch):
    made = make("openreward:rewards.py:Calculator", CODE, args={"answer_field": None}, columns=["answer"])
    assert made.describe().needs == ["messages"] and made.describe().columns == ["answer"]
    assert score(made, said("144", answer=None, info={"answer": 144})).reward == 1.0
    assert score(made, said("144", answer=None)).kind is Kind.NEEDS
    own = make("openreward:rewards.py:Calculator", CODE, args={"answer_field": None})
    assert score(own, said("144", answer=None, info=None)).reward == 1.0
    monkeypatch.setenv("GOLD", "154")
    secret = make("openreward:rewards.py:Secret", CODE, args={"secrets": ["GOLD"]})
    assert [score(secret, RECORDS[name]).reward for name in ("right", "wrong")] == [0.0, 1.0]


def test_groups(make):
    made = make("openreward:rewards.py:Comparing", CODE, unit="group")
    members = [RECORDS[name] for name in ("right", "tools", "long")]
    results = score(made, group(*members)).members
    lengths = [
        sum(len(each["content"] or "") for each in record["messages"] if each["role"] != "tool") for record in members
    ]
    assert [each.reward for each in results] == [min(lengths) / length for length in lengths]
    assert [values(each) for each in results] == [{"length": length} for length in lengths]
    assert results[0].labels == {"by": "length"}


def test_a_groups_messages_as_blocks(make):
    made = make("openreward:rewards.py:Comparing", CODE, unit="group")
    score(made, group(RECORDS["tools"], RECORDS["right"]))
    said, answered = made.environment.setup.__globals__["log"][1][:2]
    assert [each["type"] for each in said["blocks"]] == ["text", "tool_call"] and said["role"] == "assistant"
    assert said["blocks"][1]["input"] == json.loads(TOOL_CALL["arguments"])
    assert answered["role"] == "user" and answered["blocks"][0]["tool_call_id"] == TOOL_CALL["id"]


def test_bare_scores_and_too_few(make):
    made = make("openreward:rewards.py:Bare", CODE, unit="group")
    assert [each.reward for each in score(made, group(RECORDS["right"], RECORDS["wrong"])).members] == [0.0, 0.1]
    few = make("openreward:rewards.py:Comparing", CODE, unit="group")
    counted = [said(text, info={"count": 1}) for text in ("144", "154")]
    assert score(few, group(*counted)).kind is Kind.WRONG_COUNT
    mixed = group(said("144", info={"count": 1}), said("144"))
    assert "different tasks" in score(few, mixed).message


@pytest.mark.parametrize(
    ("target", "settings", "reason"),
    [
        ("Numbers", {}, "not an environment"),
        ("Calculator", {"unit": "group"}, "has no score_group"),
        ("Calculator", {"unit": "step"}, "from the first to the last"),
        ("Calculator", {"args": {"answers": "x"}}, "unknown name 'answers'"),
    ],
)
def test_refusals(make, target, settings, reason):
    with pytest.raises(LoadRefused) as refused:
        make(f"openreward:rewards.py:{target}", CODE, **settings)
    assert reason in refused.value.message


def test_the_example(example):
    made, records = example("openreward")
    assert [score(made, each).reward for each in records] == [1.0, 0.5, None]
