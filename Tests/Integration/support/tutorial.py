"""Runs a page's fenced blocks as a reader would. The words after a fence's language say what a block is:

    ```python file=rewards.py         is written to that file
    ```sh run                         is run, and must end with status 0
    ```sh run status=2                must end with that status
    ```sh background name=bridge wait="listening on"
                                      is started, and has to print that text; ends an older one of its name
    ```text output                    is what the block before printed
    ```text errors                    is what it said on standard error
    ```text log=bridge                is what that background program printed, among other lines

Other blocks are only read. What differs from run to run (ids, versions, times, paths, ports) is masked.
"""

import os
import re
import shlex
import socket
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from support.bridge import BINARY
from support.deadline import eventually
from support.environment import PYTHON
from support.process import Process

DEADLINE = 60
KINDS = ("file", "run", "background", "output", "errors", "log")
ASKING = "rewardbridge sessions"
ENVIRONMENT_PORT, BRIDGE_PORT = "8000", "8900"

FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

LOGGED = re.compile(r"\d{4}-\d\d-\d\dT\S+ (info|warning) ")

MASKS = (
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b", "SESSION"),
    (r"\b([0-9a-f]{64}|[0-9a-f]{12})\b", "VERSION"),
    (r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+\d{4})", "TIME"),
    (r"\b\d+(\.\d)? (us|ms|s|MiB)\b", "AMOUNT"),
    (r"(?<![\d.])\d+\.\d+\.\d+(?![\d.])", "RELEASE"),
    (r"/[\w./-]+/(python3?|bwrap|adapters)\b", r"/path/\1"),
    (r"/[\w./-]+/(\.rewardbridge|rewards\.py|bridge\.yaml)", r"/path/\1"),
    (r"packages +\d+", "packages N"),
    (r"[ \t]+", " "),
)


@dataclass(frozen=True)
class Block:
    page: str
    line: int
    kind: str
    options: dict[str, str]
    text: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """The blocks of a page that are more than text to read."""
    source = page.read_text()
    found = []
    for fence in FENCE.finditer(source):
        options = dict(word.partition("=")[::2] for word in shlex.split(fence[2]))
        if kind := next((each for each in KINDS if each in options), None):
            found.append(Block(page.name, source.count("\n", 0, fence.start()) + 1, kind, options, fence[3]))
        else:
            assert not fence[2].strip(), f"{page.name}: a block that is neither run nor plain: {fence[0][:60]}"
    return found


class Tutorial:
    """A folder in which pages are followed, one after the other."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.background: dict[str, Process] = {}
        self.last: subprocess.CompletedProcess | None = None
        self.done = ""
        self.asking = ""
        self.ports = dict(zip((ENVIRONMENT_PORT, BRIDGE_PORT), free_ports(2)))
        folder.mkdir(parents=True, exist_ok=True)

    def follow(self, page: Path) -> None:
        for block in blocks(page):
            getattr(self, f"_{block.kind}")(block)

    def stop(self, *names: str) -> None:
        """Ends the background programs of these names."""
        for name in names:
            if process := self.background.pop(name, None):
                process.stop()

    def _file(self, block: Block) -> None:
        (self.folder / block.options["file"]).write_text(self._local(block.text))

    def _run(self, block: Block) -> None:
        doing = self._local(block.text).splitlines()
        asking = []
        while doing and doing[-1].startswith(ASKING):
            asking.insert(0, doing.pop())
        self.asking = "\n".join(asking)
        self.last = self._bash("\n".join(doing))
        self.done = self.last.stdout
        if self.asking:
            self.last = self._bash(self.asking)
        wanted = int(block.options.get("status", 0))
        said = self.done + self.last.stdout + self.last.stderr
        assert self.last.returncode == wanted, f"{block.place}: status {self.last.returncode}, not {wanted}:\n{said}"

    def _bash(self, text: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            ["bash", "-euc", text],
            cwd=self.folder,
            env={**os.environ, **self._environment()},
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            stdin=subprocess.DEVNULL,
        )

    def _background(self, block: Block) -> None:
        name = block.options["name"]
        self.stop(name)
        command = ["bash", "-c", f"exec {self._local(block.text)}"]
        self.background[name] = Process(command, cwd=self.folder, env=self._environment())
        self.background[name].wait_for(re.escape(block.options["wait"]), DEADLINE)

    def _output(self, block: Block) -> None:
        """What asks the ledger is asked again until it says so: a session's end may be recorded after its client's."""
        if not self.asking:
            return self._compare(block, self.last.stdout)

        def shows() -> bool:
            return masked(self.done + self._bash(self.asking).stdout) == masked(self._local(block.text))

        with suppress(AssertionError):
            eventually(shows, "what the page shows", 5)
        self._compare(block, self.done + self._bash(self.asking).stdout)

    def _errors(self, block: Block) -> None:
        # Log lines, such as that there is no sandbox here, are not part of an error.
        self._compare(block, "\n".join(line for line in self.last.stderr.split("\n") if not LOGGED.match(line)))

    def _log(self, block: Block) -> None:
        printed = masked(self.background[block.options["log"]].output)
        for line in masked(self._local(block.text)):
            assert line in printed, f"{block.place}: {line!r} is not in\n" + "\n".join(printed)

    def _compare(self, block: Block, printed: str) -> None:
        wanted, got = masked(self._local(block.text)), masked(printed)
        assert got == wanted, f"{block.place} does not show what was printed:\n{printed}"

    def _local(self, text: str) -> str:
        """The text with ports that are free here, also where the reader's bridge takes its default."""
        text = text.replace("rewardbridge serve", f"rewardbridge serve --listen 127.0.0.1:{BRIDGE_PORT}")
        for written, free in self.ports.items():
            text = re.sub(rf"(?<!\d){written}(?!\d)", free, text)
        return text

    @staticmethod
    def _environment() -> dict[str, str]:
        """What the README's first lines set up: the virtual environment is active, and the command on the path."""
        folders = (str(BINARY.parent), str(PYTHON.parent), os.environ["PATH"])
        return {"PATH": ":".join(folders), "VIRTUAL_ENV": str(PYTHON.parents[1])}


def masked(text: str) -> list[str]:
    """The lines that hold anything, without what differs from run to run."""
    for pattern, name in MASKS:
        text = re.sub(pattern, name, text)
    return [line.strip() for line in text.split("\n") if line.strip()]


def free_ports(count: int) -> list[str]:
    """Ports that nobody listens on, all different."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [str(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports
