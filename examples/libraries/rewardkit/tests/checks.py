from pathlib import Path

import rewardkit
from rewardkit import criteria

criteria.file_contains("answer.txt", "144", weight=3.0)


@rewardkit.criterion(description="the answer is short")
def is_short(workspace: Path) -> bool:
    return len((workspace / "answer.txt").read_text()) < 100
