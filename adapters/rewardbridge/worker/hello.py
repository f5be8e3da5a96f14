"""The first message of a worker."""

import os
import platform
import sys

import rewardbridge
from rewardbridge.worker.protocol import PROTOCOL, Message


def hello() -> Message:
    return {
        "type": "hello",
        "protocols": [PROTOCOL],
        "implementation": f"rewardbridge-python {rewardbridge.__version__}",
        "pid": os.getpid(),
        "runtime": {
            "name": "python",
            "version": platform.python_version(),
            "executable": sys.executable,
            "prefix": sys.prefix,
        },
    }
