"""Rubrics that ask a model through the bridge."""

import json
import threading
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml

from support.bridge import command
from support.client import RawClient, reset, step
from support.environment import PYTHON

RUBRIC = """
import json
import os
import urllib.error
import urllib.request

def score(action, observation):
    body = {"model": "m", "temperature": 0, "messages": [{"role": "user", "content": action["message"]}]}
    request = urllib.request.Request(
        os.environ["JUDGE_BASE_URL"] + "/chat/completions",
        json.dumps(body).encode(),
        {"Content-Type": "application/json", "Authorization": "Bearer " + os.environ["JUDGE_API_KEY"]},
    )
    assert os.environ["JUDGE_API_KEY"] != "secret" and "REAL_KEY" not in os.environ
    with urllib.request.urlopen(request) as reply:
        return float(json.load(reply)["choices"][0]["message"]["content"])
"""


class Model:
    """An endpoint that answers the length of the prompt; it fails as often as it is told to before."""

    def __init__(self):
        self.asked: list[tuple[str, str]] = []
        self.failures = 0
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                prompt = body["messages"][0]["content"]
                model.asked.append((prompt, self.headers.get("Authorization")))
                is_failure = model.failures > 0
                model.failures -= is_failure
                said = {"choices": [{"message": {"content": str(len(prompt))}}], "usage": {"total_tokens": 7}}
                content = json.dumps(said).encode()
                self.send_response(503 if is_failure else 200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"


@pytest.fixture
def model(monkeypatch):
    monkeypatch.setenv("REAL_KEY", "secret")
    model = Model()
    yield model
    model.server.shutdown()
    model.server.server_close()


@pytest.fixture
def rubric(tmp_path):
    (tmp_path / "judged.py").write_text(RUBRIC)
    path = tmp_path / "judged.yaml"
    component = {"component": "python:judged.py:score", "network": True, "judges": {"JUDGE_BASE_URL": "grader"}}
    path.write_text(yaml.safe_dump(component))
    return str(path)


@pytest.fixture
def bridge(bridges, probe, model, rubric):
    def start(**judge):
        environment = {"url": probe, "rubric": rubric, "python": str(PYTHON)}
        judges = {"grader": {"url": model.url, "key_from": "REAL_KEY", **judge}}
        return bridges({"environment": environment}, judges=judges, worker={"workers": 1, "spares": 0})

    return start


def test_a_judge_is_asked_with_the_bridge_s_key_and_answers_are_kept(bridge, model):
    running = bridge()
    with RawClient(running.url) as client:
        client.call(reset())
        assert [client.call(step(word))["data"]["reward"] for word in ("four", "four", "three")] == [4.0, 4.0, 5.0]
    assert model.asked == [("four", "Bearer secret"), ("three", "Bearer secret")]
    rows = running.rows(3)
    assert all(row["mutable"] for row in rows)
    assert [row["metrics"] for row in rows] == [
        {"judge_calls": 1.0, "judge_cached": 0.0, "judge_tokens": 7.0},
        {"judge_calls": 1.0, "judge_cached": 1.0},
        {"judge_calls": 1.0, "judge_cached": 0.0, "judge_tokens": 7.0},
    ]
    assert rows[0]["labels"] == rows[1]["labels"] != rows[2]["labels"]
    assert rows[0]["labels"]["judge_model"] == "m" and rows[0]["labels"]["judge_temperature"] == "0.0"
    assert len(rows[0]["labels"]["judge_prompt_sha256"]) == 64
    assert running.stop() == 0
    lines = [line for line in running.process.output.splitlines() if "a judge was asked" in line]
    assert len(lines) == 3 and "cached=true" in lines[1] and "tokens=7" in lines[0] and "prompt_sha256=" in lines[0]
    assert "secret" not in running.process.output and "four" not in "".join(lines)


def test_a_judge_that_fails_for_a_moment_is_asked_again(bridge, model):
    model.failures = 2
    with RawClient(bridge().url) as client:
        client.call(reset())
        assert client.call(step("four"))["data"]["reward"] == 4.0
    assert len(model.asked) == 3


def test_a_judge_that_stays_away_fails_the_step_and_never_scores_it(bridge, model):
    model.failures = 100
    running = bridge(attempts=2)
    with RawClient(running.url) as client:
        client.call(reset())
        assert client.call(step("four"))["data"]["code"] == "REWARD_FAILED"
    [row] = running.rows(1)
    assert row["kind"] == "exception" and "503" in row["message"]


def test_a_judge_that_is_not_configured_is_refused_by_name(rubric, tmp_path):
    done = command("check", rubric, "--python", PYTHON, "--state", tmp_path / "state")
    assert done.returncode == 2 and "the judge 'grader': the configuration has none of that name" in done.stderr


def test_judges_cannot_be_embedded(rubric, tmp_path, model):
    config = tmp_path / "bridge.yaml"
    config.write_text(yaml.safe_dump({"judges": {"grader": {"url": model.url}}}))
    done = command("check", rubric, "--runtime", "embedded", "--config", config, "--python", PYTHON)
    assert done.returncode == 2 and "it asks judges" in done.stderr


CROWDED = """
import asyncio

running = 0

async def score(action, observation):
    global running
    running += 1
    most = running
    for _ in range(20):
        await asyncio.sleep(0.01)
        most = max(most, running)
    running -= 1
    return most
"""


@pytest.mark.parametrize("limit, most", [(None, 4.0), (2, 2.0), (1, 1.0)])
def test_a_component_has_no_more_calls_at_a_time_than_it_may(bridges, probe, tmp_path, limit, most):
    (tmp_path / "crowded.py").write_text(CROWDED)
    rubric = tmp_path / "crowded.yaml"
    limits = {"concurrency": limit} if limit else {}
    rubric.write_text(yaml.safe_dump({"component": "python:crowded.py:score", **limits}))
    environment = {"url": probe, "rubric": str(rubric), "python": str(PYTHON)}
    bridge = bridges({"environment": environment}, worker={"workers": 1, "spares": 0})
    with ExitStack() as stack:
        clients = [stack.enter_context(RawClient(bridge.url)) for _ in range(4)]
        for client in clients:
            client.call(reset())
        for client in clients:
            client.send(step("x"))
        assert [json.loads(client.receive())["data"]["reward"] for client in clients] == [most] * 4
