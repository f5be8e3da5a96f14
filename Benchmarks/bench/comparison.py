"""All runs of one comparison, and the figures that come of them."""

import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .load import Cell, Run, measure
from .routes import Environment, Route
from .tools import Tools

Figure = Callable[[Run], float]


def p50(run: Run) -> float:
    return run.p50


def rate(run: Run) -> float:
    return run.rate


def relay_cpu(run: Run) -> float:
    """Of the relay with its workers."""
    return run.cpu["relay"] + run.cpu["workers"]


@dataclass
class Comparison:
    runs: dict[tuple[str, Cell], list[Run]] = field(default_factory=dict)

    def cells(self) -> list[Cell]:
        return list(dict.fromkeys(cell for _, cell in self.runs))

    def routes(self, cell: Cell) -> list[str]:
        return [route for route, of in self.runs if of == cell]

    def median(self, route: str, cell: Cell, figure: Figure) -> float:
        return statistics.median(map(figure, self.runs[route, cell]))

    def ratio(self, route: str, other: str, cell: Cell, figure: Figure) -> float | None:
        """The median over the repetitions of what one route has to the other.

        Repetitions are compared one by one, because the two runs of one stood next to each other in time.
        """
        return self._paired(route, other, cell, lambda one, two: figure(one) / figure(two))

    def difference(self, route: str, other: str, cell: Cell, figure: Figure) -> float | None:
        return self._paired(route, other, cell, lambda one, two: figure(one) - figure(two))

    def _paired(self, route: str, other: str, cell: Cell, of: Callable[[Run, Run], float]) -> float | None:
        pairs = zip(self.runs.get((route, cell), []), self.runs.get((other, cell), []))
        values = [of(one, two) for one, two in pairs]
        return statistics.median(values) if values else None


def compare(
    tools: Tools,
    environment: Environment,
    routes: list[Route],
    cells: Iterable[Cell],
    repetitions: int,
    seconds: float,
) -> Comparison:
    """Runs A B C A B C ..., so that whatever else the machine does falls on all of them."""
    comparison = Comparison()
    for cell in cells:
        print(f"measuring: {cell}", flush=True)
        for _ in range(repetitions):
            for route in routes:
                run = measure(tools, route, environment, cell, warmup=seconds / 4, seconds=seconds)
                comparison.runs.setdefault((route.name, cell), []).append(run)
    return comparison
