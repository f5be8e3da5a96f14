"""Rubrics that try what the sandbox is there to stop: 1.0 when they got through. The message says what to try."""

import os
import socket
from pathlib import Path


def reads(action, observation):
    try:
        return 1.0 if Path(action["message"]).read_bytes() is not None else 0.0
    except OSError:
        return 0.0


def writes(action, observation):
    try:
        Path(action["message"]).write_text("the rubric was here")
        return 1.0
    except OSError:
        return 0.0


def connects(action, observation):
    try:
        socket.create_connection(("127.0.0.1", int(action["message"])), timeout=2).close()
        return 1.0
    except OSError:
        return 0.0


def sees_variable(action, observation):
    return 1.0 if action["message"] in os.environ else 0.0


def sees_processes(action, observation):
    """How many processes there are besides the rubric's own."""
    return float(sum(each.isdigit() and int(each) not in (1, os.getpid()) for each in os.listdir("/proc")))
