"""Finds a target: `file.py:attribute` or `package.module:attribute`, under the version's root or in the environment."""

import sys
from hashlib import sha256
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from rewardbridge.kinds import Kind
from rewardbridge.seam import LoadRefused, Source
from rewardbridge.suggestion import did_you_mean


def load_target(source: Source) -> Any:
    """Imports the target's module, as Python itself would from the folder of a script: `root` comes first on the path
    (unless the source is shared).

    :raises LoadRefused: when there is no such module or attribute. What the module raises goes through.
    """
    place, colon, attribute = source.target.partition(":")
    if not place or not colon or not attribute:
        raise LoadRefused("not of the form FILE.py:NAME or MODULE:NAME")
    if not source.shared:
        sys.path.insert(0, str(source.root))
    module = _load_file(source, place) if place.endswith(".py") else _load_module(place)
    return _attribute(module, attribute)


def _load_file(source: Source, place: str) -> ModuleType:
    path = (source.root / place).resolve()
    if not path.is_relative_to(source.root.resolve()):
        raise LoadRefused(f"{place} lies outside the version's files")
    if not path.is_file():
        found = sorted(str(each.relative_to(source.root)) for each in source.root.glob("*.py"))
        raise LoadRefused(f"no file {place}", did_you_mean(place, found), Kind.MISSING_FILE)
    if loaded := _loaded_from(path):
        return loaded
    if source.shared:
        name = f"{path.stem}_{sha256(path.read_bytes()).hexdigest()[:16]}"
        if name in sys.modules:
            return sys.modules[name]
    else:
        name = _free_name(path)
        if path.parent != source.root.resolve():
            sys.path.insert(0, str(path.parent))
    spec = spec_from_file_location(name, path)
    module = module_from_spec(spec)
    # Classes and child processes find their module by its name.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _free_name(path: Path) -> str:
    taken = path.stem in sys.modules or path.stem in sys.stdlib_module_names
    return f"{path.stem}_rubric" if taken else path.stem


def _loaded_from(path: Path) -> ModuleType | None:
    """A second module of one file would have classes of its own."""
    for module in list(sys.modules.values()):
        # By the dictionary, which does not wake modules that load lazily.
        file = getattr(module, "__dict__", {}).get("__file__")
        if isinstance(file, str) and file.endswith(path.name) and Path(file).resolve() == path:
            return module
    return None


def _load_module(place: str) -> ModuleType:
    try:
        return import_module(place)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{place}.".startswith(f"{error.name}."):
            raise
        hint = f"neither under the version's files nor installed in {sys.prefix}"
        raise LoadRefused(f"no module {error.name}", hint, Kind.MISSING_FILE) from error


def _attribute(module: ModuleType, dotted: str) -> Any:
    found: Any = module
    for name in dotted.split("."):
        if not hasattr(found, name):
            own = [each for each, value in vars(module).items() if _is_own(module, each, value)]
            raise LoadRefused(f"no {name} in {module.__name__}", did_you_mean(name, own))
        found = getattr(found, name)
    return found


def _is_own(module: ModuleType, name: str, value: Any) -> bool:
    return callable(value) and not name.startswith("_") and getattr(value, "__module__", "") == module.__name__
