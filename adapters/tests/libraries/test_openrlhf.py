"""OpenRLHF 0.11.2, whose executor is run from its file, without torch: `scripts/test-libraries.sh openrlhf`."""

import asyncio
import json
import logging
import sys
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import distribution
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from types import SimpleNamespace

import pytest

if find_spec("openrlhf") is None or find_spec("aiohttp") is None:
    pytest.skip("scripts/test-libraries.sh openrlhf makes its environment", allow_module_level=True)

from calls import made, score, values, waited  # noqa: E402
from records import PLAIN, PROMPT, RECORDS, said  # noqa: E402

from rewardbridge import fields  # noqa: E402
from rewardbridge.kinds import Kind  # noqa: E402
from rewardbridge.seam import LoadRefused  # noqa: E402

PROMPT_TEXT = "\n\n".join(each["content"] for each in PROMPT)

AUTHORED = """
asked = []

def reward_func(queries, prompts, labels):
    asked.append((queries, prompts, labels))
    right = [float(label in query[len(prompt):]) for query, prompt, label in zip(queries, prompts, labels)]
    lengths = [len(query) - len(prompt) for query, prompt in zip(queries, prompts)]
    return {"rewards": right, "scores": [each / 2 for each in right], "extra_logs": {"length": lengths, "tail": "144"}}

class Tensor:
    def __init__(self, value):
        self.value = value
    def item(self):
        return self.value

def tensors(queries, prompts, labels):
    return {"rewards": Tensor(0.25)}

def plain(queries, prompts, labels):
    return 1.0

def none(queries, prompts, labels):
    return {"rewards": None, "extra_logs": {"why": "no idea"}}

def nothing(queries, prompts, labels):
    return None

def misspelt(queries, prompts, labels):
    return {"reward": [1.0]}

def two(queries, prompts, labels):
    return {"rewards": [1.0, 2.0]}

def raises(queries, prompts, labels):
    raise KeyError("label")

def two_parameters(queries, labels):
    return {"rewards": [1.0]}

async def later(queries, prompts, labels):
    return {"rewards": [1.0]}
"""


@pytest.fixture
def own(make):
    return lambda target="reward_func", **settings: make(f"openrlhf:rewards.py:{target}", AUTHORED, **settings)


@pytest.fixture(scope="module")
def agent():
    """`openrlhf.utils.agent` by its file; the packages above it import torch."""
    sys.modules["openrlhf.utils.logging_utils"] = SimpleNamespace(init_logger=logging.getLogger)
    path = next(each for each in distribution("openrlhf").files if str(each).endswith("openrlhf/utils/agent.py"))
    spec = spec_from_file_location("openrlhf_agent", distribution("openrlhf").locate_file(path))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Tokenizer:
    """Of code points, which render to what they were."""

    def __call__(self, text, **_):
        return {"input_ids": [SimpleNamespace(tolist=lambda: list(map(ord, text)))]}

    def decode(self, ids, **_):
        return "".join(map(chr, ids))


class Engine:
    """A language model that says what it is told to."""

    def __init__(self, text):
        self.text = text

    async def generate(self, *_, **__):
        output = SimpleNamespace(token_ids=list(map(ord, self.text)), finish_reason="stop", logprobs=None)
        return SimpleNamespace(outputs=[output])


def rollout(agent, endpoint, record):
    """What OpenRLHF's own executor gives for the record."""
    executor = agent.SingleTurnAgentExecutor(endpoint)
    parameters = SimpleNamespace(max_tokens=10_000, logprobs=None)
    engine = Engine(fields.completion(record))
    call = executor.execute(PROMPT_TEXT, record["answer"], parameters, 100_000, Tokenizer(), engine)
    return asyncio.run(call)


@pytest.mark.parametrize("name", PLAIN)
def test_a_function_gives_what_the_library_gives(own, agent, root, name):
    component = own()
    direct = rollout(agent, str(root / "rewards.py"), RECORDS[name])
    result = score(component, RECORDS[name])
    assert (result.status, [result.reward]) == ("scored", direct["reward"])
    assert [values(result)["scores"]] == direct["scores"]
    assert [values(result)["length"]] == direct["extra_logs"]["length"]
    assert result.labels == {"tail": direct["extra_logs"]["tail"]}


def test_what_the_function_is_called_with(own):
    component = own()
    score(component, RECORDS["right"])
    [(queries, prompts, labels)] = component.function.__globals__["asked"]
    assert prompts == [PROMPT_TEXT] and labels == ["144"]
    assert queries == [PROMPT_TEXT + fields.completion(RECORDS["right"])]


def test_texts_as_the_trainer_rendered_them(own):
    component = own(args={"query": "rendered", "prompt": "rendered_prompt"})
    assert component.describe().needs == ["answer"]
    assert component.describe().columns == ["rendered", "rendered_prompt"]
    info = {"rendered": "<|user|>144?<|end|>144</s>", "rendered_prompt": "<|user|>144?<|end|>"}
    record = RECORDS["wrong"] | {"info": info}
    assert score(component, record).reward == 1
    assert score(component, RECORDS["wrong"]).message == "the record holds no info.rendered_prompt"


@pytest.mark.parametrize(
    ("target", "status", "kind"),
    [
        ("none", "unscored", Kind.ABSTAINED),
        ("nothing", "unscored", Kind.ABSTAINED),
        ("plain", "failed", Kind.NOT_A_NUMBER),
        ("misspelt", "failed", Kind.NOT_A_NUMBER),
        ("two", "failed", Kind.NOT_A_NUMBER),
        ("raises", "failed", Kind.EXCEPTION),
    ],
)
def test_no_score(own, agent, root, target, status, kind):
    """OpenRLHF goes on without a reward, whatever happened."""
    component = own(target)
    result = score(component, RECORDS["right"])
    assert (result.status, result.kind) == (status, kind)
    (root / "rewards.py").write_text(f"{AUTHORED}\nreward_func = {target}\n")
    assert target == "two" or rollout(agent, str(root / "rewards.py"), RECORDS["right"])["reward"] is None


def test_what_has_no_score_keeps_its_logs(own):
    assert score(own("none"), RECORDS["right"]).labels == {"why": "no idea"}


def test_tensors_and_missing_labels(own):
    assert score(own("tensors"), RECORDS["right"]).reward == 0.25
    assert score(own(), RECORDS["no gold"]).kind is Kind.NEEDS
    unlabelled = own("tensors", args={"label": False})
    assert unlabelled.describe().needs == ["prompt", "completion"]
    assert score(unlabelled, RECORDS["no gold"]).reward == 0.25


@pytest.mark.parametrize(
    ("target", "settings", "reason"),
    [
        ("two_parameters", {}, "as OpenRLHF does"),
        ("later", {}, "asynchronous"),
        ("reward_func", {"unit": "batch"}, "one reward at a time"),
        ("reward_func", {"args": {"bonus": 1}}, "unknown name 'bonus'"),
    ],
)
def test_what_is_refused(own, target, settings, reason):
    with pytest.raises(LoadRefused, match=reason):
        own(target, **settings)


class Server(BaseHTTPRequestHandler):
    """A reward server, whose answer is another one where the prompt says so."""

    asked: list = []

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.asked.append(body)
        rewards = [float(label in query[len(prompt) :]) for query, prompt, label in zip(*body.values())]
        status = 500 if "down" in body["query"][0] else 200
        content = b"busy" if "busy" in body["query"][0] else json.dumps({"rewards": rewards}).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def url():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Server.asked.clear()
    yield f"http://127.0.0.1:{server.server_port}/get_reward"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("name", PLAIN)
def test_a_server_gives_what_it_gives_the_library(tmp_path, agent, url, name):
    direct = rollout(agent, url, RECORDS[name])
    component = made(f"openrlhf:{url}", tmp_path)
    assert [score(component, RECORDS[name]).reward] == direct["reward"]
    first, second = Server.asked
    assert first == second
    description = component.describe()
    assert description.asynchronous and description.mutable


def test_a_server_in_trouble_is_no_zero(tmp_path, url):
    component = made(f"openrlhf:{url}", tmp_path)
    assert score(component, said("down")).kind is Kind.VERIFIER_ERROR
    assert score(component, said("busy")).kind is Kind.JUDGE_UNPARSEABLE
    assert score(made("openrlhf:http://127.0.0.1:1/", tmp_path), said("x")).kind is Kind.TRANSPORT_UNREACHABLE


def test_requests_run_together(tmp_path, url):
    component = made(f"openrlhf:{url}", tmp_path)

    async def all_of_them():
        return await asyncio.gather(*map(partial(component.score, "e/1"), [RECORDS[name] for name in PLAIN]))

    assert [each.reward for each in waited(all_of_them())] == [1, 0, 1, 0, 1, 1, 1]


def test_the_example(example):
    component, records = example("openrlhf")
    assert [score(component, each).reward for each in records] == [1, 0]
