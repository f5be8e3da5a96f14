"""The Autobahn test suite on both sides of the bridge: `autobahn.py PYTHON2 FOLDER [--quick]`.

In front of it, Autobahn plays every client there is, good and bad, and an echo server is the environment. Behind it,
Autobahn plays the environment, and an echo client takes its cases. Both runs are made twice, directly and through the
bridge. A case counts against the bridge when it fails through the bridge and does not fail directly: UTF-8 and close
codes, for example, are left to the endpoints, and judged from end to end.
"""

import json
import os
import socket
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from support.bridge import Bridge, relayed
from support.environment import PYTHON
from support.process import Process

HERE = Path(__file__).resolve().parent
GROUPS = {
    "1": "framing",
    "2": "pings and pongs",
    "3": "reserved bits",
    "4": "opcodes",
    "5": "fragmentation",
    "6": "UTF-8",
    "7": "closing",
    "9": "limits",
    "10": "auto-fragmentation",
}
COMPRESSION = ["12.*", "13.*"]
"""Declined by the bridge: there is nothing to test."""
SLOW = ["9.*"]
FINE = {"OK", "NON-STRICT", "INFORMATIONAL"}
PATIENCE = 1800


@dataclass
class Side:
    name: str
    direct: dict
    bridge: dict

    def lost(self) -> list[str]:
        """Cases that only the bridge fails."""
        return [case for case in self.direct if is_fine(self.direct[case]) and not is_fine(self.bridge.get(case, {}))]

    def rows(self) -> list[str]:
        results = {"direct": self.direct, "bridge": self.bridge}
        counts = {name: Counter(group(case) for case in of if is_fine(of[case])) for name, of in results.items()}
        totals = Counter(group(case) for case in self.direct)
        rows = [
            f"| {self.name} | {number} {title} | {totals[number]} | {counts['direct'][number]} | "
            f"{counts['bridge'][number]} |"
            for number, title in GROUPS.items()
            if totals[number]
        ]
        fine = [sum(count.values()) for count in (totals, counts["direct"], counts["bridge"])]
        return [*rows, f"| {self.name} | all | {fine[0]} | {fine[1]} | {fine[2]} |"]


def group(case: str) -> str:
    return case.split(".")[0]


def is_fine(result: dict) -> bool:
    return {result.get("behavior"), result.get("behaviorClose")} <= FINE


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


class Autobahn:
    def __init__(self, python: str, folder: Path, excluded: list[str]):
        self.python, self.folder, self.excluded = python, folder, excluded

    def start(self, mode: str, **settings) -> Process:
        spec = {"outdir": str(self.folder / mode), "cases": ["*"], "exclude-cases": self.excluded, **settings}
        path = self.folder / f"{mode}.json"
        path.write_text(json.dumps({**spec, "exclude-agent-cases": {}}))
        # Not PYTHONPATH alone, which knows no namespace packages.
        importing = f"import site; site.addsitedir({os.environ['AUTOBAHN']!r})"
        program = f"{importing}; from autobahntestsuite.wstest import run; run()"
        command = [self.python, "-W", "ignore", "-c", program, "-m", mode, "-s", path, "-u", "0"]
        return Process(command, cwd=self.folder)

    def results(self, mode: str) -> dict:
        return json.loads((self.folder / mode / "index.json").read_text())


def in_front(autobahn: Autobahn, folder: Path) -> Side:
    """Autobahn is the client."""
    with Process([PYTHON, HERE / "echo.py", "server"]) as echo:
        port = int(echo.wait_for(r"listening on (\d+)")[1])
        with Bridge(folder, relayed(f"http://127.0.0.1:{port}")) as bridge:
            urls = {"direct": f"ws://127.0.0.1:{port}/ws", "bridge": bridge.ready().url.replace("http", "ws") + "/ws"}
            servers = [{"agent": agent, "url": url} for agent, url in urls.items()]
            with autobahn.start("fuzzingclient", servers=servers) as client:
                assert client.wait(PATIENCE) == 0, client.output
    return Side("client side", **autobahn.results("fuzzingclient"))


def behind(autobahn: Autobahn, folder: Path) -> Side:
    """Autobahn is the environment."""
    port = free_port()
    with autobahn.start("fuzzingserver", url=f"ws://127.0.0.1:{port}") as server:
        server.wait_for("Cases = ")
        with Bridge(folder, relayed(f"http://127.0.0.1:{port}")) as bridge:
            urls = {"direct": f"ws://127.0.0.1:{port}", "bridge": bridge.ready().url.replace("http", "ws")}
            for agent, url in urls.items():
                with Process([PYTHON, HERE / "echo.py", "client", url, agent]) as client:
                    assert client.wait(PATIENCE) == 0, client.output
    return Side("environment side", **autobahn.results("fuzzingserver"))


def main(python: str, folder: str, *options: str) -> int:
    results = Path(folder).resolve()
    results.mkdir(parents=True, exist_ok=True)
    autobahn = Autobahn(python, results, COMPRESSION + (SLOW if "--quick" in options else []))
    sides = []
    for run in (in_front, behind):
        with tempfile.TemporaryDirectory() as scratch:
            sides.append(run(autobahn, Path(scratch)))
    print("| side | cases | all | direct | bridge |\n|---|---|---|---|---|")
    for side in sides:
        print("\n".join(side.rows()))
    lost = [f"{side.name} {case}: {side.bridge.get(case)}" for side in sides for case in side.lost()]
    print("\n".join(lost) or "autobahn: no case fails through the bridge that does not fail directly")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
