"""LLMJudge against a stub of an OpenAI-compatible server, for which an answer waits until all questions are there."""

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from echo import adapter, outcome, record, steps, turns

from rewardbridge.kinds import Kind

TOGETHER = 4

AUTHORED = """
from openenv.core.llm_client import OpenAIClient
from openenv.core.rubrics import LLMJudge, WeightedSum
from echo_env.models import EchoAction, EchoObservation
from echo_env.rubrics import Length

class Judge(LLMJudge):
    async def forward(self, action: EchoAction, observation: EchoObservation) -> float:
        return await super().forward(action, observation)

def judge(url, prompt="Rate {action.message}"):
    client = OpenAIClient(url, None, model="stub")
    client._client.max_retries = 0
    return Judge(prompt, client)

def within(url):
    return WeightedSum([judge(url), Length()], [0.5, 0.5])

once = judge(URL)
"""


class Stub(BaseHTTPRequestHandler):
    """Says what stands behind `say`, and answers `down` with status 500; `together` waits for the others."""

    asked: list[str] = []
    barrier = threading.Barrier(TOGETHER)

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        prompt = request["messages"][-1]["content"]
        self.asked.append(prompt)
        if "together" in prompt:
            self.barrier.wait(20)
        message = {"role": "assistant", "content": prompt.partition("say ")[2]}
        self.answer(500 if "down" in prompt else 200, {"choices": [{"index": 0, "message": message}]})

    def answer(self, status, content):
        body = json.dumps({"id": "1", "object": "chat.completion", "created": 0, "model": "stub", **content}).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def url():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Stub.asked.clear()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def load(root, url, monkeypatch):
    (root / "judges.py").write_text(f"URL = {url!r}\n{AUTHORED}")
    monkeypatch.syspath_prepend(root)

    def make(target, **args):
        return adapter(f"judges.py:{target}", root, args=None if target == "once" else {"url": url, **args})

    return make


def asked(made, *said):
    made.open("e/1")
    return [outcome(made.score("e/1", record(each))) for each in steps(turns(list(said)))]


@pytest.mark.parametrize("target", ["judge", "within", "once"])
def test_it_is_described_as_what_it_is(load, target):
    description = load(target).describe()
    assert description.asynchronous and description.stateful
    assert description.deterministic is False and description.to_json()["mutable"] is True


@pytest.mark.parametrize(
    ("answer", "reward"),
    [("0.75", 0.75), ("Score: 8/10", 1.0), ("none at all", 0.0), ("-0.5", 0.5)],
    ids=["a number", "clamped", "no number", "the sign is not read"],
)
def test_the_answer_is_read_as_the_library_reads_it(load, answer, reward):
    [result] = asked(load("judge"), f"say {answer}")
    assert (result.status, result.reward) == ("scored", reward)
    assert Stub.asked == [f"Rate say {answer}"]


def test_a_part_of_a_tree(load):
    [result] = asked(load("within"), "say 0.5")
    assert result.reward == (0.5 + 1.2) / 2
    assert [(each["path"], each["value"]) for each in result.components] == [("rubric_0", 0.5), ("rubric_1", 1.2)]


def test_a_judge_that_is_down_is_no_zero(load):
    [result] = asked(load("within"), "down")
    assert result.kind is Kind.EXCEPTION and "InternalServerError" in result.message
    assert [(each["path"], each["value"]) for each in result.components] == [("rubric_0", None), ("rubric_1", 0.9)]


def test_a_prompt_with_other_braces_is_no_zero(load):
    [result] = asked(load("judge", prompt='{"score": 1} {action}'), "say 1")
    assert result.kind is Kind.EXCEPTION and "KeyError" in result.message and Stub.asked == []


@pytest.mark.parametrize("target", ["judge", "once"])
def test_episodes_are_judged_at_once_and_none_reads_anothers_score(load, target):
    made = load(target)
    said = steps(turns([f"together say 0.{each}" for each in range(TOGETHER)]))

    async def all_of_them():
        for each in range(TOGETHER):
            made.open(f"e/{each}")
        return await asyncio.gather(*(made.score(f"e/{each}", record(step)) for each, step in enumerate(said)))

    results = asyncio.run(all_of_them())
    assert [each.reward for each in results] == [each / 10 for each in range(TOGETHER)]
    assert [each.tree[0]["score"] for each in results] == [each / 10 for each in range(TOGETHER)]


def test_copies_of_an_instance_share_its_client(load):
    made = load("once")
    made.open("a"), made.open("b")
    first, second = (made.episodes[each].root for each in "ab")
    assert first is not second and first._client is second._client
