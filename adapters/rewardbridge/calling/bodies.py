"""A record as JSON for a program or a server that knows nothing of RewardBridge."""

from collections.abc import Callable, Sequence
from typing import Any

from rewardbridge import fields
from rewardbridge.calling.shapes import READERS
from rewardbridge.seam import FIELDS, LoadRefused
from rewardbridge.suggestion import did_you_mean

# What each body holds unless `needs` says otherwise.
NEEDS = {
    "evalrec": ("action", "observation"),
    "text": ("prompt", "completion", "answer"),
    "messages": ("prompt", "messages", "answer"),
}


class Body:
    """`evalrec` is the record as it is. `text` and `messages` are objects with the fields that are needed, by their
    names, and the task's columns under `info`; in `text` the prompt is one text."""

    def __init__(self, form: str, unit: str, needs: Sequence[str] | None, columns: Sequence[str]) -> None:
        """
        :raises LoadRefused: for a form or a field that is unknown.
        """
        if form not in NEEDS:
            raise LoadRefused(f"could not read args: unknown body '{form}'", did_you_mean(form, NEEDS))
        if unknown := next((each for each in needs or () if each not in FIELDS), None):
            raise LoadRefused(f"could not read args: unknown field '{unknown}' in needs", did_you_mean(unknown, FIELDS))
        whole = unit == "episode" and form == "evalrec" and needs is None
        self.needs = [*(NEEDS[form] if needs is None else needs), *(["history"] if whole else [])]
        self.columns = list(columns)
        self._is_whole = form == "evalrec"
        self._readers: dict[str, Callable[[fields.Json], Any]] = {each: READERS[each] for each in self.needs}
        if form == "text" and "prompt" in self._readers:
            self._readers["prompt"] = fields.prompt_text

    def of(self, record: fields.Json) -> fields.Json:
        """:raises fields.Missing: when the record lacks something that is needed."""
        body = {name: read(record) for name, read in self._readers.items()}
        for name in self.columns:
            fields.column(record, name)
        if self._is_whole:
            return record
        return body | ({"info": record["info"]} if record.get("info") else {})
