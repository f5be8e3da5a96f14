"""What the machine takes to wake a thread: the floor under everything that is handed to another thread or process."""

import statistics
import subprocess

from .tools import Tools

REPETITIONS = 5


def handover_us(tools: Tools) -> float:
    """The median round trip between two threads that sleep in between, in microseconds."""
    runs = [subprocess.run([tools.handover], check=True, capture_output=True, text=True) for _ in range(REPETITIONS)]
    return statistics.median(float(run.stdout) for run in runs)
