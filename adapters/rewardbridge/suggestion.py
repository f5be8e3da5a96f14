"""One hint for names that were not found."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`did you mean 'shape'?` where one of the names is near, else all of them."""
    names = sorted(known)
    if near := get_close_matches(name, names, n=1):
        return f"did you mean '{near[0]}'?"
    return "one of " + ", ".join(names) if names else "there are none"
