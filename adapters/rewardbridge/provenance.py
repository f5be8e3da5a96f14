"""Which code decides a score: modules under the version's root, installed distributions, and nothing else."""

import importlib.metadata
import os
import site
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any

_OWN = os.path.realpath(os.path.dirname(__file__))


class Provenance:
    """Watches which modules are loaded. `outsider` stays set once it is."""

    def __init__(self, root: Path, watch: "ModuleWatch | None" = None) -> None:
        self.root = os.path.realpath(root)
        self.outsider: str | None = None
        self._watch = watch or ModuleWatch()
        self._watch.roots.add(self.root)

    def check(self) -> str | None:
        """Looks at modules that are new since the last look, which costs next to nothing when there are none.

        :return: the file of a module that the version does not cover, or None.
        """
        self.outsider = self.outsider or self._watch.look()
        return self.outsider

    def modules(self) -> list[str]:
        """Files under the root that were loaded, relative to it, sorted."""
        real = {os.path.realpath(file) for _, file in _files()}
        return sorted(os.path.relpath(file, self.root) for file in real if _is_under(file, self.root))


class ModuleWatch:
    """Sees each loaded module once. Versions that share an interpreter share it, so that code which none of them covers
    is put down to the one that loaded it."""

    def __init__(self) -> None:
        # Folders whose files are covered.
        self.roots = {_OWN}
        self._known: set[str] = set()
        self._count = 0

    def look(self) -> str | None:
        """The file of a module that is new and not covered, if there is one."""
        if len(sys.modules) == self._count:
            return None
        self._count = len(sys.modules)
        new = [(name, file) for name, file in _files() if name not in self._known]
        self._known.update(name for name, _ in new)
        return next((file for _, file in new if not self._covers(file)), None)

    def _covers(self, file: str) -> bool:
        real = os.path.realpath(file)
        if any(_is_under(real, place) for place in self.roots):
            return True
        # Installers may link into a cache; the distribution's RECORD covers what is linked.
        given = os.path.abspath(file)
        return any(_is_under(each, place) for each in (given, real) for place in _library())


def distributions() -> list[dict[str, Any]]:
    """The installed distributions that a loaded module belongs to, by their top-level names, sorted.

    `rewardbridge` is left out: a version's digest covers the adapter itself.
    """
    loaded = {name.partition(".")[0] for name, _ in _files()}
    found: dict[str, dict[str, Any]] = {}
    for each in importlib.metadata.distributions():
        name = each.metadata["Name"]
        if name and name != "rewardbridge" and name not in found and not loaded.isdisjoint(_top_levels(each)):
            found[name] = {"name": name, "version": each.version, "record_sha256": _record_digest(each)}
    return [found[name] for name in sorted(found)]


def changed(expected: Iterable[Mapping[str, Any]]) -> str | None:
    """The name of the first of these distributions that is not installed as it was, or None."""
    for each in expected:
        try:
            found = importlib.metadata.distribution(each["name"])
        except importlib.metadata.PackageNotFoundError:
            return each["name"]
        if (found.version, _record_digest(found)) != (each["version"], each.get("record_sha256")):
            return each["name"]
    return None


def _files() -> Iterable[tuple[str, str]]:
    """Name and file of each loaded module that has one, without waking modules that load lazily."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__dict__", {}).get("__file__")
        if isinstance(file, str):
            yield name, file


@cache
def _library() -> tuple[str, ...]:
    """The standard library, and the folders that the environment's installer writes to."""
    paths = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    paths += site.getsitepackages()
    return tuple({place for path in paths if path for place in (os.path.abspath(path), os.path.realpath(path))})


def _is_under(path: str, place: str) -> bool:
    return path.startswith(place + os.sep)


def _top_levels(distribution: Distribution) -> set[str]:
    """The first part of every path in RECORD; `top_level.txt` where the installer wrote no RECORD."""
    record = distribution.read_text("RECORD")
    if record is None:
        return set((distribution.read_text("top_level.txt") or "").split())
    firsts = {line.partition(",")[0].partition("/")[0] for line in record.splitlines()}
    return {first.partition(".")[0] for first in firsts if not first.endswith((".dist-info", ".data"))}


def _record_digest(distribution: Distribution) -> str | None:
    """Of what the package is: the files and their hashes as `RECORD` lists them.

    Not of what depends on who installed it and where: notes of the installer, compiled files, and scripts, whose first
    line has the environment's path.
    """
    listed = (distribution.read_text("RECORD") or "").splitlines()
    files = sorted(line for line in listed if not _is_of_the_installation(line.partition(",")[0]))
    return sha256("\n".join(files).encode()).hexdigest() if listed else None


def _is_of_the_installation(path: str) -> bool:
    return path.startswith(("../", "/")) or "__pycache__/" in path or ".dist-info/" in path
