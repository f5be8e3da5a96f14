"""One run of the load generator over one route, with what each process took while it ran."""

import json
import os
import subprocess
from dataclasses import dataclass

from .processes import cpu_seconds
from .routes import Environment, Route
from .tools import Tools


@dataclass(frozen=True)
class Cell:
    """What is asked of a route."""

    sessions: int
    size: int | None = None
    """Bytes of a reply; None leaves it to the environment."""

    def __str__(self) -> str:
        sessions = "1 session" if self.sessions == 1 else f"{self.sessions} sessions"
        return f"{sessions}, {self.size} B" if self.size else sessions

    @property
    def requests(self) -> list[str]:
        """A step of about 100 bytes where the environment takes anything, and the reset before it."""
        if self.size is None:
            reset, step = {}, {"message": "Hi"}
        else:
            reset, step = {"size": self.size}, {"message": "open the red door, then look behind it", "hint": None}
        of = {"reset": reset, "step": step}
        words = [(f"--{kind}", json.dumps({"type": kind, "data": data})) for kind, data in of.items()]
        return [word for pair in words for word in pair] + ["--counted", "false" if self.size is None else "true"]


@dataclass
class Run:
    """What one run measured. Times are in microseconds, shares in cores."""

    p50: float
    p99: float
    rate: float
    cpu: dict[str, float]
    """CPU time of a step, by process."""
    share: dict[str, float]
    load: float
    """The machine's load average at the start: what others do on it."""


class WrongReply(Exception):
    """A reply was not as it must be, or did not come: nothing that was measured counts."""


class Generator:
    """A load generator whose sessions are open, reset and warm."""

    def __init__(self, tools: Tools, route: Route, cell: Cell, warmup: float, seconds: float):
        numbers = {"port": route.port, "sessions": cell.sessions, "warmup": warmup, "seconds": seconds}
        words = [word for name, value in numbers.items() for word in (f"--{name}", str(value))]
        command = [tools.loadgen, *words, "--reward", route.reward, *cell.requests]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        self.route = route
        self.expect("ready")

    def line(self) -> str:
        line = self.process.stdout.readline()
        if not line:
            raise WrongReply(f"{self.route.name}: {self.process.communicate()[1].strip()}")
        return line.strip()

    def expect(self, word: str) -> None:
        if (line := self.line()) != word:
            raise WrongReply(f"{self.route.name}: the generator said '{line}'")

    def run(self) -> dict[str, float]:
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        return json.loads(self.line())

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()
        self.process.stderr.close()


def used_so_far(generator: Generator, route: Route, environment: Environment) -> dict[str, float]:
    """CPU seconds by process, in the order of a step's way."""
    return {
        "generator": cpu_seconds([generator.process.pid]),
        **route.cpu(),
        "environment": cpu_seconds([environment.program.pid]),
    }


def measure(tools: Tools, route: Route, environment: Environment, cell: Cell, warmup: float, seconds: float) -> Run:
    load = os.getloadavg()[0]
    generator = Generator(tools, route, cell, warmup, seconds)
    before = used_so_far(generator, route, environment)
    told = generator.run()
    after = used_so_far(generator, route, environment)
    generator.close()
    spent = {name: after[name] - before[name] for name in after}
    return Run(
        p50=told["p50_us"],
        p99=told["p99_us"],
        rate=told["steps"] / told["seconds"],
        cpu={name: seconds * 1e6 / told["steps"] for name, seconds in spent.items()},
        share={name: seconds / told["seconds"] for name, seconds in spent.items()},
        load=load,
    )
