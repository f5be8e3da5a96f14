"""Scores a group: a record whose `members` are the rollouts of one task, in their order."""

from collections.abc import Awaitable
from inspect import isawaitable
from typing import Any

from rewardbridge.guard import guarded
from rewardbridge.kinds import Kind
from rewardbridge.result import Result, failed
from rewardbridge.seam import GroupComponent


def score_group(component: GroupComponent, record: dict[str, Any]) -> Result | Awaitable[Result]:
    """A result with `members`, one for each, or a failure of the whole group."""
    members = record.get("members")
    if not isinstance(members, list) or not members or not all(isinstance(each, dict) for each in members):
        return failed(Kind.UNREADABLE, "the record is not a group: it has no list of members")
    if twice := _twice([each["id"] for each in members if each.get("id") is not None]):
        return failed(Kind.UNREADABLE, f"the group has two members with the id {twice!r}")
    results = guarded(component.score_group, members)
    return _later(results, len(members)) if isawaitable(results) else _joined(results, len(members))


def _twice(ids: list[Any]) -> Any:
    """The first of the ids that is there a second time."""
    seen: list[Any] = []
    for each in ids:
        if each in seen:
            return each
        seen.append(each)
    return None


async def _later(results: Awaitable[list[Result]], count: int) -> Result:
    return _joined(await results, count)


def _joined(results: list[Result], count: int) -> Result:
    if len(results) != count:
        return failed(Kind.WRONG_COUNT, f"{len(results)} results for a group of {count}")
    return Result("scored", members=results)
