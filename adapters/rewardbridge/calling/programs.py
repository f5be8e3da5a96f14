"""Runs a program to its end, and leaves nothing of it behind."""

import os
import resource
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from rewardbridge.failures import NoScore
from rewardbridge.kinds import Kind
from rewardbridge.result import failed

# How much of what a program prints is read: of its output from the beginning, of its errors the end.
OUTPUT_MAX = 1024 * 1024
ERROR_MAX = 1500
# The largest file that a program may write, its output included; beyond, the system ends it.
FILE_MAX = 1024 * 1024 * 1024

# Of the worker's own; what a program should not inherit.
_OURS = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONHASHSEED")


@dataclass(frozen=True)
class Ran:
    """How a program ended, and what it printed."""

    # Of man 2 wait: the negative number of a signal.
    status: int
    output: bytes
    error: str

    def check(self, what: str) -> None:
        """:raises NoScore: unless it ended with 0."""
        if self.status == 0:
            return
        how = f"ended with {self.status}" if self.status > 0 else f"was ended by {_signal(-self.status)}"
        raise NoScore(failed(Kind.VERIFIER_ERROR, f"{what} {how}{_after(self.error)}"))


def run(
    words: Sequence[str], folder: Path, timeout: float, content: bytes = b"", variables: Mapping[str, str] | None = None
) -> Ran:
    """The program has a process group of its own, which is killed at its end and when its time is up.

    Files take what it prints: with pipes, a child that it leaves behind would hold up the reader.

    :param folder: where it runs, and its HOME and TMPDIR.
    :param content: its standard input.
    :raises NoScore: failed(timeout), or failed(verifier_error) when it cannot be started.
    """
    with TemporaryFile() as given, TemporaryFile() as output, TemporaryFile() as error:
        given.write(content)
        given.seek(0)
        try:
            process = subprocess.Popen(
                words,
                stdin=given,
                stdout=output,
                stderr=error,
                cwd=folder,
                env=_environment(folder) | dict(variables or {}),
                start_new_session=True,
                preexec_fn=_limit,
            )
        except OSError as reason:
            raise NoScore(failed(Kind.VERIFIER_ERROR, f"could not run {words[0]}: {reason}")) from reason
        try:
            status = process.wait(timeout)
        except subprocess.TimeoutExpired as reason:
            message = f"{words[0]} ran longer than {timeout:g} s{_after(_end(error))}"
            raise NoScore(failed(Kind.TIMEOUT, message)) from reason
        finally:
            _kill(process)
        return Ran(status, _begin(output), _end(error))


def _environment(folder: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in _OURS}
    return inherited | {"HOME": str(folder), "TMPDIR": str(folder), "PWD": str(folder)}


def _limit() -> None:
    """In the child, before it runs the program: set from outside, its own children might be there already."""
    hardest = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    limit = FILE_MAX if hardest == resource.RLIM_INFINITY else min(FILE_MAX, hardest)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


def _kill(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def _begin(output: IO[bytes]) -> bytes:
    output.seek(0)
    content = output.read(OUTPUT_MAX + 1)
    if len(content) > OUTPUT_MAX:
        raise NoScore(failed(Kind.VERIFIER_ERROR, f"the program printed more than {OUTPUT_MAX} bytes"))
    return content


def _end(error: IO[bytes]) -> str:
    size = error.seek(0, os.SEEK_END)
    error.seek(max(0, size - ERROR_MAX))
    return error.read(ERROR_MAX).decode("utf-8", "replace").strip()


def _after(text: str) -> str:
    return f": {text}" if text else ""


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
