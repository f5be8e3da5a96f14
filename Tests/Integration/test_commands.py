"""The command line: wrong configuration names file, key and remedy; check and doctor tell what serve would do."""

import json
import socket

import pytest
import yaml

from support.bridge import RUBRICS, command
from support.environment import PYTHON

URL = "http://127.0.0.1:9"

WRONG = {
    "unknown key": ({"environment": {"url": URL, "rubrik": "x"}}, "rubrik", "rubric"),
    "unknown key at the top": ({"environment": {"url": URL}, "lisen": "x"}, "lisen", "listen"),
    "no environment": ({}, "environment", ""),
    "an address that is none": ({"environment": {"url": "ftp://x"}}, "ftp://x", ""),
    "a port that is none": ({"environment": {"url": URL}, "listen": "127.0.0.1:99999"}, "listen", ""),
    "a unit that is none": ({"environment": {"url": URL}, "limits": {"drain": "5 parsecs"}}, "limits.drain", ""),
    "beyond the limit": ({"environment": {"url": URL}, "worker": {"workers": 0}}, "workers", ""),
    "no such consumer": ({"environment": {"url": URL, "consumer": "verifier"}}, "verifier", "verifiers"),
    "no such adapter": ({"environment": {"url": URL, "rubric": "pyton:a.py:b"}}, "pyton", ""),
    "a reserved name": ({"environments": {"mcp": {"url": URL}}}, "mcp", ""),
    "a redirect origin that is none": (
        {"environment": {"url": URL, "redirect_origins": ["host:1"]}},
        "scheme",
        "http://",
    ),
    "a redirect origin with a path": (
        {"environment": {"url": URL, "redirect_origins": ["https://h:1/ws"]}},
        "redirect_origins[0]",
        "https://10.0.0.7:8000",
    ),
    "a pointer without a root": ({"environment": {"url": URL, "view": {"answer": "/tusk/a"}}}, "/tusk/a", "/task"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_configuration(name, tmp_path):
    options, said, hint = WRONG[name]
    config = tmp_path / "bridge.yaml"
    (tmp_path / "a.py").write_text("def b(action, observation): return 1.0\n")
    config.write_text(yaml.safe_dump(options))
    done = command("serve", "--config", config, "--state", tmp_path / "state")
    assert done.returncode not in (0, None) and done.returncode > 0
    assert "could not" in done.stderr and said in done.stderr and hint in done.stderr
    assert done.stdout == ""


RUBRICS_THAT_CANNOT = {
    "no such file": ("python:nowhere.py:score", "nowhere.py"),
    "no such function": ("python:scores.py:lenght", "length"),
    "code that does not load": ("python:unloadable.py:score", "unloadable"),
    "no shape to be told": ("python:shapeless.py:score", "shape"),
}


@pytest.mark.parametrize("name", RUBRICS_THAT_CANNOT)
def test_a_rubric_that_cannot_be_served(name, tmp_path):
    target, said = RUBRICS_THAT_CANNOT[name]
    (tmp_path / "unloadable.py").write_text("raise RuntimeError('unloadable')\n")
    (tmp_path / "shapeless.py").write_text("def score(completion, answer): return 1.0\n")
    (tmp_path / "scores.py").write_text((RUBRICS / "scores.py").read_text())
    options = [
        "--env",
        URL,
        "--rubric",
        target,
        "--python",
        PYTHON,
        "--listen",
        "127.0.0.1:0",
        "--state",
        tmp_path / "s",
    ]
    done = command("serve", *options, cwd=tmp_path)
    assert done.returncode > 0 and "could not" in done.stderr and said in done.stderr


def test_a_view_that_lacks_what_the_rubric_needs(tmp_path):
    rubric = ["--rubric", "words.yaml", "--python", PYTHON]
    done = command("serve", "--env", URL, *rubric, "--listen", "127.0.0.1:0", "--state", tmp_path / "s", cwd=RUBRICS)
    assert done.returncode > 0 and "completion" in done.stderr


def test_a_port_that_is_taken(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = command("serve", "--env", URL, "--listen", f"127.0.0.1:{port}", "--state", tmp_path / "s")
    assert done.returncode > 0 and "could not" in done.stderr and str(port) in done.stderr


def records(tmp_path):
    path = tmp_path / "records.jsonl"
    steps = [
        {"index": 0, "observation": {"text": "ready"}},
        {"index": 1, "action": {"message": "abc"}, "observation": {"text": "abc"}},
        {"index": 2, "action": {"message": "boom"}, "observation": {"text": "boom"}},
    ]
    path.write_text(json.dumps({"schema": "evalrec/1", "id": "r1", "steps": steps}) + "\n")
    return path


def check(rubric: str, tmp_path):
    options = ["--python", PYTHON, "--records", records(tmp_path), "--state", tmp_path / "state"]
    return command("check", rubric, *options, cwd=RUBRICS)


def test_check_scores_records_without_an_environment(tmp_path):
    done = check("python:scores.py:length", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "line 1: 0.4" in done.stdout, "a step rubric scores the record's last step"


def test_check_says_what_failed(tmp_path):
    done = check("python:scores.py:length_or_raise", tmp_path)
    assert "ValueError" in done.stdout + done.stderr


def test_doctor_runs(tmp_path):
    done = command("doctor", "--python", PYTHON, cwd=tmp_path)
    assert done.returncode in (0, 1) and done.stdout.strip()


@pytest.mark.parametrize("arguments", [["--help"], ["serve", "--help"], ["sessions", "--help"], ["--version"]])
def test_help(arguments):
    done = command(*arguments)
    assert done.returncode == 0 and done.stdout
