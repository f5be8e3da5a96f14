"""Calls that take lists: one row of arguments a record in, one result a record out."""

from collections.abc import Sequence
from typing import Any

from rewardbridge.kinds import Kind
from rewardbridge.result import Result, result_of, unscored

Row = tuple[list[Any], dict[str, Any]]


class WrongCount(Exception):
    """More or fewer scores than records, or no list at all."""


def columns_of(rows: Sequence[Row]) -> Row:
    """Rows of arguments as arguments that are lists.

    :raises ValueError: when the rows do not hold the same names.
    """
    names = rows[0][1].keys()
    if any(named.keys() != names for _, named in rows):
        raise ValueError("the records of the batch hold different columns")
    by_position = [list(values) for values in zip(*(positional for positional, _ in rows))]
    return by_position, {name: [named[name] for _, named in rows] for name in names}


def results_of(value: Any, count: int, reward_key: str | None = None) -> list[Result]:
    """
    :raises WrongCount: unless the value is None (nobody gets a score) or a sequence with one score a record.
    """
    if value is None:
        return [unscored(Kind.ABSTAINED) for _ in range(count)]
    values = value if isinstance(value, (list, tuple)) or not hasattr(value, "tolist") else value.tolist()
    if not isinstance(values, (list, tuple)):
        raise WrongCount(f"the rubric returned a {type(value).__name__} for {count} records, not a list")
    if len(values) != count:
        raise WrongCount(f"the rubric returned {len(values)} scores for {count} records")
    return [result_of(each, reward_key) for each in values]
