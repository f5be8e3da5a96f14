"""The probe environment for a single session, as `openenv init` makes them."""

from openenv.core.env_server.http_server import create_app

from environments.probe import ProbeAction, ProbeEnvironment, ProbeObservation

app = create_app(ProbeEnvironment, ProbeAction, ProbeObservation, env_name="one_slot", max_concurrent_envs=1)
