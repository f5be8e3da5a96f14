"""verl's own scorers, without the torch and Ray that `import verl` asks for."""

import sys
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from functools import wraps
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from multiprocessing import get_context
from pathlib import Path
from types import ModuleType
from typing import Any

from rewardbridge.failures import NoScore
from rewardbridge.kinds import Kind
from rewardbridge.result import failed
from rewardbridge.seam import LoadRefused
from rewardbridge.suggestion import did_you_mean

PACKAGE = "verl.utils.reward_score"
BY_DATA_SOURCE = "default_compute_score"
BATCHED = "math_batch"
# Answer no metadata when they could not run the tests at all; the score is 0 then.
OF_CODE = ("prime_code", "sandbox_fusion")


def has_torch() -> bool:
    return find_spec("torch") is not None


def bypass() -> None:
    """From now on the packages above the scorers are empty ones, unless they are imported already."""
    path = None
    for name in ("verl", "verl.utils"):
        if name not in sys.modules:
            spec = PathFinder.find_spec(name, path)
            sys.modules[name] = module_from_spec(spec)
        path = sys.modules[name].__path__


def scorer_of(target: str) -> Callable[..., Any]:
    """
    :raises LoadRefused: when there is no such scorer, or it needs what is not installed.
    """
    bypass()
    package = import_module(PACKAGE)
    for name in OF_CODE:
        _refuse_silent_zero(package, name)
    if target == BY_DATA_SOURCE:
        return package.default_compute_score
    known = sorted(_names(package))
    if target not in known:
        hint = did_you_mean(target, [BY_DATA_SOURCE, *known])
        raise LoadRefused(f"could not find scorer '{target}' in {PACKAGE}", hint)
    try:
        module = import_module(f"{PACKAGE}.{target}")
    except ModuleNotFoundError as error:
        hint = f"install it into {sys.prefix}"
        raise LoadRefused(f"could not import verl's {target}: it needs {error.name}", hint) from error
    if target == "math_verify":
        return _watched(module)
    return module.compute_score_batched if target == BATCHED else module.compute_score


def _names(package: ModuleType) -> list[str]:
    return [each.stem for place in package.__path__ for each in Path(place).iterdir() if each.stem[0] not in "._"]


def _refuse_silent_zero(package: ModuleType, name: str) -> None:
    try:
        module = import_module(f"{PACKAGE}.{name}")
    except ImportError:
        return  # a dependency of this scorer only; verl says so when the scorer is called
    scorer = module.compute_score
    if hasattr(scorer, "__wrapped__"):
        return

    @wraps(scorer)
    def checked(*args: Any, **named: Any) -> Any:
        result = scorer(*args, **named)
        if isinstance(result, tuple) and result[1] is None:
            raise NoScore(failed(Kind.VERIFIER_ERROR, f"verl's {name} could not run the tests (see the worker's log)"))
        return result

    module.compute_score = checked


class _Pool(ProcessPoolExecutor):
    """Remembers what it was asked last."""

    last: Future | None = None

    def submit(self, *call: Any, **named: Any) -> Future:
        self.last = super().submit(*call, **named)
        return self.last


def _watched(module: ModuleType) -> Callable[..., Any]:
    """verl's math_verify, of whose errors and timeouts it makes a 0; in a pool of the same kind as its own, whose
    processes do not import torch either."""
    module._pool = pool = _Pool(4, mp_context=get_context("spawn"), initializer=bypass)
    scorer = module.compute_score

    @wraps(scorer)
    def checked(*args: Any, **named: Any) -> Any:
        pool.last = None
        value = scorer(*args, **named)
        if pool.last is None or not pool.last.done():
            raise NoScore(failed(Kind.TIMEOUT, "verl's math_verify ran out of time, or had no process to run in"))
        if error := pool.last.exception():
            raise error
        return value

    return checked
