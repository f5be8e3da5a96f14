"""What a library only writes into its log, such as an error that it makes a score of."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# The lists of all blocks that are open here, the innermost last.
_open: ContextVar[tuple[list[logging.LogRecord], ...]] = ContextVar("open", default=())


class _Note(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        for notes in _open.get():
            notes.append(record)


_NOTE = _Note()


def watch(*names: str, level: int = logging.WARNING) -> None:
    """From now on :func:`noted` sees what these loggers, and those below them, write from `level` on."""
    for name in names:
        logger = logging.getLogger(name)
        logger.addHandler(_NOTE)
        if logger.getEffectiveLevel() > level:
            logger.setLevel(level)


@contextmanager
def noted() -> Iterator[list[logging.LogRecord]]:
    """Collects what the watched loggers write in this task, and in tasks and threads that get its context."""
    notes: list[logging.LogRecord] = []
    token = _open.set((*_open.get(), notes))
    try:
        yield notes
    finally:
        _open.reset(token)
