"""Ends a call that runs too long, from within.

The bridge's watchdog sends the main thread a signal when the running call is overdue, again and again until it has
gone. The handler raises in the midst of whatever runs: byte code, a sleep, a regular expression (each of them looks for
signals; see `PyErr_CheckSignals` in the C API's documentation). Code in C that does not look, such as
`sum(range(10**9))`, and code that swallows what is raised cannot be ended so.
"""

import signal
from time import monotonic_ns
from types import FrameType

from rewardbridge.failures import DeadlinePassed


class Deadline:
    """Until when the code that runs now may run; the bridge reads the same memory."""

    def __init__(self, shared: memoryview, number: int) -> None:
        """:param shared: 8 bytes: nanoseconds of the monotonic clock, 0 while no rubric's code runs."""
        self._until = shared.cast("Q")
        signal.signal(number, self._interrupt)

    def start(self, until: int) -> None:
        self._until[0] = until

    def stop(self) -> None:
        self._until[0] = 0

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        """A signal that comes late, when another call runs or none, does nothing: that is no call of the watchdog's."""
        until = self._until[0]
        if until and monotonic_ns() >= until:
            raise DeadlinePassed("the call ran past its deadline")
