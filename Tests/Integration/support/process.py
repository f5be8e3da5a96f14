"""A child process whose output is read as it comes, and which never outlives the test."""

import os
import re
import signal
import subprocess
import threading
from pathlib import Path

from support.deadline import DEADLINE, eventually

ROOT = Path(__file__).resolve().parents[3]
HERE = ROOT / "Tests" / "Integration"


def descendants(pid: int) -> list[int]:
    """Every process below that one, whichever of its threads started it."""
    found, front = [], [pid]
    while front:
        for path in Path(f"/proc/{front.pop()}/task").glob("*/children"):
            children = [int(each) for each in path.read_text().split()]
            found += children
            front += children
    return found


def is_alive(pid: int) -> bool:
    """A process that ended and was not waited for is not alive."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Process:
    def __init__(self, command, *, cwd=HERE, env=None):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("REWARDBRIDGE_")}
        self.command = [str(part) for part in command]
        self.lines: list[str] = []
        self.was_signalled = False
        self._popen = subprocess.Popen(
            self.command,
            cwd=cwd,
            env={**environment, "PYTHONUNBUFFERED": "1", **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for raw in self._popen.stdout:
            self.lines.append(raw.decode(errors="replace").rstrip("\n"))

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    @property
    def code(self) -> int | None:
        return self._popen.poll()

    def wait_for(self, pattern: str, deadline: float = DEADLINE) -> re.Match:
        """The first match in a line of the output; fails when the process ends without it."""

        def search():
            ended = self.code is not None
            if ended:
                self._reader.join(deadline)
            for line in list(self.lines):
                if found := re.search(pattern, line):
                    return found
            assert not ended, f"{self.command[0]} ended with {self.code} before {pattern!r}:\n{self.output}"

        try:
            return eventually(search, pattern, deadline)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.output}") from None

    def signal(self, number: int) -> None:
        self.was_signalled = True
        self._popen.send_signal(number)

    def wait(self, deadline: float = DEADLINE) -> int:
        """The exit code, when all output has been read."""
        code = self._popen.wait(deadline)
        self._reader.join(deadline)
        return code

    def stop(self) -> None:
        """Ends the process and its group, whatever state they are in."""
        if self.code is None:
            self.signal(signal.SIGTERM)
            try:
                self._popen.wait(10)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._popen.wait(DEADLINE)
        self._reader.join(DEADLINE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
