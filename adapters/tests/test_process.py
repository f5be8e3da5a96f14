import threading

import pytest
from harness import DEADLINE, Worker, score, step


def test_what_a_rubric_prints_is_its_log(load):
    worker = load(
        """
        import os, sys
        print("at import")
        def score(action, observation):
            print("to stdout", action)
            print("to stderr \\ud800", file=sys.stderr)
            os.write(1, b"raw ")
            return 1
        """
    )
    assert worker.score(step("now"))["reward"] == 1
    assert worker.end() == 0
    assert worker.log[0] == b"at import\nto stdout now\nraw " and b"to stderr \\ud800\n" in worker.log[1]


def test_a_flood_of_output_does_not_disturb_the_protocol(load):
    worker = load(
        """
        import sys
        def score(action, observation):
            for stream in (sys.stdout, sys.stderr):
                stream.write("\\x00\\x00\\x00\\x02{}" * 100_000 + "\\n")
            return 1
        """
    )
    totals = {worker.process.stdout: 0, worker.process.stderr: 0}

    def drain(stream):
        while chunk := stream.read1(65536):
            totals[stream] += len(chunk)

    readers = [threading.Thread(target=drain, args=[each], daemon=True) for each in totals]
    for each in readers:
        each.start()
    worker.send(*[score(step(), each) for each in range(5)])
    assert [each["reward"] for each in worker.outcomes(5)] == [1] * 5
    worker.connection.close()
    for each in readers:
        each.join(DEADLINE)
    assert list(totals.values()) == [5 * 600_001] * 2


CHILDREN = """
import multiprocessing, os, subprocess, sys

def link(descriptor):
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return None

ours = link(3)

def holds(socket):
    "Whether this process holds the worker's socket."
    return int(socket in [link(each) for each in os.listdir("/proc/self/fd")])

def in_child(queue, socket):
    queue.put(holds(socket))

def score(action, observation):
    assert ours.startswith("socket:") and holds(ours)
    if action == "exec":
        listing = subprocess.run(["ls", "-l", "/proc/self/fd"], close_fds=False, capture_output=True, text=True).stdout
        assert "/proc/" in listing
        return int(ours in listing)
    if action == "os.fork":
        child = os.fork()
        if child == 0:
            os._exit(holds(ours))
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if action == "runaway":
        return 1 if os.fork() else 2
    context = multiprocessing.get_context(action)
    queue = context.SimpleQueue()
    child = context.Process(target=in_child, args=[queue, ours])
    child.start()
    found = queue.get()
    child.join()
    return found
"""


@pytest.mark.parametrize("how", ["exec", "os.fork", "fork", "spawn"])
def test_children_of_a_rubric_do_not_hold_the_socket(load, how):
    worker = load(CHILDREN)
    outcome = worker.score(step(how))
    assert outcome.get("reward") == 0, outcome
    assert worker.end() == 0


def test_a_child_that_runs_on_in_our_code_answers_nothing(load):
    worker = load(CHILDREN)
    assert worker.score(step("runaway"), 1)["reward"] == 1
    assert worker.score(step("os.fork"), 2)["reward"] == 0
    assert worker.end() == 0


def test_what_is_loaded_is_frozen_out_of_collections(load):
    worker = load("import gc\ndef score(action, observation): return gc.get_freeze_count() > 1000")
    assert worker.score(step())["reward"] == 1.0


def test_exit_handlers_and_threads_do_not_hold_up_a_worker_whose_bridge_is_gone(load):
    worker = load(
        """
        import atexit, threading
        atexit.register(lambda: threading.Event().wait())
        threading.Thread(target=threading.Event().wait).start()
        def score(action, observation): return 1
        """
    )
    assert worker.end() == 0


def test_what_loading_took(start):
    worker = start(
        """
        import time
        held = bytearray(64 << 20)
        time.sleep(0.05)
        def score(action, observation): return 1
        """
    )
    loaded = worker.load("rewards.py:score")
    assert 50 <= loaded["load_ms"] < 30_000
    assert 64 << 10 < loaded["rss_kib"] < 1 << 20


WHERE = """
import os, threading
HERE = threading.current_thread() is threading.main_thread()

def score(action, observation):
    if action == "raise":
        raise ValueError("not here")
    return {
        "reward": threading.current_thread() is threading.main_thread(),
        "loaded_on_main": HERE,
        "tells_children": "REWARDBRIDGE_SECOND_THREAD" in os.environ,
    }
"""


@pytest.mark.parametrize("on_main", [True, False])
def test_calls_are_made_on_a_second_thread_if_asked_for(root, on_main):
    (root / "rewards.py").write_text(WHERE)
    worker = Worker(root, **({} if on_main else {"REWARDBRIDGE_SECOND_THREAD": "1"}))
    assert worker.load("rewards.py:score")["type"] == "loaded"
    outcome = worker.score(step())
    parts = {each["path"]: each["value"] for each in outcome["components"]}
    assert outcome["reward"] == on_main
    assert parts == {"loaded_on_main": 1.0, "tells_children": 0.0}
    assert worker.score(step("raise"), 2)["kind"] == "exception"
    assert worker.end() == 0


def test_a_worker_on_a_second_thread_ends_like_any_other(root):
    (root / "rewards.py").write_text(WHERE)
    for message, code in (({"type": "stop"}, 0), ({"type": "nonsense"}, 1)):
        worker = Worker(root, REWARDBRIDGE_SECOND_THREAD="1")
        worker.load("rewards.py:score")
        worker.send(message)
        assert worker.is_at_end() and worker.end() == code
