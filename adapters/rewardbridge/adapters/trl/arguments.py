"""What a reward function of TRL takes of a record: everything by name."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from inspect import Parameter, signature
from typing import Any

from rewardbridge import fields
from rewardbridge.calling.attributes import with_attributes
from rewardbridge.calling.chat import chat
from rewardbridge.calling.settings import Settings
from rewardbridge.calling.shapes import ANSWER, BATCH_OF_TEXTS, Part
from rewardbridge.seam import LoadRefused

# Names that data sets of TRL give the gold answer.
GOLD = ("answer", "ground_truth", "solution")
# What the call gets, and not each record.
OF_CALL = ("trainer_state", "log_extra", "log_metric")
# One of them makes a function of completions.
COUNTED = ("prompts", "completions", "completion_ids")


@dataclass(frozen=True)
class Arguments:
    needs: list[str]
    columns: list[str]
    # Those of OF_CALL that the function takes.
    of_call: frozenset[str]
    # What a record gives to the call; raises :class:`fields.Missing`.
    row: Callable[[fields.Json], fields.Json]


def arguments_of(function: Callable[..., Any], settings: Settings) -> Arguments:
    """
    :raises LoadRefused: when the function takes nothing of a completion, or what no record holds.
    """
    bound = set(function.keywords) if isinstance(function, partial) else set()
    parameters = [each for each in signature(function).parameters.values() if each.name not in bound]
    takes_all = any(each.kind is Parameter.VAR_KEYWORD for each in parameters)
    named = {each.name: each for each in parameters if each.kind in (each.KEYWORD_ONLY, each.POSITIONAL_OR_KEYWORD)}
    _check(parameters, takes_all)
    required = {name for name, each in named.items() if each.default is Parameter.empty} - set(OF_CALL)
    if required.isdisjoint(COUNTED):
        required.add("completions")
    known = {name: part for name, part in _parts(settings).items() if name not in (settings.columns or ())}
    parts = {name: known[name] for name in known if name in named or (takes_all and name in (*COUNTED, "answer"))}
    columns = (required - known.keys()) | set(settings.columns or ())
    reserved = bound | set(OF_CALL) | set(COUNTED)

    def row(record: fields.Json) -> fields.Json:
        info = record.get("info") or {}
        taken = info if takes_all else named.keys() & info.keys()
        given = {name: info[name] for name in taken if name not in reserved}
        for name, part in parts.items():
            if name not in given:
                try:
                    given[name] = part.read(record)
                except fields.Missing:
                    if name in required:
                        raise
        for name in columns - given.keys():
            fields.column(record, name)
        if takes_all or "trainer_state" in named:
            given["trainer_state"] = with_attributes(record.get("trainer"))
        return given

    needs = {need for name in required & parts.keys() for need in parts[name].needs}
    of_call = frozenset(name for name in OF_CALL if takes_all or name in named)
    return Arguments(sorted(needs), sorted(columns), of_call, row)


def _parts(settings: Settings) -> dict[str, Part]:
    if settings.completions == "text":
        parts = dict(BATCH_OF_TEXTS.fixed)
    else:
        parts = {"prompts": Part(("prompt",), fields.prompt), "completions": Part(("messages",), _messages)}
    return parts | {"completion_ids": Part((), _completion_ids)} | dict.fromkeys(GOLD, ANSWER)


def _messages(record: fields.Json) -> list[fields.Json]:
    """As TRL has them: the arguments of a tool call are an object."""
    messages = chat(fields.messages(record))
    for call in (call for message in messages for call in message.get("tool_calls") or ()):
        try:
            call["function"]["arguments"] = json.loads(call["function"]["arguments"])
        except (TypeError, ValueError):
            pass  # no JSON, or no text: it stays as it is
    return messages


def _completion_ids(record: fields.Json) -> list[int]:
    ids = (record.get("tokens") or {}).get("completion_ids")
    if ids is None:
        raise fields.Missing("tokens.completion_ids")
    return ids


def _check(parameters: list[Parameter], takes_all: bool) -> None:
    failure = f"could not call '({', '.join(each.name for each in parameters)})' as TRL does"
    for each in parameters:
        if each.kind is Parameter.POSITIONAL_ONLY:
            raise LoadRefused(f"{failure}: '{each.name}' takes no name")
        if each.name == "environments" and each.default is Parameter.empty:
            raise LoadRefused(f"{failure}: no record holds the trainer's live environments")
    if not takes_all and {each.name for each in parameters}.isdisjoint(COUNTED):
        raise LoadRefused(
            f"{failure}: it takes no completions", hint="factory: true calls it once with args, and then what it gives"
        )
