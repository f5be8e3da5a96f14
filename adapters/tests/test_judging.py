"""Outcomes that tell of the judges that were asked for them."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from harness import Worker, step

CODE = """
import asyncio
import urllib.request

URL = {url!r}

def by_urllib(action, observation):
    for _ in range(int(action)):
        urllib.request.urlopen(URL).read()
    return 1.0

def by_httpx(action, observation):
    import httpx
    with httpx.Client() as client:
        return float(client.get(URL).text)

async def by_httpx_later(action, observation):
    import httpx
    async with httpx.AsyncClient() as client:
        answers = await asyncio.gather(*[client.get(URL) for _ in range(int(action))])
    return float(len(answers))

async def by_aiohttp(action, observation):
    import aiohttp
    async with aiohttp.ClientSession() as client, client.get(URL) as answer:
        return float(await answer.text())

def refused(action, observation):
    urllib.request.urlopen(URL).read()
    raise ValueError("no")
"""

FACTS = {"judge": "g", "model": "m", "prompt_sha256": "ab", "seed": 3, "temperature": 0.0, "tokens": 7, "cached": False}


class Gate(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("RewardBridge-Judge-Call", json.dumps(FACTS))
        self.send_header("Content-Length", "1")
        self.end_headers()
        self.wfile.write(b"1")

    def log_message(self, *_):
        pass


@pytest.fixture
def load(root):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Gate)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    workers = []

    def make(name, **variables):
        (root / "rewards.py").write_text(CODE.format(url=f"http://127.0.0.1:{server.server_port}/"))
        worker = Worker(root, **({"REWARDBRIDGE_JUDGES": "1"} if not variables else variables))
        workers.append(worker)
        assert worker.load(f"rewards.py:{name}")["type"] == "loaded"
        return worker

    yield make
    for worker in workers:
        worker.process.kill()
        worker.connection.close()
        worker.process.communicate()
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("name", ["by_urllib", "by_httpx", "by_httpx_later", "by_aiohttp"])
def test_calls_are_told(load, name):
    if "urllib" not in name:
        pytest.importorskip("httpx" if "httpx" in name else "aiohttp", reason="the library of the call")
    worker = load(name)
    for call in (1, 2):
        outcome = worker.score(step("1"), call)
        assert outcome["reward"] == 1.0
        assert outcome["metrics"] == {"judge_calls": 1.0, "judge_cached": 0.0, "judge_tokens": 7.0}
        assert outcome["labels"] == {
            "judge_model": "m", "judge_prompt_sha256": "ab", "judge_seed": "3", "judge_temperature": "0.0",
        }  # fmt: skip


@pytest.mark.parametrize("name", ["by_urllib", "by_httpx_later"])
def test_calls_belong_to_the_outcome_that_they_were_made_for(load, name):
    pytest.importorskip("httpx", reason="the library of the call")
    worker = load(name)
    counts = [3, 0, 5, 1]
    for call, count in enumerate(counts, 1):
        worker.send({"type": "score", "id": call, "episode": f"e/{call}", "record": step(str(count))})
    outcomes = {each["id"]: each for each in worker.outcomes(len(counts))}
    assert [outcomes[call].get("metrics", {}).get("judge_calls", 0) for call in (1, 2, 3, 4)] == counts


def test_calls_of_a_failed_outcome_are_told_too(load):
    outcome = load("refused").score(step("1"))
    assert outcome["kind"] == "exception" and outcome["metrics"]["judge_calls"] == 1.0


def test_nothing_is_watched_without_judges(load):
    assert "metrics" not in load("by_urllib", OTHER="1").score(step("1"))
