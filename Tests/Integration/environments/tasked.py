"""The probe environment with tasks of its own, as the Task API serves them."""

from openenv.core.env_server.http_server import create_app

from environments.probe import ProbeAction, ProbeEnvironment, ProbeObservation

TASKS = {"train": [{"answer": "yes"}, {"answer": "no"}], "test": ["bare"]}


class TaskedEnvironment(ProbeEnvironment):
    def list_splits(self):
        return list(TASKS)

    def list_tasks(self, split):
        return TASKS[split]

    def num_tasks(self, split):
        return len(TASKS[split])

    def get_task(self, split, index):
        return TASKS[split][index]


app = create_app(TaskedEnvironment, ProbeAction, ProbeObservation, env_name="tasked", max_concurrent_envs=8)
