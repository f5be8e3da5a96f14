from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from harness import Worker


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The version's root: a folder with nothing around it that could be imported by chance."""
    folder = tmp_path / "root"
    folder.mkdir()
    return folder


@pytest.fixture
def start(root: Path) -> Iterator[Callable[..., Worker]]:
    """Starts workers; those that still live at the end of the test are killed."""
    workers: list[Worker] = []

    def make(code: str = "", path: Sequence[Path] = ()) -> Worker:
        (root / "rewards.py").write_text(dedent(code))
        workers.append(Worker(root, path))
        return workers[-1]

    yield make
    for worker in workers:
        if worker.process.poll() is None:
            worker.process.kill()
        worker.connection.close()
        worker.process.communicate()


@pytest.fixture
def load(start: Callable[..., Worker]) -> Callable[..., Worker]:
    """Starts a worker with code in `rewards.py`, and loads `score` of it."""

    def make(code: str, target: str = "score", path: Sequence[Path] = (), **settings: Any) -> Worker:
        worker = start(code, path)
        answer = worker.load(f"rewards.py:{target}", **settings)
        assert answer["type"] == "loaded", answer
        worker.description = answer["description"]
        return worker

    return make


@pytest.fixture
def refuse(start: Callable[..., Worker]) -> Callable[..., dict[str, Any]]:
    """Starts a worker with code in `rewards.py`, and has it refuse to load `score` of it."""

    def make(code: str, target: str = "score", path: Sequence[Path] = (), **settings: Any) -> dict[str, Any]:
        worker = start(code, path)
        answer = worker.load(f"rewards.py:{target}", **settings)
        assert answer["type"] == "refused", answer
        assert worker.is_at_end()
        return answer

    return make


@pytest.fixture(params=["fastest", "standard"])
def json_path(request: pytest.FixtureRequest, tmp_path: Path) -> list[Path]:
    """Import paths with the fastest JSON that is installed, and with the standard library's alone."""
    if request.param == "fastest":
        return []
    folder = tmp_path / "without"
    folder.mkdir()
    (folder / "orjson.py").write_text("raise ImportError")
    return [folder]
