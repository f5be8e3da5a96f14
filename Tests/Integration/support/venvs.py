"""Programs of peers/ in the virtual environment of the peer that they need."""

import json
import subprocess

from support.process import HERE, ROOT

DEADLINE = 120


def run_peer(venv: str, program: str, *arguments):
    """The last line that the program prints, as JSON."""
    python = ROOT / venv / "bin" / "python"
    assert python.exists(), f"{venv} is missing: scripts/setup.sh test"
    line = [str(python), str(HERE / "peers" / program), *(str(each) for each in arguments)]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(HERE), "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    done = subprocess.run(line, capture_output=True, text=True, timeout=DEADLINE, cwd=HERE, env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
