"""The ways from the load generator to an environment. Each is opened once and stays open for the whole comparison."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .processes import DidNotStart, Program, cpu_seconds, family, free_port
from .tools import PACKAGE, Tools

PARTS = PACKAGE / "paths"
RUBRIC_REWARD = "0.75"


@dataclass
class Environment:
    """Where all routes lead."""

    program: Program
    port: int
    reward: str
    """Its own, which must arrive where nothing is scored."""


@dataclass
class Route:
    name: str
    port: int
    reward: str
    """What every step must bring back."""
    program: Program | None = None
    """The relay; nothing on the direct way."""

    def pids(self) -> list[int]:
        return family(self.program.pid) if self.program else []

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far: of the relay, and of the processes that it has started to score."""
        pids = self.pids()
        own = len(pids) if self.name == "nginx" else 1
        return {"relay": cpu_seconds(pids[:own]), "workers": cpu_seconds(pids[own:])}


def direct(tools: Tools, environment: Environment) -> Route:
    return Route("direct", environment.port, environment.reward)


def nginx(tools: Tools, environment: Environment) -> Route:
    if not tools.nginx:
        raise DidNotStart("nginx is not installed (apt-get install nginx-light)")
    folder, port = tools.folder("nginx"), free_port()
    text = (PARTS / "nginx.conf").read_text()
    values = {"folder": folder, "port": port, "environment": f"http://127.0.0.1:{environment.port}"}
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", str(value))
    configuration = folder / "nginx.conf"
    configuration.write_text(text)
    command = [tools.nginx, "-p", folder, "-e", folder / "nginx.log", "-c", configuration]
    program = Program(command, folder / "output")
    program.wait_until_listening(port)
    return Route("nginx", port, environment.reward, program)


def python(tools: Tools, environment: Environment) -> Route:
    port = free_port()
    command = [tools.python, PARTS / "python_proxy.py", str(port), str(environment.port)]
    program = Program(command, tools.folder("python") / "output")
    program.wait_until_listening(port)
    return Route("python", port, RUBRIC_REWARD, program)


def bridge(tools: Tools, environment: Environment) -> Route:
    return open_bridge(tools, environment, "bridge", [], environment.reward)


def embedded(tools: Tools, environment: Environment) -> Route:
    return open_bridge(tools, environment, "embedded", [*scored(tools), "--runtime", "embedded"], RUBRIC_REWARD)


def worker(tools: Tools, environment: Environment) -> Route:
    return open_bridge(tools, environment, "worker", scored(tools), RUBRIC_REWARD)


def each(tools: Tools, environment: Environment) -> Route:
    return open_bridge(tools, environment, "each", listed(tools, "each"), RUBRIC_REWARD)


def together(tools: Tools, environment: Environment) -> Route:
    return open_bridge(tools, environment, "together", listed(tools, "together"), RUBRIC_REWARD)


def listed(tools: Tools, function: str) -> list[str]:
    rubric = f"python:{PARTS / 'batches.py'}:{function}"
    return ["--config", str(PARTS / "batches.yaml"), "--rubric", rubric, "--python", str(tools.python)]


def scored(tools: Tools) -> list[str]:
    return ["--rubric", str(PARTS / "rubric.yaml"), "--python", str(tools.python)]


def open_bridge(tools: Tools, environment: Environment, name: str, options: list[str], reward: str) -> Route:
    folder = tools.folder(name)
    command = [tools.bridge, "serve", "--env", f"http://127.0.0.1:{environment.port}", "--listen", "127.0.0.1:0"]
    program = Program([*command, "--state", folder / "state", *options], folder / "output", cwd=folder)
    port = int(program.wait_for(r"listening on [\d.]+:(\d+)"))
    return Route(name, port, reward, program)


ROUTES: dict[str, Callable[[Tools, Environment], Route]] = {
    function.__name__: function for function in (direct, nginx, python, bridge, embedded, worker)
}
# One rubric as a function of a record, and of lists.
BATCHES: dict[str, Callable[[Tools, Environment], Route]] = {each.__name__: each, together.__name__: together}


def open_routes(names: Iterable[str], tools: Tools, environment: Environment) -> tuple[list[Route], dict[str, str]]:
    """Opens what can be opened.

    Returns the open routes, and of the others why they are not.
    """
    opened, skipped = [], {}
    for name in names:
        try:
            opened.append((ROUTES | BATCHES)[name](tools, environment))
        except DidNotStart as reason:
            skipped[name] = str(reason)
            print(f"skipped: {name}: {reason}", flush=True)
    return opened, skipped


def close_routes(routes: Iterable[Route]) -> None:
    for route in routes:
        if route.program:
            route.program.stop()
