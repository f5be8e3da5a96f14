"""`serve ... -- COMMAND`: the environment as a child of the bridge, from a template that `openenv init` makes."""

import os
import shutil
import signal
import subprocess

import pytest
from openenv import GenericEnvClient

from support.bridge import BINARY, RUBRICS
from support.deadline import eventually
from support.environment import PYTHON
from support.process import ROOT, Process, descendants, is_alive

BIN = ROOT / ".venv" / "bin"


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A fresh environment, as `openenv init greeter` makes it."""
    folder = tmp_path_factory.mktemp("template")
    subprocess.run([BIN / "openenv", "init", "greeter"], cwd=folder, check=True, capture_output=True, timeout=120)
    shutil.copy(RUBRICS / "scores.py", folder / "greeter")
    return folder / "greeter"


@pytest.fixture
def serve(tmp_path):
    running = []

    def start(cwd, *child, options=()) -> Process:
        arguments = ["--listen", "127.0.0.1:0", "--state", tmp_path / "state", *options]
        running.append(Process([BINARY, "serve", *arguments, "--", *child], cwd=cwd))
        return running[-1]

    yield start
    for process in running:
        process.stop()


SCORED = ["--rubric", "python:scores.py:length", "--python", PYTHON]
UVICORN = [BIN / "uvicorn", "server.app:app", "--port", "{port}"]


def entrance(process: Process) -> str:
    return "http://" + process.wait_for(r"rewardbridge: listening on (\S+)", 60)[1]


def test_it_is_started_fronted_scored_and_ended(serve, template):
    process = serve(template, *UVICORN, options=SCORED)
    with GenericEnvClient(base_url=entrance(process)).sync() as client:
        client.reset()
        result = client.step({"message": "four"})
        assert (result.observation["echoed_message"], result.reward) == ("four", 0.4)
    children = descendants(process.pid)
    process.signal(signal.SIGTERM)
    assert process.wait() == 0
    eventually(lambda: not any(is_alive(pid) for pid in children), "the end of the environment")


def test_its_code_is_the_bridges_code(serve, template):
    process = serve(template, PYTHON, "-c", EXITING, "{port}")
    entrance(process)
    (child,) = [pid for pid in descendants(process.pid) if "exiting" in command_line(pid)]
    os.kill(child, signal.SIGUSR1)
    assert process.wait() == 7


EXITING = """
exiting = 7
import http.server, os, signal, sys
class Healthy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header("content-length", "2"); self.end_headers(); self.wfile.write(b"{}")
signal.signal(signal.SIGUSR1, lambda *_: os._exit(exiting))
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Healthy).serve_forever()
"""


def command_line(pid: int) -> str:
    with open(f"/proc/{pid}/cmdline") as file:
        return file.read()


def test_an_environment_that_ends_before_it_is_healthy(serve, template):
    process = serve(template, "sh", "-c", "echo no luck today; exit 5", "{port}")
    assert process.wait(60) != 0
    assert "could not" in process.output and "no luck today" in process.output


def test_a_command_that_is_not_there(serve, template):
    process = serve(template, "no-such-command-anywhere", "{port}")
    assert process.wait(60) != 0
    assert "could not" in process.output and "no-such-command-anywhere" in process.output


def test_a_stubborn_environment_is_killed(serve, template, tmp_path):
    config = tmp_path / "bridge.yaml"
    config.write_text("limits: {drain: 300ms}\n")
    program = EXITING.replace("signal.signal(", "signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(", 1)
    process = serve(template, PYTHON, "-c", program, "{port}", options=["--config", config])
    entrance(process)
    children = descendants(process.pid)
    process.signal(signal.SIGTERM)
    process.wait(30)
    eventually(lambda: not any(is_alive(pid) for pid in children), "the end of the environment")


def test_the_child_dies_with_a_killed_bridge(serve, template):
    process = serve(template, PYTHON, "-c", EXITING, "{port}")
    entrance(process)
    children = descendants(process.pid)
    process.signal(signal.SIGKILL)
    process.wait()
    eventually(lambda: not any(is_alive(pid) for pid in children), "the end of the environment")
