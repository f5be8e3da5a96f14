"""Plain JSON whose objects also have their keys as attributes."""

from typing import Any


class Attributes(dict):
    """A dictionary, so that whatever takes JSON takes it. Its keys come before the names of its methods."""

    def __getattribute__(self, name: str) -> Any:
        if name in self:
            return self[name]
        return super().__getattribute__(name)


def with_attributes(value: Any) -> Any:
    """A copy, at all depths."""
    if isinstance(value, dict):
        return Attributes((name, with_attributes(each)) for name, each in value.items())
    if isinstance(value, list):
        return [with_attributes(each) for each in value]
    return value
