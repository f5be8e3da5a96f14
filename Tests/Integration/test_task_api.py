"""Gold answers from the environment's own Task API."""

from support.bridge import Bridge, command, scored
from support.client import RawClient, reset, step

VIEW = {"completion": "/action/message"}


def attached(url: str, **settings) -> dict:
    return scored(url, "match.yaml", view=VIEW, task_from="/reset_request/seed", **settings)


def test_a_task_is_found_by_its_index(servers, bridges):
    bridge = bridges(attached(servers("tasked"), task_split="train"))
    with RawClient(bridge.url) as client:
        for seed, message, reward in [(0, "yes", 1.0), (1, "yes", 0.0), (1, "no", 1.0)]:
            client.call(reset(seed=seed))
            assert client.call(step(message))["data"]["reward"] == reward
        client.call(reset(seed=7))
        assert client.call(step("yes"))["data"]["reward"] is None
    assert bridge.rows(4)[-1]["kind"] == "no_task"


def test_an_environment_without_tasks_is_named(probe, tmp_path):
    bridge = Bridge(tmp_path / "bridge", attached(probe, task_split="train"))
    assert bridge.process.wait() == 1
    assert "Task API" in bridge.process.output or "tasks" in bridge.process.output
    assert "hint:" in bridge.process.output


def test_tasks_without_a_pointer_are_refused(probe, tmp_path):
    config = tmp_path / "bridge.yaml"
    config.write_text(f"environment: {{url: '{probe}', rubric: 'python:a.py:f', task_split: train}}\n")
    (tmp_path / "a.py").write_text("def f(action, observation): return 0.0\n")
    done = command("serve", "--config", config, "--state", tmp_path / "state", cwd=tmp_path)
    assert done.returncode == 2
    assert "task_from" in done.stderr
