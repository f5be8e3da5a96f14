"""What a record left behind, in fresh folders that are laid out as Harbor's containers are."""

import json
import os
import shutil
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from rewardbridge import fields
from rewardbridge.calling.shapes import READERS
from rewardbridge.calling.trajectory import trajectory
from rewardbridge.failures import NoScore
from rewardbridge.kinds import Kind
from rewardbridge.result import failed
from rewardbridge.seam import LoadRefused
from rewardbridge.suggestion import did_you_mean

# What a workspace may hold.
BYTES_MAX = 1024 * 1024 * 1024

# Fields that can be written to a file.
WRITABLE: dict[str, Callable[[fields.Json], Any]] = READERS | {"prompt": fields.prompt_text}


@dataclass(frozen=True)
class Places:
    """Folders of one score; all are removed after it."""

    root: Path

    @property
    def app(self) -> Path:
        """The workspace."""
        return self.root / "app"

    @property
    def tests(self) -> Path:
        return self.root / "tests"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def verifier(self) -> Path:
        """Where rewards are written; it is empty before the verifier runs."""
        return self.logs / "verifier"

    @property
    def trajectory(self) -> Path:
        return self.logs / "agent" / "trajectory.json"


def check_write(write: Mapping[str, Any]) -> None:
    """:raises LoadRefused: unless it maps paths in the workspace to fields of a record."""
    for path, name in write.items():
        if name not in WRITABLE:
            raise LoadRefused(
                f"could not read args: no field '{name}' for file '{path}'",
                did_you_mean(str(name), WRITABLE),
            )
        if not _is_inside(path):
            raise LoadRefused(f"could not read args: '{path}' is no path in the workspace")


@contextmanager
def laid_out(record: fields.Json, write: Mapping[str, str]) -> Iterator[Places]:
    """The workspace is a copy of the record's `workspace`, then its `artifacts`, then the fields that `write` names.

    :raises fields.Missing: when the record has none of these, or they are not on this machine.
    """
    with TemporaryDirectory(prefix="workspace-", ignore_cleanup_errors=True) as folder:
        places = Places(Path(folder).resolve())
        for each in (places.app, places.verifier, places.trajectory.parent):
            each.mkdir(parents=True)
        copy = _Copy(places.app)
        if not (record.get("workspace") or record.get("artifacts") or write):
            raise fields.Missing("workspace or artifacts")
        if workspace := record.get("workspace"):
            copy.folder(Path(workspace["path"]), PurePosixPath())
        for artifact in record.get("artifacts") or ():
            copy.artifact(artifact)
        for path, name in write.items():
            value = WRITABLE[name](record)
            copy.text(path, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        if whole := trajectory(record):
            places.trajectory.write_text(json.dumps(whole))
        yield places


class _Copy:
    """Fills a folder, up to a limit."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.bytes = 0

    def artifact(self, artifact: fields.Json) -> None:
        name = artifact["name"]
        if "bytes" in artifact:
            try:
                self._write(name, b64decode(artifact["bytes"], validate=True))
            except NotBase64 as error:
                raise NoScore(failed(Kind.UNREADABLE, f"artifact '{name}' is no base64: {error}")) from error
        elif "path" not in artifact:
            raise fields.Missing(f"content of artifact '{name}'")
        elif (path := Path(artifact["path"])).is_dir():
            self.folder(path, self._place(name))
        else:
            self._file(path, self.target / self._place(name))

    def text(self, path: str, text: str) -> None:
        self._write(path, text.encode("utf-8", "surrogatepass"))

    def folder(self, path: Path, place: PurePosixPath) -> None:
        if not path.is_absolute() or not path.is_dir():
            raise fields.Missing(f"folder '{path}' on this machine")
        shutil.copytree(
            path,
            self.target / place,
            symlinks=True,
            dirs_exist_ok=True,
            ignore=_special,
            copy_function=lambda source, target: self._file(Path(source), Path(target)),
        )

    def _file(self, path: Path, target: Path) -> None:
        if not path.is_absolute() or not path.is_file():
            raise fields.Missing(f"file '{path}' on this machine")
        self._claim(target, path.stat().st_size)
        shutil.copy2(path, target)

    def _write(self, name: str, content: bytes) -> None:
        target = self.target / self._place(name)
        self._claim(target, len(content))
        target.write_bytes(content)

    def _place(self, name: str) -> PurePosixPath:
        if not _is_inside(name):
            raise NoScore(failed(Kind.UNREADABLE, f"artifact '{name}' does not lie in the workspace"))
        return PurePosixPath(name)

    def _claim(self, target: Path, size: int) -> None:
        """Nothing leaves the workspace over a link that lies in it."""
        if target.is_symlink() or not target.parent.resolve().is_relative_to(self.target):
            raise NoScore(failed(Kind.UNREADABLE, f"'{target.relative_to(self.target)}' lies behind a link"))
        self.bytes += size
        if self.bytes > BYTES_MAX:
            raise NoScore(failed(Kind.TOO_LARGE, f"the workspace holds more than {BYTES_MAX} bytes"))
        target.parent.mkdir(parents=True, exist_ok=True)


def _special(folder: str, names: list[str]) -> list[str]:
    """Sockets, pipes and devices are left out."""
    return [name for name in names if not _is_plain(os.path.join(folder, name))]


def _is_plain(path: str) -> bool:
    return os.path.islink(path) or os.path.isfile(path) or os.path.isdir(path)


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts
