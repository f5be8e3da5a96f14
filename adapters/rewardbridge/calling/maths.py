"""math_verify's timeouts, which it makes 'wrong' of and writes into its log."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rewardbridge.calling.logs import noted, watch
from rewardbridge.failures import NoScore
from rewardbridge.kinds import Kind
from rewardbridge.result import failed

LOGGERS = ("math_verify.parser", "math_verify.grader")


@dataclass
class Timed:
    # Set inside of the block when a timeout on the way cannot have changed the value.
    stands: bool = False


def watch_timeouts() -> None:
    """Once, before the first call."""
    watch(*LOGGERS)


@contextmanager
def timeouts_fail() -> Iterator[Timed]:
    """Around calls of math_verify, or of what may call it.

    :raises NoScore: failed(timeout), at the end, when it ran out of time.
    """
    timed = Timed()
    try:
        with noted() as notes:
            yield timed
    # A TimeoutException leaves the library when the alarm goes off between two of its calls.
    except BaseException as error:
        if type(error).__module__ != "math_verify.errors":
            raise
        raise NoScore(failed(Kind.TIMEOUT, "math_verify ran out of time")) from error
    reason = next((text for each in notes if (text := each.getMessage()).startswith("Timeout during ")), None)
    if reason is not None and not timed.stands:
        raise NoScore(failed(Kind.TIMEOUT, f"math_verify: {reason}"))
