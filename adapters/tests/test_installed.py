"""What a Python says of itself when a virtual environment is made and looked after."""

import json
import subprocess
import sys
from importlib.metadata import version

from harness import ADAPTERS, DEADLINE

from rewardbridge import installed


def ask(*adapters: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-m", "rewardbridge.installed", *adapters],
        env={"PYTHONPATH": str(ADAPTERS)},
        capture_output=True,
        text=True,
        check=True,
        timeout=DEADLINE,
    )
    return json.loads(done.stdout)


def test_every_distribution_has_its_version():
    told = ask("python")
    assert told["packages"]["pytest"] == version("pytest") and "pip" not in told["packages"]
    assert list(told["packages"]) == sorted(told["packages"])
    assert told["python"].split(".")[:2] == [str(each) for each in sys.version_info[:2]]
    assert told["failures"] == {}


def test_an_adapter_that_does_not_load_is_told_and_hides_no_other(monkeypatch):
    assert list(ask("python", "nonesuch")["failures"]) == ["nonesuch"]

    def broken(name):
        raise {"ends": SystemError, "odd": ValueError}[name]("no \ud800")

    monkeypatch.setattr(installed, "find", broken)
    assert installed.failures(["ends", "odd"]) == {"ends": "SystemError: no \\ud800", "odd": "ValueError: no \\ud800"}


def test_a_distribution_without_a_name_is_passed_over(tmp_path, monkeypatch):
    (tmp_path / "odd-1.dist-info").mkdir()
    (tmp_path / "odd-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert "pytest" in installed.packages()
