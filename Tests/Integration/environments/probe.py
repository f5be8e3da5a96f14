"""An environment that does what its action says, so that one server serves many tests; every reply is deterministic."""

import os
import time
from pathlib import Path
from typing import Any

from openenv.core.env_server.http_server import create_app
from openenv.core.env_server.interfaces import Environment
from openenv.core.env_server.types import Action, Observation, State

GATE_DEADLINE = 30.0


class ProbeAction(Action):
    message: str = ""
    reward: Any = None
    done: bool = False
    fail: str | None = None
    """Raise with this text, after the step has been counted."""
    gate: str | None = None
    """Write PATH.started, then wait until the file PATH is there."""
    exit: int | None = None
    """End the whole server with this code in the middle of the step."""
    size: int = 0
    note: dict[str, Any] = {}


class ProbeObservation(Observation):
    text: str = ""
    count: int = 0
    blob: str = ""
    seen: dict[str, Any] = {}
    """What `reset` got, so that a test sees what reached the environment."""


class ProbeEnvironment(Environment):
    SUPPORTS_CONCURRENT_SESSIONS = True

    def __init__(self):
        self._state = State(episode_id=None, step_count=0)

    def reset(self, seed=None, episode_id=None, **kwargs) -> ProbeObservation:
        self._state = State(episode_id=episode_id, step_count=0)
        return ProbeObservation(text="ready", seen={"seed": seed, **kwargs})

    def step(self, action: ProbeAction) -> ProbeObservation:
        self._state.step_count += 1
        if action.gate:
            wait_at(Path(action.gate))
        if action.exit is not None:
            os._exit(action.exit)
        if action.fail is not None:
            raise RuntimeError(action.fail)
        return ProbeObservation(
            text=action.message,
            count=self._state.step_count,
            blob="x" * action.size,
            reward=action.reward,
            done=action.done,
            metadata=action.note,
        )

    @property
    def state(self) -> State:
        return self._state


def wait_at(gate: Path) -> None:
    gate.with_name(gate.name + ".started").touch()
    deadline = time.monotonic() + GATE_DEADLINE
    while not gate.exists() and time.monotonic() < deadline:
        time.sleep(0.005)


app = create_app(ProbeEnvironment, ProbeAction, ProbeObservation, env_name="probe", max_concurrent_envs=64)
