"""Which score runs, told through memory that the bridge shares: it knows whom to blame, although outcomes wait for each
other."""

import mmap
import os

VARIABLE = "REWARDBRIDGE_PROGRESS"


def shared_word() -> memoryview | None:
    """The word, if the bridge gave one; the variable is gone then, so that no child of the rubric writes there too."""
    path = os.environ.pop(VARIABLE, None)
    if path is None:
        return None
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return memoryview(mmap.mmap(file, 8)).cast("Q")
    finally:
        os.close(file)
