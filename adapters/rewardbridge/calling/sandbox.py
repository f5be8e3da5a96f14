"""Whether this worker is in the bridge's sandbox, for adapters that run what a workspace holds."""

import os
from pathlib import Path

from rewardbridge.seam import LoadRefused

HINT = (
    "install bubblewrap and let the bridge use it (worker: {sandbox: required} insists on it), "
    "or write args: {sandbox: off} to run what comes out of an episode with the rights of the bridge"
)


def check_sandbox(choice: str | bool) -> None:
    """
    :param choice: `required`, or `off`, which YAML reads as false.
    :raises LoadRefused: when there is none, and one is required.
    """
    if choice in (False, "off"):
        return
    if choice != "required":
        raise LoadRefused(f"could not read args: sandbox is required or off, not {choice!r}")
    if not in_sandbox():
        raise LoadRefused("could not run a workspace's files: this worker has no sandbox", hint=HINT)


def in_sandbox() -> bool:
    """In bubblewrap's own process namespace, whose first process it is (bwrap(1)), with a root that is read-only."""
    try:
        first = Path("/proc/1/comm").read_text().strip()
    except OSError:
        return False
    return first == "bwrap" and bool(os.statvfs("/").f_flag & os.ST_RDONLY)
