"""Resources servers of NeMo Gym: a stand-in that takes and gives what their documented schema says, and, where the
library is installed (Python 3.13.14; `pip install nemo-gym==0.7.0`), its own servers."""

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from calls import score, values
from records import PLAIN, RECORDS, TOOL_CALL, said
from rewardbridge.kinds import Kind
from rewardbridge.seam import LoadRefused

TOOL = {"name": "multiply", "parameters": {"type": "object", "required": ["a", "b"]}}


def holds_null(value):
    if isinstance(value, dict):
        return any(each is None or holds_null(each) for each in value.values())
    return isinstance(value, list) and any(map(holds_null, value))


class StandIn:
    """`more` is what the verifier finds, beside the reward: 1 when the answer is in the response's text."""

    def __init__(self):
        self.asked = []
        self.more = {}
        self.status = 200

    def verify(self, body):
        self.asked.append(body)
        if holds_null(body) or not isinstance(body["responses_create_params"]["input"], list):
            return 422, {"detail": "a null"}
        if self.status != 200:
            return self.status, {"detail": "no room"}
        output = body["response"]["output"]
        text = "".join(part["text"] for item in output if item["type"] == "message" for part in item["content"])
        found = {
            "reward": float(str(body.get("expected_answer")) in text),
            "length": len(text),
            "extracted_answer": text[:8],
        }
        return 200, {**body, "mask_sample": False, "failure_kind": None, "failure_reason": None, **found, **self.more}


@pytest.fixture
def stand_in():
    stand_in = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            status, answer = stand_in.verify(body) if self.path == "/verify" else (404, {})
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    stand_in.url = f"http://127.0.0.1:{server.server_port}"
    yield stand_in
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("name", RECORDS)
def test_what_the_server_says(make, stand_in, name):
    result = score(make(f"nemo_gym:{stand_in.url}"), RECORDS[name])
    if name == "no gold":
        assert result.kind is Kind.NEEDS and not stand_in.asked
        return
    texts = [each["content"] for each in RECORDS[name]["messages"] if each["role"] == "assistant"]
    assert result.reward == float(str(RECORDS[name]["answer"]) in "".join(texts))
    assert result.metrics == {"length": float(len("".join(texts)))}
    assert result.labels == {"extracted_answer": "".join(texts)[:8]} and result.components is None


def test_the_request(make, stand_in):
    record = {
        **RECORDS["tools"],
        "tools": [{"type": "function", "function": TOOL}],
        "info": {"difficulty": "easy", "x": None},
    }
    score(make(f"nemo_gym:{stand_in.url}/verify/"), record)
    [request] = stand_in.asked
    assert request["expected_answer"] == "144" and request["difficulty"] == "easy" and "x" not in request
    assert [each["role"] for each in request["responses_create_params"]["input"]] == ["system", "user"]
    assert request["responses_create_params"]["tools"] == [{"type": "function", "strict": False, **TOOL}]
    output = request["response"]["output"]
    assert [each["type"] for each in output] == [
        "message",
        "function_call",
        "function_call_output",
        "message",
        "function_call",
        "function_call_output",
        "message",
    ]
    assert output[1]["call_id"] == output[2]["call_id"] == TOOL_CALL["id"] and output[2]["output"] == "144"
    assert output[1]["arguments"] == TOOL_CALL["arguments"] and output[0]["content"][0]["type"] == "output_text"


def test_a_recording_of_its_own_is_verified_as_it_was(make, stand_in):
    item = {"id": "m0", "type": "message", "role": "assistant", "status": "completed", "phase": None}
    raw = {
        "responses_create_params": {
            "input": [{"role": "user", "content": "?", "phase": None}],
            "tools": [],
            "seed": None,
        },
        "response": {
            "id": "resp_1",
            "output": [{**item, "content": [{"type": "output_text", "text": "144"}]}],
            "usage": None,
        },
        "reward": 0.0,
    }
    record = {**RECORDS["wrong"], "source": {"format": "nemo_gym", "raw": raw}}
    assert score(make(f"nemo_gym:{stand_in.url}"), record).reward == 1.0
    assert stand_in.asked[0]["response"]["id"] == "resp_1" and "reward" not in stand_in.asked[0]


@pytest.mark.parametrize(
    ("more", "kind", "message"),
    [
        ({"mask_sample": True}, Kind.MASKED, None),
        ({"mask_sample": True, "failure_reason": "the box was gone"}, Kind.MASKED, "the box was gone"),
        ({"mask_sample": True, "failure_kind": "wordle:no_word"}, Kind.MASKED, None),
        (
            {"mask_sample": True, "failure_kind": "judge_failed", "failure_reason": "HTTP 500"},
            Kind.JUDGE_FAILED,
            "HTTP 500",
        ),
        ({"mask_sample": True, "failure_kind": "provider_oom_killed"}, Kind.PROVIDER_OOM_KILLED, "masks"),
        ({"reward": None}, Kind.ABSTAINED, None),
        ({"reward": "1.0"}, Kind.NOT_A_NUMBER, "a str '1.0'"),
    ],
)
def test_no_score(make, stand_in, more, kind, message):
    stand_in.more = more
    result = score(make(f"nemo_gym:{stand_in.url}"), RECORDS["right"])
    assert result.kind is kind and result.status == kind.status and result.reward is None
    assert (message in result.message) if message else not result.message or "mapping" not in result.message


def test_a_degraded_score_is_a_score(make, stand_in):
    stand_in.more = {"failure_kind": "agent_timeout", "failure_reason": "the last turn was cut off"}
    result = score(make(f"nemo_gym:{stand_in.url}"), RECORDS["right"])
    assert result.reward == 1.0 and result.labels["failure_kind"] == "agent_timeout"
    assert result.labels["failure_reason"] == "the last turn was cut off"


def test_several_rewards(make, stand_in):
    stand_in.more = {"reward": 1.5, "reward_components": {"correct": 1.0, "boxed": 0.5}, "correct": 1.0, "boxed": 0.5}
    result = score(make(f"nemo_gym:{stand_in.url}"), RECORDS["right"])
    assert result.reward == 1.5 and values(result) == {"correct": 1.0, "boxed": 0.5}
    assert all(each["kind"] == "reward" and "weight" not in each for each in result.components)
    assert "correct" not in result.metrics


@pytest.mark.parametrize(
    ("status", "kind"), [(500, Kind.VERIFIER_ERROR), (422, Kind.VERIFIER_ERROR), (503, Kind.PROVIDER_UNAVAILABLE)]
)
def test_a_server_that_does_not_verify(make, stand_in, status, kind):
    stand_in.status = status
    result = score(make(f"nemo_gym:{stand_in.url}"), RECORDS["right"])
    assert result.kind is kind and str(status) in result.message and "no room" in result.message


def test_no_server(make):
    assert score(make("nemo_gym:http://127.0.0.1:9"), RECORDS["right"]).kind is Kind.TRANSPORT_UNREACHABLE


def test_an_answer_without_a_reward(make, stand_in):
    stand_in.verify = lambda body: (200, {"detail": "hello"})
    assert score(make(f"nemo_gym:{stand_in.url}"), RECORDS["right"]).kind is Kind.VERIFIER_ERROR


def test_settings(make, stand_in):
    made = make(f"nemo_gym:{stand_in.url}", args={"answer_field": None, "timeout": 5}, columns=["options"])
    description = made.describe()
    assert description.needs == ["prompt", "messages"] and description.columns == ["options"] and description.mutable
    assert score(made, RECORDS["right"]).kind is Kind.NEEDS
    score(made, said("144", info={"options": []}))
    assert "expected_answer" not in stand_in.asked[0]


@pytest.mark.parametrize(
    ("target", "settings", "reason"),
    [
        ("server.py:app", {}, "not a URL"),
        ("http://127.0.0.1:9", {"unit": "group"}, "one rollout"),
        ("http://127.0.0.1:9", {"args": {"answer": "x"}}, "unknown name 'answer'"),
    ],
)
def test_refusals(make, target, settings, reason):
    with pytest.raises(LoadRefused) as refused:
        make(f"nemo_gym:{target}", **settings)
    assert reason in refused.value.message


def test_requests_at_once(make, stand_in):
    made = make(f"nemo_gym:{stand_in.url}")

    async def together():
        return await asyncio.gather(*(made.score(f"e/{name}", RECORDS[name]) for name in PLAIN * 4))

    alone = [score(made, RECORDS[name]).reward for name in PLAIN * 4]
    assert [each.reward for each in asyncio.run(together())] == alone


def test_the_example(example, monkeypatch, stand_in):
    made, records = example("nemo_gym")
    made.url = f"{stand_in.url}/verify"
    assert [score(made, each).reward for each in records] == [1.0, 0.0]


# The library's own servers.

OPTIONS = [{"A": "143"}, {"B": "144"}, {"C": "154"}]


@pytest.fixture(scope="module")
def served():
    """Starts a resources server of the library: its app, behind uvicorn on a port of its own."""
    pytest.importorskip("nemo_gym", reason="NeMo Gym is not installed")
    import uvicorn
    from socket import socket
    from unittest.mock import MagicMock

    from nemo_gym.server_utils import ServerClient

    running = []

    def serve(server_class, config_class):
        config = config_class(host="127.0.0.1", port=0, entrypoint="app.py", name="stub", domain="math")
        app = server_class(config=config, server_client=MagicMock(spec=ServerClient)).setup_webserver()
        listening = socket()
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        running.append((server, thread, listening))
        return f"http://127.0.0.1:{listening.getsockname()[1]}"

    yield serve
    for server, thread, listening in running:
        server.should_exit = True
        thread.join(30)
        listening.close()


def verified(server_class, config_class, request_class, body):
    """A direct call of the server's own method."""
    from unittest.mock import MagicMock

    from nemo_gym.server_utils import ServerClient

    config = config_class(host="127.0.0.1", port=0, entrypoint="app.py", name="stub", domain="math")
    server = server_class(config=config, server_client=MagicMock(spec=ServerClient))
    return asyncio.run(server.verify(request_class.model_validate(body)))


def test_parity_with_mcqa(make, served):
    from resources_servers.mcqa.app import MCQAResourcesServer, MCQAResourcesServerConfig, MCQAVerifyRequest

    url = served(MCQAResourcesServer, MCQAResourcesServerConfig)
    made = make(f"nemo_gym:{url}", columns=["options"])
    texts = ["It is \\boxed{B}", "It is \\boxed{C}", "", "\\boxed{\\text{B}} 🎉", "B"]
    for text in texts:
        record = said(text, answer="B", info={"options": OPTIONS, "grading_mode": "strict_single_letter_boxed"})
        result = score(made, record)
        item = {"type": "message", "id": "m", "role": "assistant", "status": "completed"}
        content = [{"type": "output_text", "text": text, "annotations": []}]
        expected = verified(
            MCQAResourcesServer,
            MCQAResourcesServerConfig,
            MCQAVerifyRequest,
            {
                "responses_create_params": {"input": record["prompt"]},
                "response": {
                    "id": "r",
                    "created_at": 0.0,
                    "model": "m",
                    "object": "response",
                    "parallel_tool_calls": True,
                    "tool_choice": "auto",
                    "tools": [],
                    "output": [{**item, "content": content}],
                },
                "options": OPTIONS,
                "expected_answer": "B",
                "grading_mode": "strict_single_letter_boxed",
            },
        )
        assert result.reward == expected.reward
        assert (result.labels or {}).get("extracted_answer") == expected.extracted_answer


def test_parity_with_several_rewards(make, served):
    from resources_servers.example_tool_call_multireward.app import (
        ToolCallMultiRewardResourcesServer,
        ToolCallMultiRewardResourcesServerConfig,
    )

    url = served(ToolCallMultiRewardResourcesServer, ToolCallMultiRewardResourcesServerConfig)
    made = make(f"nemo_gym:{url}", args={"answer_field": "expected_call"})
    gold = {"name": "multiply", "arguments": {"a": 12, "b": 12}}
    parameters = {"type": "object", "properties": {}, "required": ["a", "b"]}
    tools = [{"type": "function", "name": "multiply", "parameters": parameters}]
    bare = [{"role": "assistant", "content": "", "tool_calls": [TOOL_CALL]}]
    alone = score(made, {**RECORDS["tools"], "messages": bare, "answer": gold, "tools": tools})
    assert alone.reward == 3.0 and values(alone) == {"correctness": 1.0, "schema_valid": 1.0, "format": 1.0}
    talking = score(made, {**RECORDS["tools"], "answer": gold, "tools": tools})
    assert talking.reward == 2.0 and values(talking)["format"] == 0.0
    assert score(made, {**RECORDS["right"], "answer": gold}).reward == 0.0
