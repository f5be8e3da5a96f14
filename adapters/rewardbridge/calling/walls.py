"""Runs a program in a bubblewrap of its own, where folders stand at other places."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

from rewardbridge.calling.programs import run
from rewardbridge.failures import NoScore
from rewardbridge.seam import LoadRefused

# How long the trial run may take.
TRIAL_S = 10.0


def walled(words: Sequence[str], shown: Mapping[str, Path], folder: str, network: bool) -> list[str]:
    """The words of a command that runs `words` in `folder`; see bwrap(1).

    The root is a new one with what stands at the top of the real one, read-only, so that folders can stand in it that
    the machine does not have. `shown` folders are writable.
    """
    arguments = ["bwrap", "--unshare-user", "--unshare-pid", "--unshare-ipc", "--die-with-parent"]
    if not network:
        arguments.append("--unshare-net")
    for name in sorted(os.listdir("/")):
        path = f"/{name}"
        if path in shown or name in ("dev", "proc", "tmp"):
            continue
        if os.path.islink(path):
            arguments += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            arguments += ["--ro-bind", path, path]
    arguments += ["--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]
    for place, path in shown.items():
        arguments += ["--bind", str(path), place]
    return [*arguments, "--chdir", folder, "--", *words]


def check_walls() -> None:
    """
    :raises LoadRefused: when bubblewrap is not there, or cannot be used in this worker.
    """
    if which("bwrap") is None:
        raise LoadRefused("could not show folders at Harbor's places: bwrap is not installed", "install bubblewrap")
    try:
        with TemporaryDirectory() as folder:
            run(walled(["true"], {}, "/", False), Path(folder), TRIAL_S).check("bwrap")
    except NoScore as error:
        raise LoadRefused(
            f"could not show folders at Harbor's places: {error}",
            hint="allow user namespaces, and run the bridge as another user than root, or with worker: {sandbox: off}",
        ) from error
