#!/usr/bin/env python3
"""Compares the ways to an OpenEnv environment, and holds the bridge against its aims. README.md says how to read it."""

import argparse
import json
import resource
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

from bench import environments, report
from bench.aims import batch_aims, idle_aims, native_aims, openenv_aims
from bench.comparison import Comparison, compare
from bench.handover import handover_us
from bench.idle import SESSIONS, idle_bytes
from bench.load import Cell, WrongReply
from bench.routes import BATCHES, ROUTES, close_routes, open_routes
from bench.tools import PACKAGE, Tools

SIZES = [200, 1024, 16 * 1024]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    built = PACKAGE / ".build" / "release"
    root = PACKAGE.parent
    parser.add_argument("--bridge", type=Path, default=root / ".build" / "release" / "rewardbridge")
    parser.add_argument("--python", type=Path, default=PACKAGE / ".build" / "venv" / "bin" / "python")
    parser.add_argument("--openenv", type=Path, default=root / ".venv" / "bin", help="where openenv and uvicorn are")
    parser.add_argument("--built", type=Path, default=built, help="where loadgen and upstream are")
    parser.add_argument("--routes", nargs="+", choices=ROUTES, default=list(ROUTES))
    parser.add_argument("--sessions", nargs="+", type=int, default=[1, 16, 64])
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, help="bytes of a reply")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2, help="of one run")
    parser.add_argument("--skip", nargs="+", choices=["native", "idle", "batches", "openenv"], default=[])
    parser.add_argument("--quick", action="store_true", help="about a minute: is it all there, and roughly right?")
    parser.add_argument("--json", type=Path, help="where to write all runs and aims")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.sessions, chosen.sizes, chosen.repetitions, chosen.seconds = [1, 64], [1024], 3, 0.8
    return chosen


def over_native(chosen: argparse.Namespace, tools: Tools) -> tuple[Comparison, dict[str, float], dict[str, str]]:
    idle = {}
    compared = Comparison()
    with environments.native(tools) as environment:
        routes, skipped = open_routes(chosen.routes, tools, environment)
        try:
            if "idle" not in chosen.skip:
                idle = {each.name: idle_bytes(tools, each) for each in routes if each.name in ("nginx", "bridge")}
            if "native" not in chosen.skip:
                cells = [Cell(sessions, size) for sessions in chosen.sessions for size in chosen.sizes]
                compared = compare(tools, environment, routes, cells, chosen.repetitions, chosen.seconds)
        finally:
            close_routes(routes)
    return compared, idle, skipped


def over_batches(chosen: argparse.Namespace, tools: Tools) -> Comparison:
    if "batches" in chosen.skip:
        return Comparison()
    with environments.native(tools) as environment:
        routes, _ = open_routes(BATCHES, tools, environment)
        try:
            return compare(tools, environment, routes, [Cell(64, 200)], chosen.repetitions, chosen.seconds)
        finally:
            close_routes(routes)


def over_openenv(chosen: argparse.Namespace, tools: Tools) -> Comparison:
    if "openenv" in chosen.skip:
        return Comparison()
    if not (chosen.openenv / "openenv").exists():
        print(f"skipped: the OpenEnv server: {chosen.openenv} has no openenv (scripts/setup.sh demo makes it)")
        return Comparison()
    names = [name for name in chosen.routes if name in ("direct", "bridge", "embedded", "worker")]
    with environments.openenv(tools) as environment:
        routes, _ = open_routes(names, tools, environment)
        try:
            cells = [Cell(sessions) for sessions in chosen.sessions]
            return compare(tools, environment, routes, cells, chosen.repetitions, chosen.seconds)
        finally:
            close_routes(routes)


def run(chosen: argparse.Namespace, work: Path) -> None:
    def tools(part: str) -> Tools:
        built = chosen.built
        programs = (built / name for name in ("handover", "loadgen", "upstream"))
        return Tools(chosen.bridge, *programs, chosen.python, chosen.openenv, work / part)

    handover = handover_us(tools("handover"))
    native, idle, skipped = over_native(chosen, tools("native"))
    batches = over_batches(chosen, tools("batches"))
    real = over_openenv(chosen, tools("openenv"))
    aims = [*native_aims(native), *(idle_aims(idle) if idle else []), *batch_aims(batches), *openenv_aims(real)]
    report.print_comparison("native environment", native)
    report.print_comparison("functions of lists", batches)
    report.print_comparison("OpenEnv server", real)
    report.print_idle(idle, SESSIONS)
    print(f"\nwaking another thread and being woken by it takes this machine {handover:.0f} us")
    report.print_aims(aims)
    if chosen.json:
        told = {
            "machine": report.machine() | {"handover_us": handover},
            "skipped": skipped,
            "native": report.as_json(native),
            "batches": report.as_json(batches),
            "openenv": report.as_json(real),
            "idle_bytes": idle,
            "aims": [asdict(aim) | {"verdict": aim.verdict} for aim in aims],
        }
        chosen.json.write_text(json.dumps(told, indent=1) + "\n")


def main() -> int:
    chosen = arguments()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    work = PACKAGE / ".build" / "run"
    shutil.rmtree(work, ignore_errors=True)
    try:
        run(chosen, work)
    except WrongReply as error:
        print(f"a reply was wrong: {error} (what the programs said is in {work})", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
