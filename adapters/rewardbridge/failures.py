"""What a rubric raised, as an outcome; also what does not derive from Exception, such as math_verify's timeout."""

import asyncio
import concurrent.futures
import os
from traceback import format_exception
from types import TracebackType

from rewardbridge.batches import WrongCount
from rewardbridge.fields import Missing
from rewardbridge.kinds import Kind
from rewardbridge.result import Result, failed, unscored
from rewardbridge.texts import MESSAGE_MAX, TRACEBACK_MAX, clean


class DeadlinePassed(BaseException):
    """Raised inside a call of the embedded interpreter that ran too long, past whatever `except Exception` it holds."""


# The first three are one class from Python 3.11 on.
TIMEOUTS = (TimeoutError, asyncio.exceptions.TimeoutError, concurrent.futures.TimeoutError, DeadlinePassed)

# Frames that a traceback shows: the innermost ones.
FRAMES_MAX = 32

_OWN = os.path.dirname(__file__) + os.sep


class NoScore(Exception):
    """Raised by an adapter, from any depth of it, to give this result."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.message)
        self.result = result


def result_of_error(error: BaseException) -> Result:
    """What an adapter meant by it; of what rubrics raise: `memory`, `timeout`, or else `exception`."""
    if isinstance(error, NoScore):
        return error.result
    if isinstance(error, Missing):
        return unscored(Kind.NEEDS, f"the record holds no {error}")
    if isinstance(error, WrongCount):
        return failed(Kind.WRONG_COUNT, str(error))
    kind = Kind.EXCEPTION
    if isinstance(error, MemoryError):
        kind = Kind.MEMORY
    elif isinstance(error, TIMEOUTS):
        kind = Kind.TIMEOUT
    return failed(kind, message_of(error), traceback_of(error))


def message_of(error: BaseException) -> str:
    """`Type: text`; never raises."""
    name = type(error).__name__
    try:
        text = str(error)
    except BaseException:
        text = "its text could not be made"
    return clean(f"{name}: {text}" if text else name, MESSAGE_MAX)


def traceback_of(error: BaseException) -> str | None:
    """From the rubric's own code on, the end of it if it is long; never raises, and is None when memory is out."""
    try:
        lines = format_exception(type(error), error, _skip_own(error.__traceback__), limit=-FRAMES_MAX)
        return clean("".join(lines)[-TRACEBACK_MAX:], TRACEBACK_MAX)
    except BaseException:
        return None


def _skip_own(traceback: TracebackType | None) -> TracebackType | None:
    while traceback and traceback.tb_frame.f_code.co_filename.startswith(_OWN) and traceback.tb_next:
        traceback = traceback.tb_next
    return traceback
