"""Programs that run beside the benchmark, and what they take of the machine."""

import os
import re
import socket
import subprocess
import time
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class DidNotStart(Exception):
    """The last words of a program that ended before it was ready."""


class Program:
    """A program with its output in a file, from its start to its end."""

    def __init__(self, command: list[str | Path], log: Path, **options):
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.PIPE, **options)

    @property
    def pid(self) -> int:
        return self.process.pid

    def wait_for(self, pattern: str, seconds: float = 60) -> str:
        """The first group of the pattern, once the program has written it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            has_ended = self.process.poll() is not None
            if found := re.search(pattern, self.log.read_text(errors="replace")):
                return found[1]
            if has_ended:
                break
            time.sleep(0.02)
        self.stop()
        raise DidNotStart(self.last_words())

    def wait_until_listening(self, port: int, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.02)
        self.stop()
        raise DidNotStart(self.last_words())

    def last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        said = [line.strip() for line in lines if line.strip()] or ["it said nothing"]
        return next((line for line in said if "error" in line.lower()), said[-1])

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def family(pid: int) -> list[int]:
    """A process and all that descend from it, itself first."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [pid]
    for member in found:
        found += children.get(member, [])
    return found


def cpu_seconds(pids: list[int]) -> float:
    """User and system time that processes have had so far, all their threads together."""
    stats = filter(None, map(_stat, pids))
    return sum(int(fields[11]) + int(fields[12]) for fields in stats) / TICKS_PER_SECOND


def resident_bytes(pids: list[int]) -> int:
    stats = filter(None, map(_stat, pids))
    return sum(int(fields[21]) for fields in stats) * PAGE_BYTES


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat from the third on (proc(5)); None when it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
