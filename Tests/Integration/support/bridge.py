"""The rewardbridge command, as a user starts it."""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import yaml

from support.deadline import DEADLINE, eventually
from support.environment import PYTHON
from support.process import ROOT, Process

BINARY = Path(os.environ.get("REWARDBRIDGE_BIN", ROOT / ".build" / "debug" / "rewardbridge"))
RUBRICS = ROOT / "Tests" / "Integration" / "rubrics"


def rubric(target: str) -> str:
    """`scores.py:length` as a component, `episode.yaml` as a file, both in the copy of rubrics/ beside bridge.yaml."""
    return f"rubrics/{target}" if target.endswith(".yaml") else f"python:rubrics/{target}"


CRASHES = {-signal.SIGILL, -signal.SIGTRAP, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGFPE, -signal.SIGSEGV}


class Bridge:
    """A bridge on a free port; `environment` holds the settings of its one environment."""

    def __init__(self, folder: Path, environments: dict, *, child=(), **settings):
        assert BINARY.exists(), f"{BINARY} is not built: scripts/build.sh"
        shutil.copytree(RUBRICS, folder / "rubrics", dirs_exist_ok=True)
        self.folder = folder
        self.state = folder / "state"
        self.config = folder / "bridge.yaml"
        options = {"listen": "127.0.0.1:0", "state": str(self.state), **environments, **settings}
        self.config.write_text(yaml.safe_dump(options))
        command = [BINARY, "serve", "--config", self.config, *(["--", *child] if child else [])]
        self.process = Process(command, cwd=folder)

    def ready(self) -> "Bridge":
        found = self.process.wait_for(r"rewardbridge: listening on (127\.0\.0\.1:\d+)", 60)
        self.url = f"http://{found[1]}"
        return self

    def stop(self, deadline: float = DEADLINE) -> int:
        """Ends it as a service manager does; its exit code."""
        if self.process.code is None:
            self.process.signal(signal.SIGTERM)
        return self.process.wait(deadline)

    def command(self, *arguments) -> subprocess.CompletedProcess:
        """Another verb of the command on this bridge's state folder."""
        return command(*arguments, "--state", self.state, cwd=self.folder)

    def json(self, *arguments):
        done = self.command(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def sessions(self) -> list[dict]:
        """Newest first."""
        return self.json("sessions", "list")

    def show(self, session: str) -> dict:
        """A session with its episodes and all its outcomes."""
        return self.json("sessions", "show", session)[0]

    def outcomes(self, *, unit: str = "step") -> list[dict]:
        """The rubric's outcomes of all sessions, oldest session first."""
        documents = [self.show(each["session"]) for each in reversed(self.sessions())]
        rows = [{"session": each["session"]["session"], **row} for each in documents for row in each["outcomes"]]
        return [row for row in rows if row["unit"] == unit and not row["component"]]

    def rows(self, count: int) -> list[dict]:
        """The outcomes of steps, when there are at least `count` of them."""

        def enough():
            found = self.outcomes()
            return found if len(found) >= count else None

        return eventually(enough, f"{count} outcomes in the ledger")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        ended_by_itself = self.process.code is not None and not self.process.was_signalled
        self.process.stop()
        code = self.process.code
        assert not ended_by_itself and code not in CRASHES, f"the bridge ended with {code}:\n{self.process.output}"


def command(*arguments, cwd=None) -> subprocess.CompletedProcess:
    """Runs a verb to its end."""
    line = [str(BINARY), *(str(each) for each in arguments)]
    return subprocess.run(line, cwd=cwd, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)


def scored(url: str, target: str, **settings) -> dict:
    """The settings of a single environment that a rubric of rubrics/ scores."""
    return {"environment": {"url": url, "rubric": rubric(target), "python": str(PYTHON), **settings}}


def relayed(url: str) -> dict:
    return {"environment": {"url": url}}
