"""The `rewardkit` adapter: Harbor's Reward Kit, criteria in files and folders that look at what an agent left behind.

Target: the folder of the criteria (`rewardkit:tests`), as `rewardkit.run` takes it. `args`, all optional:

- `write`: a mapping of files in the workspace to fields of the record, `{answer.txt: completion}`.
- `sandbox`: `off` runs the criteria without one. They run what came out of an episode, so without bubblewrap the
  component is refused.

For each score the workspace is a fresh copy of the record's `workspace`, `artifacts` and `write`, and the working
folder. Judges' `files` are therefore relative (`main.py` for Harbor's `/app/main.py`); those under `/app`, `/logs` and
`/tests` are refused, since the library tells the judge that they are not found. The record's conversation, as ATIF 1.8,
is where the criteria on trajectories look for it, and at `../logs/agent/trajectory.json`. The rubric file's `env:` lets
in what LiteLLM reads (`OPENAI_API_KEY`, `OPENAI_BASE_URL`), and judges need `network: true` and more than 5 s of
`worker.call_timeout`.

Versions: 0.2.3, on Python 3.12 or newer. With judges the version is mutable and not deterministic.

Unit: episode, unless `unit` says step.

Inputs: `workspace` or `artifacts`, which never pass the wire, or what `write` names; criteria on trajectories take
`prompt` and `messages`, else `steps`.

No score: an error in a criterion makes the library raise without writing any reward: `failed(exception)`, of a judge's
endpoint `judge_failed`, of its answer `judge_unparseable`. A judge that runs out of its time, which the library scores
0.0, is `failed(judge_failed)`; a missing trajectory, which it takes for false, `unscored(needs)`. No criteria at all, a
warning to the library, are refused. The reward is under `reward_key`, else `reward`, else `score`, else the only one;
the others and all criteria become components.

Threads and loops: synchronous, with a loop of the library's own for each score; criteria run in its threads.

Import cost: 3.7 s of CPU and 151 MB, and without LITELLM_LOCAL_MODEL_COST_MAP=True, which workers have, a request.

Offline; live only with `write` and a view.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rewardbridge import fields
from rewardbridge.calling.libraries import library_of
from rewardbridge.calling.options import options_of
from rewardbridge.calling.sandbox import check_sandbox
from rewardbridge.calling.settings import range_of, settings_of
from rewardbridge.calling.workspaces import Places, check_write, laid_out
from rewardbridge.components import PARTS_MAX, component_of
from rewardbridge.failures import message_of, result_of_error, traceback_of
from rewardbridge.kinds import Kind
from rewardbridge.result import Result, failed, result_of
from rewardbridge.seam import Description, LoadRefused, Source, Stateless
from rewardbridge.texts import clean

SETTINGS = ("args", "deterministic", "range", "reward_key", "unit")

# Where Harbor's containers have what is elsewhere here.
ELSEWHERE = ("/app", "/logs", "/tests")


@dataclass(frozen=True)
class Options:
    write: dict = field(default_factory=dict)
    sandbox: str | bool = "required"


class RewardkitAdapter(Stateless):
    """A folder of criteria."""

    def __init__(self, source: Source) -> None:
        self.library = library_of(source.adapter)
        self.settings = settings_of(source, None, SETTINGS)
        self.options = options_of(source, Options)
        if self.settings.unit in ("batch", "group"):
            raise LoadRefused(f"could not score a {self.settings.unit}: criteria get one workspace")
        check_write(self.options.write)
        check_sandbox(self.options.sandbox)
        self.tests = _folder(source)
        self.judges = [each for each in _discovered(source, self.tests) if each.judge is not None]
        _watch_trajectories()

    def describe(self) -> Description:
        settings = self.settings
        return Description(
            unit=settings.unit or "episode",
            needs=list(dict.fromkeys(self.options.write.values())),
            library=self.library,
            deterministic=False if self.judges and settings.deterministic is None else settings.deterministic,
            mutable=bool(self.judges),
            range=range_of(settings),
        )

    def score(self, episode: str, record: fields.Json) -> Result:
        import rewardkit

        with laid_out(record, self.options.write) as places, _inside(places):
            output = places.verifier / "reward.json"
            try:
                rewards = rewardkit.run(self.tests, workspace=places.app, output=output)
            except Exception as error:
                return _failure(error)
            details = json.loads(output.with_name("reward-details.json").read_text())
        components = [each for name, detail in details.items() for each in _criteria(name, detail)]
        if error := next((each["failure"]["message"] for each in components if "failure" in each), None):
            result = failed(Kind.JUDGE_FAILED, error)
        else:
            result = result_of(rewards, self.settings.reward_key)
        result.components = [*(result.components or ()), *components][:PARTS_MAX] or None
        return result


def _folder(source: Source) -> Path:
    root = source.root.resolve()
    folder = (root / source.target).resolve()
    if not folder.is_relative_to(root):
        raise LoadRefused(f"{source.target} lies outside the version's files")
    if not folder.is_dir():
        raise LoadRefused(f"no folder {source.target}", None, Kind.MISSING_FILE)
    return folder


def _discovered(source: Source, tests: Path) -> list[Any]:
    """The library's rewards: the criteria's files are run.

    :raises LoadRefused: when there are none, or judges read what is not there.
    """
    from rewardkit.runner import discover

    rewards = discover(tests)
    if not any(each.criteria for each in rewards):
        raise LoadRefused(f"no criteria in {source.target}", hint="call them: criteria.file_exists('answer.txt')")
    for each in rewards:
        criteria = [*(getattr(each.judge, "files", None) or ())]
        criteria += [path for one in each.criteria for path in getattr(one, "files", None) or ()]
        criteria += [path for name in ("reference", "atif_trajectory") if (path := getattr(each.judge, name, None))]
        for path in criteria:
            if path.startswith(ELSEWHERE) and not os.path.exists(path):
                raise LoadRefused(
                    f"could not show the judge '{each.name}' the file {path}: it is not there",
                    hint="write it relative to the workspace: main.py for /app/main.py, ../logs/... for /logs/...",
                )
    return rewards


@contextmanager
def _inside(places: Places) -> Iterator[None]:
    """The workspace is the working folder, and the only trajectory is the record's."""
    before = os.getcwd()
    os.chdir(places.app)
    _Trajectories.place = places
    try:
        yield
    finally:
        _Trajectories.place = None
        os.chdir(before)


class _Trajectories:
    """Of the score that runs."""

    place: Places | None = None


def _watch_trajectories() -> None:
    """The library's criteria take a trajectory that cannot be read for one without the tool."""
    import rewardkit.criteria._trajectory as home

    library = getattr(home.load_trajectory, "library", home.load_trajectory)

    def load_trajectory(path: Any) -> Any:
        if str(path).startswith("/logs/") and _Trajectories.place is not None:
            path = _Trajectories.place.logs / Path(path).relative_to("/logs")
        found = library(path)
        if found is None:
            raise fields.Missing("messages for a trajectory")
        return found

    load_trajectory.library = library
    for name, module in list(sys.modules.items()):
        if name.startswith("rewardkit.criteria.") and hasattr(module, "load_trajectory"):
            module.load_trajectory = load_trajectory


def _failure(error: BaseException) -> Result:
    """The first of a group, as its own chain of causes tells it."""
    while isinstance(inner := getattr(error, "exceptions", None), tuple):
        error = inner[0]
    causes: list[BaseException] = [error]
    while causes[-1].__cause__ is not None:
        causes.append(causes[-1].__cause__)
    if missing := next((each for each in causes if isinstance(each, fields.Missing)), None):
        return result_of_error(missing)
    kind = Kind.EXCEPTION
    if any(type(each).__module__.partition(".")[0] in ("litellm", "openai") for each in causes):
        kind = Kind.JUDGE_FAILED
    elif len(causes) == 2 and isinstance(causes[1], ValueError):
        # A criterion's own error has one cause more.
        kind = Kind.JUDGE_UNPARSEABLE
    return failed(kind, message_of(error), traceback_of(causes[-1]))


def _criteria(path: str, detail: Any) -> Iterator[dict[str, Any]]:
    """Components of `reward-details.json`: of a group its inputs, else the criteria."""
    for each in detail if isinstance(detail, list) else [detail]:
        for part in each.get("components", ()):
            inner = f"{path}.{part['name']}"
            yield component_of(inner, part["detail"]["score"], "reward", part["weight"])
            yield from _criteria(inner, part["detail"])
        for criterion in each.get("criteria", ()):
            yield _criterion(f"{path}.{criterion['name']}", criterion)
        if guard := each.get("guard"):
            yield _guard(f"{path}.guard", guard)


def _guard(path: str, guard: dict[str, Any]) -> dict[str, Any]:
    """Whether the agent spoke to the judge."""
    component = component_of(path, guard["flagged"], "gate", 0.0, guard.get("reasoning"))
    return component | _failed(path, guard)


def _criterion(path: str, criterion: dict[str, Any]) -> dict[str, Any]:
    weight = criterion["weight"]
    kind = "penalty" if weight < 0 else "reward" if weight else "metric"
    value = None if "error" in criterion else criterion["value"]
    component = component_of(path, value, kind, weight, criterion.get("reasoning")) | {"raw": criterion["raw"]}
    kept = ("negate", "optional", "samples", "agreement", "confidence")
    component |= {name: criterion[name] for name in kept if criterion.get(name) is not None}
    return component | _failed(path, criterion)


def _failed(path: str, judged: dict[str, Any]) -> dict[str, Any]:
    """A judge's error: the library scores the criterion 0.0, and sets a guard aside."""
    if judged.get("error") is None:
        return {}
    return {"failure": {"kind": Kind.JUDGE_FAILED.value, "message": f"{path}: {clean(judged['error'], 500)}"}}
