#!/usr/bin/env python3
"""What an adapter costs for each record beside its library: python3 Benchmarks/conversion.py [NAME ...]

Over the examples of examples/libraries, in the environments that scripts/test-libraries.sh makes. The share of the
adapter's own code is taken from a profile, and applied to the time of calls without one.
"""

import argparse
import asyncio
import cProfile
import json
import pstats
import subprocess
import sys
import time
from inspect import isawaitable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = ROOT / ".libraries"
SECONDS = 1.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="adapters; all that have an environment unless given")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.inside:
        measure(chosen.names[0])
        return 0
    names = chosen.names or sorted(each.parent.parent.name for each in LIBRARIES.glob("*/bin/python"))
    print(f"{'adapter':16}{'us a record':>14}{'adapter us':>14}")
    for name in names:
        done = subprocess.run(
            [LIBRARIES / name / "bin" / "python", __file__, "--inside", name], capture_output=True, text=True, cwd=ROOT
        )
        print(done.stdout if done.returncode == 0 else f"{name:16}  skipped: {done.stderr.splitlines()[-1]}\n", end="")
    return 0


def measure(name: str) -> None:
    sys.path[:0] = [str(ROOT / "adapters"), str(ROOT / "adapters" / "tests" / "libraries")]
    import yaml
    from calls import made
    from conftest import NOT_THE_ADAPTERS

    folder = ROOT / "examples" / "libraries" / name
    settings = {
        key: value
        for key, value in yaml.safe_load((folder / "rubric.yaml").read_text()).items()
        if key not in NOT_THE_ADAPTERS
    }
    component = made(settings.pop("component"), folder, **settings)
    records = [json.loads(line) for line in (folder / "records.jsonl").read_text().splitlines()]
    total = asyncio.run(each(component, records))
    profile = cProfile.Profile()
    profile.enable()
    asyncio.run(each(component, records))
    profile.disable()
    times = pstats.Stats(profile).stats
    own = sum(row[2] for (file, _, _), row in times.items() if "/adapters/rewardbridge/" in file)
    share = own / sum(row[2] for row in times.values())
    print(f"{name:16}{total * 1e6:14.1f}{total * share * 1e6:14.1f}")


async def each(component, records) -> float:
    """Seconds a record."""
    started, count = time.perf_counter(), 0
    while time.perf_counter() - started < SECONDS:
        for record in records:
            component.open("e/1")
            result = component.score("e/1", record)
            if isawaitable(result):
                await result
            component.close("e/1")
            count += 1
    return (time.perf_counter() - started) / count


if __name__ == "__main__":
    sys.exit(main())
