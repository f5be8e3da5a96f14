"""What a session that does nothing costs a relay in memory."""

import statistics
import time

from .load import Cell, Generator
from .processes import resident_bytes
from .routes import Route
from .tools import Tools

SESSIONS = 2000
WARM_UP = Cell(sessions=16, size=1024)


def idle_bytes(tools: Tools, route: Route, sessions: int = SESSIONS) -> float:
    """Resident bytes of the relay for each of many sessions that were reset and then left alone.

    A few sessions come and go before the first look, so that what is loaded once is not counted.
    """
    warm_up = Generator(tools, route, WARM_UP, warmup=0.5, seconds=0)
    warm_up.run()
    warm_up.close()
    before = settled(route)
    held = Generator(tools, route, Cell(sessions, size=1024), warmup=0, seconds=0)
    after = settled(route)
    held.run()
    held.close()
    return (after - before) / sessions


def settled(route: Route) -> float:
    """The median of some looks a moment later."""
    looks = []
    for _ in range(5):
        time.sleep(0.2)
        looks.append(resident_bytes(route.pids()))
    return statistics.median(looks)
