"""Records that are scored together, where one of them may lack what is needed."""

from collections.abc import Callable, Sequence
from typing import Any

from rewardbridge import fields
from rewardbridge.failures import NoScore, result_of_error
from rewardbridge.kinds import Kind
from rewardbridge.result import Result, unscored

Read = Callable[[fields.Json], Any]


def scored_together(
    records: Sequence[fields.Json], read: Read, score: Callable[[list[Any]], list[Result]]
) -> list[Result]:
    """One call for all records that hold what is needed; the others are unscored.

    :param read: what a record gives to the call; raises :class:`fields.Missing`.
    """
    rows: list[Any] = []
    unmet: dict[int, Result] = {}
    for position, record in enumerate(records):
        try:
            rows.append(read(record))
        except fields.Missing as missing:
            unmet[position] = result_of_error(missing)
    scores = iter(score(rows) if rows else ())
    return [unmet[each] if each in unmet else next(scores) for each in range(len(records))]


def rows_of_group(members: Sequence[fields.Json], read: Read) -> list[Any]:
    """What each member gives to the call.

    :raises NoScore: for the whole group, which would be another one without one of its members.
    """
    rows: list[Any] = []
    for position, record in enumerate(members, 1):
        try:
            rows.append(read(record))
        except fields.Missing as missing:
            reason = f"member {position} of the group holds no {missing}"
            raise NoScore(unscored(Kind.NEEDS, reason)) from missing
    return rows
