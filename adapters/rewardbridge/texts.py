"""Texts of rubrics, made fit for the wire."""

MESSAGE_MAX = 2_000
TRACEBACK_MAX = 8_000


def clean(text: str, limit: int) -> str:
    """At most `limit` characters that UTF-8 can hold; lone surrogates become escapes."""
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    return text.encode("utf-8", "backslashreplace").decode() if not text.isascii() else text
