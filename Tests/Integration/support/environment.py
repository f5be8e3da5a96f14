"""A real OpenEnv server: uvicorn on a free port with one of environments/*.py."""

from support.process import HERE, ROOT, Process

PYTHON = ROOT / ".venv" / "bin" / "python"


class EnvironmentServer:
    def __init__(self, app: str, *, python=PYTHON, cwd=HERE, env=None):
        command = [python, "-m", "uvicorn", app, "--host", "127.0.0.1", "--port", "0", "--no-access-log"]
        self.process = Process(command, cwd=cwd, env=env)

    def ready(self) -> "EnvironmentServer":
        found = self.process.wait_for(r"Uvicorn running on http://127\.0\.0\.1:(\d+)", 60)
        self.port = int(found[1])
        return self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        return self.ready()

    def __exit__(self, *_):
        self.process.stop()
