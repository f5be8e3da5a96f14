"""The `harbor` adapter: verifiers of Harbor tasks, which are scripts that grade what an agent left behind.

Target: the folder with `test.sh` (`harbor:tests`), or a task's folder (`harbor:tasks/hello`), whose `tests/test.sh` it
is. The version holds the folder. `args`, all optional:

- `mount`: true shows the folders where Harbor's containers have them, at `/app`, `/tests` and `/logs`, in a bubblewrap
  of the script's own: what tasks that know nothing of RewardBridge need. Without it they are only where the variables
  say: APP_DIR (the working folder), TESTS_DIR and LOGS_DIR.
- `write`: a mapping of files in the workspace to fields of the record, `{answer.txt: completion}`.
- `env`: further variables for the script, as `[verifier.env]` of a task has them.
- `timeout`: seconds, 4 by default, since the bridge's `worker.call_timeout` (5 s) ends slower calls and their worker
  with them; raise both. `network`: true leaves the script of `mount` the worker's network.
- `sandbox`: `off` runs the script without one. It runs what came out of an episode, so without bubblewrap, the worker's
  or that of `mount`, the component is refused.

For each score the script gets fresh folders: a copy of the record's `workspace`, `artifacts` and `write` in APP_DIR, a
copy of its own folder in TESTS_DIR, and in LOGS_DIR an empty `verifier` and `agent/trajectory.json`, the record's
conversation as ATIF 1.8. Then `verifier/reward.json` is read, which wins, or `verifier/reward.txt`: finite numbers by
name, or one number. The reward is under `reward_key`, else `reward`, else `score`, else the only number; the others
become components. The exit status of the script does not matter, as in Harbor.

Versions: the files of Harbor 0.25; nothing of Harbor needs to be installed. Docker, several steps of a task,
`task.toml` and Windows are not read.

Unit: episode, unless `unit` says step.

Inputs: `workspace` or `artifacts`, which never pass the wire, or what `write` names.

No score: no reward file, an empty one, or one that is no regular file, is `failed(missing_file)` with how the script
ended and the end of its output; NaN and infinities `not_finite`, texts and lists `not_a_number`, too long a run
`timeout`. No old file is ever read: the folder is new, and everything that the script started is killed before.

Threads and loops: synchronous, one script at a time in each worker.

Import cost: none beyond Python's own library; each score costs the copies and the script.

Offline; live only with `write` and a view.
"""

import json
import math
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rewardbridge import fields
from rewardbridge.calling.options import options_of
from rewardbridge.calling.programs import Ran, run
from rewardbridge.calling.sandbox import check_sandbox
from rewardbridge.calling.settings import range_of, settings_of
from rewardbridge.calling.walls import check_walls, walled
from rewardbridge.calling.workspaces import Places, check_write, laid_out
from rewardbridge.catalogue import BUILT_IN
from rewardbridge.failures import NoScore
from rewardbridge.kinds import Kind
from rewardbridge.result import Result, failed, result_of
from rewardbridge.seam import Description, LoadRefused, Source, Stateless

SETTINGS = ("args", "deterministic", "range", "reward_key", "unit")

# Where the script's output goes, as in Harbor; how much of its end is told, and how much of a reward file is read.
OUTPUT = "test-stdout.txt"
OUTPUT_MAX = 1_500
REWARD_MAX = 1024 * 1024


@dataclass(frozen=True)
class Options:
    mount: bool = False
    write: dict = field(default_factory=dict)
    env: dict = field(default_factory=dict)
    timeout: float = 4.0
    network: bool = False
    sandbox: str | bool = "required"


class HarborAdapter(Stateless):
    """A test script and the folder that it lies in."""

    def __init__(self, source: Source) -> None:
        self.settings = settings_of(source, None, SETTINGS)
        self.options = options_of(source, Options)
        self.unit = self.settings.unit or "episode"
        if self.unit in ("batch", "group"):
            raise LoadRefused(f"could not score a {self.unit}: a verifier gets one workspace")
        self.tests = tests_of(source)
        check_write(self.options.write)
        if self.options.mount:
            check_walls()
        else:
            check_sandbox(self.options.sandbox)

    def describe(self) -> Description:
        settings = self.settings
        return Description(
            unit=self.unit,
            needs=list(dict.fromkeys(self.options.write.values())),
            library=("harbor", BUILT_IN["harbor"].tested),
            deterministic=settings.deterministic,
            range=range_of(settings),
        )

    def score(self, episode: str, record: fields.Json) -> Result:
        with laid_out(record, self.options.write) as places:
            shutil.copytree(self.tests, places.tests)
            # The version's folders are read-only, and Harbor makes the script executable.
            for each in (places.tests, *places.tests.rglob("*")):
                if each.is_dir() or each == places.tests / "test.sh":
                    each.chmod(0o755)
            ran = self._run(places)
            return result_of(reward_in(places.verifier, ran), self.settings.reward_key)

    def _run(self, places: Places) -> Ran:
        shown = {"/app": places.app, "/tests": places.tests, "/logs": places.logs}
        seen = {name: Path(name) for name in shown} if self.options.mount else shown
        variables = {f"{name[1:].upper()}_DIR": str(path) for name, path in seen.items()}
        variables |= {name: str(value) for name, value in self.options.env.items()}
        # A shell starts it, since a script may lack the line that names its interpreter.
        script, output = seen["/tests"] / "test.sh", seen["/logs"] / "verifier" / OUTPUT
        words = ["/bin/sh", "-c", 'exec "$0" >"$1" 2>&1', str(script), str(output)]
        if self.options.mount:
            words = walled(words, shown, "/app", self.options.network)
        return run(words, places.app, self.options.timeout, variables=variables)


def tests_of(source: Source) -> Path:
    """The folder of `test.sh`.

    :raises LoadRefused: when there is none.
    """
    root = source.root.resolve()
    folder = (root / source.target).resolve()
    if not folder.is_relative_to(root):
        raise LoadRefused(f"{source.target} lies outside the version's files")
    for place in (folder, folder / "tests"):
        if (place / "test.sh").is_file():
            return place
    raise LoadRefused(f"no test.sh in {source.target} nor in {source.target}/tests", None, Kind.MISSING_FILE)


def reward_in(folder: Path, ran: Ran) -> Any:
    """What the script wrote: a mapping of finite numbers, or one.

    :raises NoScore: failed, as Harbor's own reader raises.
    """
    for name, read in (("reward.json", json.loads), ("reward.txt", float)):
        path = folder / name
        if path.is_symlink() or path.exists():
            return _finite(name, _read(path, read))
    message = f"no reward.json or reward.txt in $LOGS_DIR/verifier; test.sh ended with {ran.status}"
    raise _no_score(Kind.MISSING_FILE, f"{message}: {said}" if (said := _output(folder) or ran.error) else message)


def _read(path: Path, read: Any) -> Any:
    if path.is_symlink() or not path.is_file():
        raise _no_score(Kind.MISSING_FILE, f"{path.name} is no regular file")
    with path.open("rb") as file:
        content = file.read(REWARD_MAX)
    if not content:
        raise _no_score(Kind.MISSING_FILE, f"{path.name} is empty")
    try:
        return read(content)
    except (ValueError, RecursionError) as error:
        raise _no_score(Kind.NOT_A_NUMBER, f"could not read {path.name}: {error}") from error


def _finite(name: str, rewards: Any) -> Any:
    if name == "reward.json" and not isinstance(rewards, dict):
        raise _no_score(Kind.NOT_A_NUMBER, f"{name} holds a {type(rewards).__name__}, not an object")
    for value in rewards.values() if isinstance(rewards, dict) else [rewards]:
        if not isinstance(value, (int, float)):
            raise _no_score(Kind.NOT_A_NUMBER, f"{name} holds a {type(value).__name__} where a number should be")
        if isinstance(value, float) and not math.isfinite(value):
            raise _no_score(Kind.NOT_FINITE, f"{name} holds {value}")
    return rewards


def _output(folder: Path) -> str:
    """The end of what the script printed."""
    path = folder / OUTPUT
    if path.is_symlink() or not path.is_file():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - OUTPUT_MAX))
        return file.read(OUTPUT_MAX).decode("utf-8", "replace").strip()


def _no_score(kind: Kind, message: str) -> NoScore:
    return NoScore(failed(kind, message))
