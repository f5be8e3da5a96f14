"""What the benchmark runs: programs that scripts/bench.sh has built, and a folder to work in."""

import shutil
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


@dataclass
class Tools:
    bridge: Path
    handover: Path
    loadgen: Path
    upstream: Path
    python: Path
    """Has uvloop, websockets and orjson."""
    openenv: Path
    """The folder of a virtual environment's programs, with openenv and uvicorn in it."""
    work: Path

    @property
    def nginx(self) -> str | None:
        return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")

    def folder(self, name: str) -> Path:
        folder = self.work / name
        folder.mkdir(parents=True)
        return folder
