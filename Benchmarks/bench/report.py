"""Tables for people, and one file for programs."""

import dataclasses
import os
import platform
from collections.abc import Iterable

from .aims import Aim
from .comparison import Comparison
from .load import Cell, Run

COLUMNS = ("route", "p50 us", "p99 us", "steps/s", "relay", "workers", "environment", "generator", "cores", "load")


def print_comparison(title: str, of: Comparison) -> None:
    for cell in of.cells():
        print(f"\n{title}: {cell}")
        print_table([COLUMNS, *(row(of, route, cell) for route in of.routes(cell))])


def row(of: Comparison, route: str, cell: Cell) -> tuple[str, ...]:
    def median(figure) -> float:
        return of.median(route, cell, figure)

    def cpu(name: str) -> str:
        return f"{median(lambda run: run.cpu[name]):.1f} ({median(lambda run: run.share[name]):.2f})"

    processes = map(cpu, ("relay", "workers", "environment", "generator"))
    used = median(lambda run: sum(run.share.values()))
    times = (f"{median(lambda run: run.p50):.0f}", f"{median(lambda run: run.p99):.0f}")
    load = median(lambda run: run.load)
    return (route, *times, f"{median(lambda run: run.rate):,.0f}", *processes, f"{used:.2f}", f"{load:.1f}")


def print_table(rows: list[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows)]
    for cells in rows:
        first, *rest = zip(cells, widths)
        print("  " + "  ".join([first[0].ljust(first[1]), *(text.rjust(width) for text, width in rest)]))


def print_idle(bytes_of: dict[str, float], sessions: int) -> None:
    if bytes_of:
        print(f"\nresident memory for each of {sessions} idle sessions")
        print_table([(name, f"{figure / 1024:.1f} KiB") for name, figure in bytes_of.items()])


def print_aims(aims: Iterable[Aim]) -> None:
    print("\naims")
    for aim in aims:
        figure = "-" if aim.figure is None else f"{aim.figure:.2f}{aim.unit}"
        bound = "at least" if aim.at_least else "at most"
        print(f"  {aim.verdict:12}  {aim.what}: {figure} ({bound} {aim.limit:g}{aim.unit})")


def machine() -> dict[str, object]:
    return {"cores": os.cpu_count(), "kernel": platform.release(), "load": os.getloadavg()}


def as_json(of: Comparison) -> list[dict[str, object]]:
    return [
        {"route": route, "sessions": cell.sessions, "size": cell.size, "runs": [flat(run) for run in runs]}
        for (route, cell), runs in of.runs.items()
    ]


def flat(run: Run) -> dict[str, object]:
    return dataclasses.asdict(run)
