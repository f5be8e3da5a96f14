"""What the bridge aims at, each as a limit and the figure that was measured."""

from collections.abc import Iterator
from dataclasses import dataclass

from .comparison import Comparison, p50, rate, relay_cpu
from .load import Cell

FACTOR, MICROSECONDS, KIBIBYTES = "x", " us", " KiB"


@dataclass
class Aim:
    what: str
    figure: float | None
    limit: float
    unit: str = FACTOR
    at_least: bool = False

    @property
    def verdict(self) -> str:
        if self.figure is None:
            return "not measured"
        met = self.figure >= self.limit if self.at_least else self.figure <= self.limit
        return "met" if met else "missed"


def native_aims(of: Comparison) -> Iterator[Aim]:
    """Over the environment that answers at once."""
    for cell in of.cells():
        if cell.sessions == 1:
            yield from latency_aims(of, cell)
        else:
            yield from throughput_aims(of, cell)


def latency_aims(of: Comparison, cell: Cell) -> Iterator[Aim]:
    limit = 1.2 if cell.size > 1024 else 1.1
    yield Aim(f"{cell}: bridge's median latency to nginx's", of.ratio("bridge", "nginx", cell, p50), limit)
    if cell.size == 1024:
        for runtime, limit in (("embedded", 50), ("worker", 130)):
            figure = of.difference(runtime, "bridge", cell, p50)
            yield Aim(f"{cell}: {runtime} rubric adds to the median latency", figure, limit, MICROSECONDS)


def throughput_aims(of: Comparison, cell: Cell) -> Iterator[Aim]:
    figure = of.ratio("bridge", "nginx", cell, rate)
    yield Aim(f"{cell}: bridge's throughput to nginx's", figure, 0.9, at_least=True)
    if cell.sessions != 64:
        return
    for runtime, limit in (("embedded", 3), ("worker", 2.5)):
        figure = of.ratio(runtime, "python", cell, rate)
        yield Aim(f"{cell}: {runtime}'s throughput to the Python proxy's", figure, limit, at_least=True)
    for runtime in ("embedded", "worker"):
        figure = of.ratio(runtime, "python", cell, relay_cpu)
        yield Aim(f"{cell}: {runtime}'s CPU per step to the Python proxy's", figure, 0.5)


def batch_aims(of: Comparison) -> Iterator[Aim]:
    for cell in of.cells():
        what = f"{cell}: a function of lists to the same function of one record, throughput"
        yield Aim(what, of.ratio("together", "each", cell, rate), 3, at_least=True)


def openenv_aims(of: Comparison) -> Iterator[Aim]:
    """Over a real server, which is what most users have."""
    # One session in a closed loop has no throughput of its own: it is what the latency leaves.
    for cell in (cell for cell in of.cells() if cell.sessions > 1):
        for route in ("bridge", "embedded", "worker"):
            figure = of.ratio(route, "direct", cell, rate)
            what = f"OpenEnv server, {cell}: {route}'s throughput to direct"
            yield Aim(what, figure, 0.95, at_least=True)


def idle_aims(bytes_of: dict[str, float]) -> Iterator[Aim]:
    figure = bytes_of.get("bridge")
    yield Aim("resident memory of an idle session", figure and figure / 1024, 64, KIBIBYTES)
