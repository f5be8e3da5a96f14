"""The bridge's end of the worker protocol, as small as a test needs it."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from struct import pack, unpack
from typing import Any

ADAPTERS = Path(__file__).resolve().parent.parent
REPOSITORY = ADAPTERS.parent
# No test waits longer for anything; what does not come fails the test.
DEADLINE = 30.0


class Worker:
    """A real `python -m rewardbridge.worker` at the other end of a real socketpair."""

    def __init__(self, root: Path, path: Sequence[Path] = (), cwd: Path | None = None, **variables: str) -> None:
        self.root = root
        self.connection, theirs = socket.socketpair()
        self.connection.settimeout(DEADLINE)
        # The child's descriptor 3 is `theirs`, whatever its number here; the bridge's own shim does the same.
        command = f'exec 3<&{theirs.fileno()} {theirs.fileno()}<&-; exec "$0" -m rewardbridge.worker'
        self.process = subprocess.Popen(
            ["/bin/bash", "-c", command, sys.executable],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=[theirs.fileno()],
            cwd=cwd or root,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": os.pathsep.join(map(str, [*path, ADAPTERS])),
                "PYTHONHASHSEED": "0",
                **variables,
            },
        )
        theirs.close()

    def send(self, *messages: Any) -> None:
        self.send_text(json.dumps(messages if len(messages) > 1 else messages[0]))

    def send_text(self, text: str | bytes) -> None:
        content = text.encode() if isinstance(text, str) else text
        self.connection.sendall(pack(">I", len(content)) + content)

    def receive(self) -> list[dict[str, Any]]:
        """The messages of the next frame."""
        (length,) = unpack(">I", self._read(4))
        content = json.loads(self._read(length), parse_constant=_refuse)
        return content if isinstance(content, list) else [content]

    def outcomes(self, count: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while len(found) < count:
            found += self.receive()
        assert len(found) == count
        return found

    def load(self, target: str, adapter: str = "python", **settings: Any) -> dict[str, Any]:
        """The answer to `load`: `loaded` or `refused`."""
        [hello] = self.receive()
        assert hello["type"] == "hello"
        component = {"adapter": adapter, "target": target, **settings}
        self.send({"type": "load", "protocol": 1, "root": str(self.root), "component": component})
        [answer] = self.receive()
        return answer

    def score(self, record: dict[str, Any], call: int = 1, episode: str = "e/1") -> dict[str, Any]:
        self.send(score(record, call, episode))
        [outcome] = self.outcomes(1)
        assert outcome["type"] == "outcome" and outcome["id"] == call
        return outcome

    def is_at_end(self) -> bool:
        return self.connection.recv(1) == b""

    def end(self) -> int:
        """Hangs up and waits for the worker's exit."""
        self.connection.close()
        self.log = self.process.communicate(timeout=DEADLINE)
        return self.process.returncode

    def _read(self, count: int) -> bytes:
        content = b""
        while len(content) < count:
            read = self.connection.recv(count - len(content))
            if not read:
                raise EOFError(f"the worker hung up; its log: {self.process.communicate(timeout=DEADLINE)}")
            content += read
        return content


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not JSON")


def score(record: dict[str, Any], call: int, episode: str = "e/1", **more: Any) -> dict[str, Any]:
    return {"type": "score", "id": call, "episode": episode, "record": record, **more}


def step(action: Any = "go", observation: Any = None, index: int = 1, **more: Any) -> dict[str, Any]:
    """A record of one step."""
    seen = {} if observation is None else observation
    last = {"index": index, "action": action, "observation": seen, "reward": 0.5, "done": False}
    return {"schema": "evalrec/1", "steps": [last], **more}


def said(text: Any, **more: Any) -> dict[str, Any]:
    """A record of one answer to one question."""
    return {
        "schema": "evalrec/1",
        "prompt": [{"role": "user", "content": "What?"}],
        "messages": [{"role": "assistant", "content": text, "sampled": True}],
        **more,
    }
