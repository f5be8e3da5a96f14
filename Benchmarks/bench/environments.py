"""The environments that the routes lead to."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from .processes import Program, free_port
from .routes import Environment
from .tools import Tools


@contextmanager
def native(tools: Tools) -> Iterator[Environment]:
    """Answers at once with as many bytes as it is asked for: the relay is what is measured."""
    program = Program([tools.upstream, "--port", "0"], tools.folder("upstream") / "output")
    try:
        yield Environment(program, int(program.wait_for(r"^(\d+)\n")), reward="0.0")
    finally:
        program.stop()


@contextmanager
def openenv(tools: Tools) -> Iterator[Environment]:
    """A server of OpenEnv's own template, as `openenv init` makes it, with room for more than one session."""
    folder = tools.folder("openenv")
    subprocess.run([tools.openenv / "openenv", "init", "greeter"], cwd=folder, check=True, capture_output=True)
    app = folder / "greeter" / "server" / "app.py"
    app.write_text(app.read_text().replace("max_concurrent_envs=1,", "max_concurrent_envs=64,"))
    port = free_port()
    command = [tools.openenv / "uvicorn", "server.app:app", "--port", str(port), "--log-level", "warning"]
    program = Program(command, folder / "output", cwd=folder / "greeter")
    try:
        program.wait_until_listening(port)
        yield Environment(program, port, reward="0.2")
    finally:
        program.stop()
