import json
import os
import sys
from struct import pack

import pytest
from harness import REPOSITORY, score, step

CODE = """
def score(action, observation):
    if action == "print":
        print("x" * 10_000)
    return observation["value"]
"""


def test_the_worker_says_who_it_is(start):
    worker = start(CODE)
    [hello] = worker.receive()
    assert hello["protocols"] == [1]
    assert hello["implementation"].startswith("rewardbridge-python ")
    assert hello["pid"] == worker.process.pid
    assert hello["runtime"]["name"] == "python"
    assert hello["runtime"]["prefix"] == sys.prefix
    assert os.path.samefile(hello["runtime"]["executable"], sys.executable)


def test_a_component_is_described(load):
    worker = load(CODE, range=[0, 1], deterministic=True, prefix=True)
    description = worker.description
    assert description.pop("library") == {"name": "python", "version": sys.version.split()[0]}
    assert isinstance(description.pop("distributions"), list)
    assert description == {
        "unit": "step",
        "needs": ["action", "observation"],
        "columns": [],
        "stateful": False,
        "async": False,
        "elementwise": False,
        "prefix": True,
        "deterministic": True,
        "bounded": False,
        "placement_free": False,
        "mutable": False,
        "range": [0.0, 1.0],
        "components": [],
        "modules": ["rewards.py"],
    }


def test_every_key_of_the_protocols_page_is_in_the_description(load):
    page = (REPOSITORY / "RFCs/002-worker-protocol.md").read_text()
    loaded = page.partition("### loaded (worker)")[2].partition("```json")[2].partition("```")[0]
    assert load(CODE).description.keys() == json.loads(loaded)["description"].keys()


def test_one_answer_a_score_in_order(load, json_path):
    worker = load(CODE, path=json_path)
    worker.send(*[score(step(observation={"value": each}), each) for each in range(64)])
    worker.send(score(step(observation={"value": 64}), 64))
    outcomes = worker.outcomes(65)
    assert [each["id"] for each in outcomes] == list(range(65))
    assert [each["reward"] for each in outcomes] == list(range(65))
    assert all(isinstance(each["run_us"], int) and each["run_us"] >= 0 for each in outcomes)


def test_frames_that_come_byte_by_byte(load):
    worker = load(CODE)
    content = json.dumps(score(step(observation={"value": 1}), 9)).encode()
    for byte in pack(">I", len(content)) + content:
        worker.connection.send(bytes([byte]))
    assert worker.outcomes(1)[0]["id"] == 9


def test_a_frame_larger_than_a_read(load, json_path):
    worker = load(CODE, path=json_path)
    worker.send(score(step("a" * 3_000_000, {"value": 1.5}), 1))
    assert worker.outcomes(1)[0]["reward"] == 1.5


def test_what_only_python_takes_for_json(load, json_path):
    worker = load("def score(action, observation): return float(repr(action) == observation['repr'])", path=json_path)
    texts = ["NaN", "[Infinity, -Infinity]", '"\\ud800"', str(2**64), str(-(10**30)), f'{{"a": [{10**25}]}}']
    for call, text in enumerate(texts):
        expected = json.dumps(repr(json.loads(text)))
        record = f'{{"steps": [{{"index": 1, "action": {text}, "observation": {{"repr": {expected}}}}}]}}'
        worker.send_text(f'{{"type": "score", "id": {call}, "episode": "e", "record": {record}}}')
    assert [each.get("reward") for each in worker.outcomes(len(texts))] == [1.0] * len(texts)


@pytest.mark.parametrize("text", [b"{", b"\xff", b"[" * 200_000, b'{"type": "score", "id": 1,}'])
def test_unreadable_frames_are_named_by_their_ordinal(load, json_path, text):
    worker = load(CODE, path=json_path)
    good = score(step(observation={"value": 1}), 1)
    worker.send(good)
    worker.send_text(text)
    worker.send(good)
    worker.send_text(text)
    answers = worker.outcomes(4)
    assert [each["type"] for each in answers] == ["outcome", "unreadable", "outcome", "unreadable"]
    # The frame of `load` was the first.
    assert [each["frame"] for each in answers if each["type"] == "unreadable"] == [3, 5]


def test_an_unreadable_load_can_be_sent_again(start, root):
    worker = start(CODE)
    worker.receive()
    worker.send_text("{")
    assert worker.receive() == [{"type": "unreadable", "frame": 1}]
    component = {"adapter": "python", "target": "rewards.py:score"}
    worker.send({"type": "load", "protocol": 1, "root": str(root), "component": component})
    assert worker.receive()[0]["type"] == "loaded"


def test_messages_that_come_with_load(start, root):
    worker = start(CODE)
    worker.receive()
    component = {"adapter": "python", "target": "rewards.py:score"}
    load = {"type": "load", "protocol": 1, "root": str(root), "component": component, "unknown": 1}
    worker.send(load, score(step(observation={"value": 2}), 1))
    assert [each["type"] for each in worker.outcomes(2)] == ["loaded", "outcome"]


@pytest.mark.parametrize(
    "frame",
    [
        pack(">I", 0),
        pack(">I", 64 * 1024 * 1024 + 1) + b"{",
        pack(">I", 2) + b"17",
        pack(">I", 2) + b"{}",
        pack(">I", 4) + b"[[]]",
        pack(">I", 15) + b'{"type":"bogus"',
        pack(">I", 16) + b'{"type":"bogus"}',
        pack(">I", 15) + b'{"type":"open"}',
    ],
)
@pytest.mark.parametrize("code", [CODE, "async def score(action, observation): return 1"])
def test_a_broken_protocol_ends_the_worker(load, frame, code):
    worker = load(code)
    worker.connection.sendall(frame)
    if frame.endswith(b'bogus"'):
        assert worker.receive() == [{"type": "unreadable", "frame": 2}]
        worker.connection.sendall(pack(">I", 4) + b"true")
    assert worker.is_at_end()
    assert worker.end() == 1
    assert b"worker ends" in worker.log[1]


def test_a_message_before_load_ends_the_worker(start):
    worker = start(CODE)
    worker.receive()
    worker.send(score(step(), 1))
    assert worker.is_at_end() and worker.end() == 1


def test_a_frame_limit_of_the_bridge(start, root):
    worker = start(CODE)
    worker.receive()
    component = {"adapter": "python", "target": "rewards.py:score"}
    worker.send({"type": "load", "protocol": 1, "root": str(root), "component": component, "frame_max": 1000})
    worker.receive()
    base = len(json.dumps(score(step("", {"value": 1}), 1)))
    worker.send(score(step("a" * (1000 - base), {"value": 1}), 1))
    assert worker.outcomes(1)[0]["reward"] == 1
    worker.send(score(step("a" * (1001 - base), {"value": 1}), 1))
    assert worker.is_at_end() and worker.end() == 1


@pytest.mark.parametrize("code", [CODE, "async def score(action, observation): return 1"])
def test_the_end_of_the_bridge_ends_the_worker(load, code):
    worker = load(code)
    assert worker.score(step(observation={"value": 1}))["reward"] == 1
    assert worker.end() == 0


def test_the_end_of_the_bridge_before_load(start):
    worker = start(CODE)
    worker.receive()
    assert worker.end() == 0


@pytest.mark.parametrize("code", [CODE, "async def score(action, observation): return 1"])
def test_stop_answers_what_is_at_hand(load, code):
    worker = load(code)
    worker.send(*[score(step(observation={"value": 1}), each) for each in range(8)], {"type": "stop"})
    assert len(worker.outcomes(8)) == 8
    assert worker.is_at_end() and worker.end() == 0


def test_stop_does_not_wait_for_what_a_rubric_leaves_running(load):
    worker = load(
        """
        import atexit, threading
        atexit.register(lambda: threading.Event().wait())
        threading.Thread(target=threading.Event().wait).start()
        def score(action, observation): return 1
        """
    )
    worker.send({"type": "stop"})
    assert worker.is_at_end() and worker.end() == 0


def test_a_replayed_step_is_answered_like_any_other(load):
    worker = load(CODE)
    worker.send(score(step(observation={"value": 3}), 1, replay=True))
    assert worker.outcomes(1)[0]["reward"] == 3


def test_a_record_that_is_no_object(load):
    worker = load(CODE)
    worker.send({"type": "score", "id": 5, "episode": "e", "record": [1]})
    [outcome] = worker.outcomes(1)
    assert (outcome["id"], outcome["status"], outcome["kind"]) == (5, "failed", "unreadable")


def test_an_outcome_is_out_before_the_next_call_begins(load, tmp_path):
    worker = load(
        """
        import time
        def score(action, observation):
            while action == "hang":
                time.sleep(1)
            return 1
        """
    )
    worker.send(*[score(step(each), call) for call, each in enumerate(["go", "go", "hang", "go"])])
    assert [each["id"] for each in worker.outcomes(2)] == [0, 1]
