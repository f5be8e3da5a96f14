"""One rubric for each way to go wrong. A message `ok` scores 1.0 in all of them, so that the next episode shows."""

import ctypes
import math
import os
import signal
import subprocess
import sys
import threading
import time


def unless_ok(action, misbehave):
    return 1.0 if action.get("message") == "ok" else misbehave()


def raises(action, observation):
    return unless_ok(action, lambda: 1 / 0)


def exits(action, observation):
    return unless_ok(action, lambda: sys.exit(3))


def dies(action, observation):
    return unless_ok(action, lambda: os._exit(7))


def crashes(action, observation):
    return unless_ok(action, lambda: ctypes.string_at(0))


def kills_itself(action, observation):
    return unless_ok(action, lambda: os.kill(os.getpid(), signal.SIGKILL))


def hangs(action, observation):
    return unless_ok(action, lambda: time.sleep(3600))


def hangs_holding_the_lock(action, observation):
    """Never lets another thread run: only a signal from outside ends it."""
    return unless_ok(action, lambda: sum(1 for _ in iter(int, 1)))


def hangs_deaf(action, observation):
    def deaf():
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
            signal.signal(number, signal.SIG_IGN)
        time.sleep(3600)

    return unless_ok(action, deaf)


def leaves_a_child(action, observation):
    """The child would hold every pipe open, and is in a session of its own."""

    def leave():
        child = subprocess.Popen(["sleep", "3600"], start_new_session=True)
        print(f"left behind: {child.pid}", flush=True)
        os._exit(0)

    return unless_ok(action, leave)


def runs_out_of_memory(action, observation):
    return unless_ok(action, lambda: len(bytearray(1 << 40)))


def not_finite(action, observation):
    return unless_ok(action, lambda: math.nan)


def infinite(action, observation):
    return unless_ok(action, lambda: math.inf)


def text(action, observation):
    return unless_ok(action, lambda: "1.0")


def a_list(action, observation):
    return unless_ok(action, lambda: [1.0, 2.0])


def coroutine(action, observation):
    async def score():
        raise ValueError("asynchronously")

    return unless_ok(action, score)


def floods(action, observation):
    def flood():
        for _ in range(200):
            sys.stdout.write("o" * 65536)
            sys.stderr.write("e" * 65536)
        return 0.5

    return unless_ok(action, flood)


def writes_on_the_protocol(action, observation):
    return unless_ok(action, lambda: os.write(3, b"\xff" * 64) * 0.0)


def closes_the_protocol(action, observation):
    return unless_ok(action, lambda: os.close(3))


def recursion(action, observation):
    def deeper(level):
        return deeper(level + 1) + 1

    return unless_ok(action, lambda: deeper(0))


def ends_by_thread(action, observation):
    def wait():
        threading.Timer(0.01, os._exit, (9,)).start()
        time.sleep(3600)

    return unless_ok(action, wait)


def abstains(action, observation):
    return unless_ok(action, lambda: None)
