"""One module per library, and how an adapter is found by its name."""

from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from rewardbridge.seam import LoadRefused
from rewardbridge.suggestion import did_you_mean

GROUP = "rewardbridge.adapters"

# Found without an installed distribution too; nobody can replace these.
BUILT_IN = {
    "openenv": "rewardbridge.adapters.openenv:OpenEnvAdapter",
    "python": "rewardbridge.adapters.python:PythonAdapter",
}


def find(name: str) -> Any:
    """The adapter's class.

    :raises LoadRefused: when there is none of that name.
    """
    if name in BUILT_IN:
        module, _, attribute = BUILT_IN[name].partition(":")
        return getattr(import_module(module), attribute)
    installed = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name in installed:
        return installed[name].load()
    known = BUILT_IN.keys() | installed.keys()
    raise LoadRefused(f"could not find adapter '{name}': not installed", hint=did_you_mean(name, known))
