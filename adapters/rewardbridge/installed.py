"""What this Python holds: `python -m rewardbridge.installed ADAPTER...` prints as JSON every distribution, and those of
the adapters that do not load."""

import json
import platform
import sys
from collections.abc import Iterable
from importlib.metadata import distributions

from rewardbridge.adapters import find
from rewardbridge.texts import clean


def packages() -> dict[str, str]:
    """Versions by name, sorted; without pip, which decides no score and is upgraded for its own sake."""
    found = {each.metadata["Name"]: each.version for each in distributions()}
    return {name: found[name] for name in sorted(filter(None, found)) if name != "pip"}


def failures(adapters: Iterable[str]) -> dict[str, str]:
    """Why adapters do not load, by their names."""
    found = {}
    for name in adapters:
        try:
            find(name)
        except Exception as error:
            found[name] = clean(f"{type(error).__name__}: {error}", 300)
    return found


if __name__ == "__main__":
    told = {"python": platform.python_version(), "packages": packages(), "failures": failures(sys.argv[1:])}
    json.dump(told, sys.stdout)
