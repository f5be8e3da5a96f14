"""One module per library, and how an adapter is found by its name."""

from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from rewardbridge.catalogue import BUILT_IN, GROUP
from rewardbridge.seam import LoadRefused
from rewardbridge.suggestion import did_you_mean


def find(name: str) -> Any:
    """The adapter's class. Nobody can replace a built-in one, which is found without an installed distribution too.

    :raises LoadRefused: when there is none of that name.
    """
    if name in BUILT_IN:
        module, _, attribute = BUILT_IN[name].adapter.partition(":")
        return getattr(import_module(module), attribute)
    installed = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name in installed:
        return installed[name].load()
    known = BUILT_IN.keys() | installed.keys()
    raise LoadRefused(f"could not find adapter '{name}': not installed", hint=did_you_mean(name, known))
