"""The worker as a process: its socket, what it writes to its log, how it ends."""

import os
import resource
import socket
import sys
from typing import NoReturn


def take_connection(descriptor: int) -> socket.socket:
    """The socket that the bridge left on a descriptor. No child of the rubric gets it, neither by exec nor by fork:
    it would keep the connection open after the worker's death."""
    os.set_inheritable(descriptor, False)
    connection = socket.socket(fileno=descriptor)
    os.register_at_fork(after_in_child=connection.close)
    return connection


def use_lines() -> None:
    """What a rubric prints reaches the log line by line, and never fails for an odd character."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")


def resident_kib() -> int | None:
    """Memory that the process holds now (man 5 proc). The peak that getrusage tells may be that of the bridge, which
    the process was before it became this program."""
    try:
        with open("/proc/self/statm", "rb") as figures:
            return int(figures.read().split()[1]) * resource.getpagesize() // 1024
    except OSError:
        return None


def leave(code: int) -> NoReturn:
    """Ends at once: threads and exit handlers of a rubric do not hold the worker up."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            pass
    os._exit(code)


def leave_for(error: BaseException) -> NoReturn:
    """Ends because the conversation cannot go on."""
    print(f"worker ends: {error}", file=sys.stderr)
    leave(1)
