"""Clients with typed observations: one picks fields, one passes all that came to a model that refuses unknown ones."""

from openenv.core import EnvClient
from openenv.core.client_types import StepResult
from openenv.core.env_server.types import Observation, State


class StrictObservation(Observation):
    """`extra="forbid"`, as OpenEnv's Observation has it."""

    text: str
    count: int
    blob: str
    seen: dict


class StrictClient(EnvClient[dict, StrictObservation, State]):
    def _step_payload(self, action):
        return action

    def _parse_result(self, payload):
        return StepResult(
            observation=StrictObservation(**payload["observation"]),
            reward=payload.get("reward"),
            done=payload.get("done", False),
        )

    def _parse_state(self, payload):
        return State(**payload)


class PickingClient(StrictClient):
    """As the template of `openenv init` does it: the reward goes into the observation too."""

    def _parse_result(self, payload):
        fields = payload["observation"]
        observation = StrictObservation(
            **{name: fields[name] for name in ("text", "count", "blob", "seen")},
            reward=payload.get("reward"),
            done=payload.get("done", False),
            metadata=payload.get("metadata", {}),
        )
        return StepResult(observation=observation, reward=payload.get("reward"), done=payload.get("done", False))
