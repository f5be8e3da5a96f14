"""An environment that can't be built: every session starts with an unasked error frame."""

from openenv.core.env_server.http_server import create_app

from environments.probe import ProbeAction, ProbeEnvironment, ProbeObservation


class BrokenEnvironment(ProbeEnvironment):
    def __init__(self):
        raise RuntimeError("no such game")


app = create_app(BrokenEnvironment, ProbeAction, ProbeObservation, env_name="broken", max_concurrent_envs=4)
