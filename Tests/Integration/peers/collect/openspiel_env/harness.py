"""The probe environment as a game for `openenv collect openspiel:VARIANT`: each move writes a message of GAMES."""

from openenv.core.env_server.mcp_types import Tool
from openenv.core.harness import ResourceSessionFactory, StepEnvSessionAdapter

from peers.plays import FAILING, GOOD, actions

GAMES = {"good": GOOD, "failing": FAILING}
MOVE = Tool(name="play_move", description="The next move.", input_schema={"type": "object"})


class OpenSpielSessionFactory(ResourceSessionFactory):
    def __init__(self, client_factory, game_name: str):
        self.client_factory, self.game_name = client_factory, game_name

    def create(self, task, seed=None, episode_id=None):
        moves = iter(actions(GAMES[self.game_name]))
        return StepEnvSessionAdapter(
            self.client_factory(),
            task=task,
            seed=seed,
            episode_id=episode_id,
            tool_specs=[MOVE],
            action_builder=lambda name, arguments: next(moves),
            initial_messages_builder=lambda result, task: [{"role": "user", "content": "Legal actions: [1]"}],
        )
