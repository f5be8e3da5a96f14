"""Which values are numbers: what the libraries themselves take for one, and no text."""

from typing import Any

from rewardbridge.texts import clean


class NotANumber(Exception):
    """Says what the value is instead."""


def number_of(value: Any) -> float:
    """bool, int, float, scalars of numpy and torch, and whatever has ``__float__``. The result may be NaN or infinite.

    :raises NotANumber: for anything else, such as a string that spells a number.
    """
    scalar = value
    try:
        # Arrays and tensors of one element give it; of more they raise.
        if hasattr(value, "item"):
            scalar = value.item()
        # float() also reads strings and buffers, which are no numbers here.
        if hasattr(type(scalar), "__float__"):
            return float(scalar)
    except OverflowError:
        return float("inf") if scalar > 0 else float("-inf")
    except (TypeError, ValueError, RuntimeError):
        pass
    what = f" {clean(repr(scalar), 100)}" if isinstance(scalar, (str, bytes)) else ""
    raise NotANumber(f"a {type(value).__name__}{what}")
