"""JSON as fast as the virtual environment allows, with the same values either way."""

import json
from typing import Any

try:
    import orjson
except ImportError:
    orjson = None

# Turns every digit into `0`, so that a search finds runs of digits.
_DIGITS = bytes(ord("0") if code in b"0123456789" else ord(" ") for code in range(256))
# Whole numbers that do not fit 64 bits have at least this many; orjson would make floats of them.
_LONG = b"0" * 19


class Unreadable(Exception):
    """The text is not JSON, not even of the kind that Python's `json` takes."""


def decode(text: bytes) -> Any:
    """NaN, Infinity, lone surrogates and long whole numbers are read as Python's `json` reads them.

    :raises Unreadable: when it cannot.
    """
    if orjson is not None and _LONG not in text.translate(_DIGITS):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            pass
    try:
        return json.loads(text.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from error


def encode(value: Any) -> bytes:
    """Strict JSON, of plain values without NaN and lone surrogates: see :func:`plain`."""
    if orjson is not None:
        try:
            return orjson.dumps(value)
        except TypeError:
            pass  # a whole number beyond 64 bits
    return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()


def plain(value: Any, limit: int) -> Any:
    """A copy that :func:`encode` takes.

    :raises ValueError, TypeError, RecursionError: for what strict JSON cannot say in `limit` bytes.
    """
    text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()
    if len(text) > limit:
        raise ValueError(f"{len(text)} bytes of JSON, more than {limit}")
    return json.loads(text)
