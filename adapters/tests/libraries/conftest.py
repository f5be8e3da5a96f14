import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from calls import Component, made

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "libraries"
# Keys of a rubric file that the bridge keeps for itself.
NOT_THE_ADAPTERS = (
    "name", "weight", "role", "on_absent", "clip", "scale", "discount", "timeout", "files", "python", "env", "network",
)

# litellm would fetch a price list when it is imported.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"


@pytest.fixture
def make(root: Path) -> Callable[..., Component]:
    """Makes a component `adapter:target`, with code in `rewards.py`."""

    def maker(component: str, code: str = "", **settings: Any) -> Component:
        (root / "rewards.py").write_text(code)
        return made(component, root, **settings)

    return maker


@pytest.fixture
def example() -> Callable[[str], tuple[Component, list[dict[str, Any]]]]:
    """The component and the records of `examples/libraries/NAME`."""

    def read(name: str) -> tuple[Component, list[dict[str, Any]]]:
        yaml = pytest.importorskip("yaml", reason="scripts/test-libraries.sh installs it")
        folder = EXAMPLES / name
        settings = yaml.safe_load((folder / "rubric.yaml").read_text())
        records = [json.loads(line) for line in (folder / "records.jsonl").read_text().splitlines()]
        kept = {key: value for key, value in settings.items() if key not in NOT_THE_ADAPTERS}
        return made(kept.pop("component"), folder, **kept), records

    return read
