"""The `command` adapter: a program that is run for each score.

Target: `command:./score.sh`, `command:./score.py --strict`, `command:python3 ./score.py`. The words are split as a
shell would, but no shell runs them. A word that begins with `./` is a file of the version; so is the first word where
there is one of that name, and else it is looked up on PATH. The version holds the first word's file; name others under
`files:`. `args`, all optional:

- `body`: `evalrec` (default), `text` or `messages`, and `needs`: as for the adapter `http`.
- `timeout`: seconds, 4 by default, since the bridge's `worker.call_timeout` (5 s) ends slower calls and their worker
  with them; raise both.

The program gets the record as JSON on its standard input, and prints a number, null, or an object with the number under
`reward_key`, else `reward`, else `score`; the object's other numbers become components and its texts labels. Nothing
else may be on its standard output. It runs in an empty folder of its own, which is removed afterwards;
REWARDBRIDGE_ROOT names the version's read-only copy. Of variables it has those that the rubric file's `env:` names.

Versions: of the files, as for every rubric. The programs of PATH are not covered.

Unit: step, unless `unit` says episode.

Inputs: what `body` and `needs` say, and `columns`.

No score: null is `unscored(abstained)`. An exit status other than 0, or a signal, is `failed(verifier_error)` with the
end of its standard error; what is printed and is no JSON, or nothing, `not_a_number`; `nan` and `inf` `not_finite`; too
long a run `timeout`. Its whole process group is killed then, and at its end too: nothing that it started goes on.

Threads and loops: synchronous, one program at a time in each worker.

Import cost: none beyond Python's own library; each score costs the start of a program.

Live from `/ws` as it is; the bodies `text` and `messages` need a view. And offline.
"""

import json
import os
import platform
import shlex
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Any

from rewardbridge import codec, fields
from rewardbridge.calling.bodies import Body
from rewardbridge.calling.options import options_of
from rewardbridge.calling.programs import run
from rewardbridge.calling.settings import range_of, settings_of
from rewardbridge.failures import NoScore
from rewardbridge.kinds import Kind
from rewardbridge.result import Result, failed, result_of
from rewardbridge.seam import Description, LoadRefused, Source, Stateless
from rewardbridge.suggestion import did_you_mean
from rewardbridge.texts import clean

SETTINGS = ("args", "columns", "deterministic", "prefix", "range", "reward_key", "unit")


@dataclass(frozen=True)
class Options:
    body: str = "evalrec"
    needs: list | None = None
    timeout: float = 4.0


class CommandAdapter(Stateless):
    """A program with its arguments."""

    def __init__(self, source: Source) -> None:
        self.settings = settings_of(source, None, SETTINGS)
        self.options = options_of(source, Options)
        self.unit = self.settings.unit or "step"
        if self.unit in ("batch", "group"):
            raise LoadRefused(f"could not score a {self.unit}: a program gets one record")
        if self.options.timeout <= 0:
            raise LoadRefused("could not read args: timeout is above zero")
        self.root = source.root.resolve()
        self.words = _words(source.target, self.root)
        self.body = Body(self.options.body, self.unit, self.options.needs, self.settings.columns or ())

    def describe(self) -> Description:
        settings = self.settings
        return Description(
            unit=self.unit,
            needs=self.body.needs,
            columns=self.body.columns,
            library=("python", platform.python_version()),
            prefix=bool(settings.prefix),
            deterministic=settings.deterministic,
            range=range_of(settings),
        )

    def score(self, episode: str, record: fields.Json) -> Result:
        content = json.dumps(self.body.of(record), separators=(",", ":")).encode()
        with TemporaryDirectory(prefix="command-", ignore_cleanup_errors=True) as folder:
            place = {"REWARDBRIDGE_ROOT": str(self.root)}
            ran = run(self.words, Path(folder), self.options.timeout, content, place)
        ran.check(Path(self.words[0]).name)
        return result_of(printed(ran.output), self.settings.reward_key)


def printed(output: bytes) -> Any:
    """JSON, or a number as shell tools print it: `.5`, `nan`.

    :raises NoScore: failed(not_a_number).
    """
    text = output.strip()
    try:
        return codec.decode(text)
    except codec.Unreadable:
        pass
    try:
        return float(text)
    except ValueError:
        what = f"'{clean(text.decode('utf-8', 'replace'), 200)}', neither JSON nor a number" if text else "nothing"
        raise NoScore(failed(Kind.NOT_A_NUMBER, f"the program printed {what}")) from None


def _words(target: str, root: Path) -> list[str]:
    """
    :raises LoadRefused: when the program is not there, or cannot be run.
    """
    try:
        first, *rest = shlex.split(target)
    except ValueError as error:
        raise LoadRefused(f"could not split '{target}' into words: {error}") from error
    return [_program(first, root), *(str(_file(each, root)) if each.startswith("./") else each for each in rest)]


def _program(word: str, root: Path) -> str:
    if not word.startswith("./") and not (root / word).is_file():
        if found := which(word):
            return found
        raise LoadRefused(f"no program {word}, neither under the version's files nor on PATH", None, Kind.MISSING_FILE)
    path = _file(word, root)
    if not os.access(path, os.X_OK):
        raise LoadRefused(f"could not run {word}: it is not executable", hint=f"chmod +x {word}")
    return str(path)


def _file(word: str, root: Path) -> Path:
    path = (root / word).resolve()
    if not path.is_relative_to(root):
        raise LoadRefused(f"{word} lies outside the version's files")
    if not path.is_file():
        found = sorted(f"./{each.relative_to(root)}" for each in root.glob("*") if each.is_file())
        raise LoadRefused(f"no file {word}", did_you_mean(word, found), Kind.MISSING_FILE)
    return path
