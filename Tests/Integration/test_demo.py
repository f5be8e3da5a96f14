"""What a newcomer sees first: `make demo`, without the installing and the building."""

import os
import re
import subprocess

from support.bridge import BINARY
from support.process import ROOT


def test_the_demo_shows_rewards_joined_by_session_episode_and_step(tmp_path):
    environment = {**os.environ, "REWARDBRIDGE_BIN": str(BINARY)}
    done = subprocess.run([ROOT / "scripts" / "demo.sh"], capture_output=True, text=True, timeout=180, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    line = re.compile(r"session (\S+)  episode (\d)  step (\d)  '(.*?)' +exact_match: (\S+)")
    played = [line.match(each).groups() for each in done.stdout.splitlines() if line.match(each)]
    assert [each[1:] for each in played] == [
        ("1", "1", "is it Lyon, perhaps?", "0.0"),
        ("1", "2", "Paris", "1.0"),
        ("1", "3", "Paris", "1.0"),
        ("2", "1", "8", "1.0"),
    ]
    assert len({each[0] for each in played}) == 1
    rows = re.findall(r"^(\d) +(\d) +scored +(\S+) +(\S+) +exact_match", done.stdout, re.MULTILINE)
    assert rows == [(episode, ordinal, reward, reward) for _, episode, ordinal, _, reward in played]
