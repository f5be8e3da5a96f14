"""Loads a component, and lets it in only if the version covers all of its code."""

import gc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rewardbridge.adapters import find
from rewardbridge.calls import outside
from rewardbridge.kinds import Kind
from rewardbridge.provenance import Provenance
from rewardbridge.seam import Component, LoadRefused, Source


def source_of(component: Mapping[str, Any], root: str, shared: bool = False) -> Source:
    """:param component: the node of the rubric file, as `load` of RFC 002 carries it."""
    settings = {name: value for name, value in component.items() if name not in ("adapter", "target")}
    return Source(
        str(component.get("adapter")),
        str(component.get("target")),
        settings,
        Path(root),
        shared,
    )


def load_component(source: Source, provenance: Provenance) -> Component:
    """:raises LoadRefused: also for code that the version does not cover. What the code raises goes through."""
    component: Component = find(source.adapter)(source)
    if outsider := provenance.check():
        raise LoadRefused(
            outside(outsider),
            hint="list it in the rubric's files:, or install it into the environment (not as editable)",
            kind=Kind.VERSION_UNAVAILABLE,
        )
    # What is loaded stays; the collector need not look at it again.
    gc.collect()
    gc.freeze()
    return component
