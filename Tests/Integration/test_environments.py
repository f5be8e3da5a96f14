"""Virtual environments for reward libraries: made, listed, named by rubrics, looked after, and removed."""

import json
import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from support.bridge import BINARY, command
from support.deadline import eventually_none
from support.environment import PYTHON
from support.process import ROOT, Process, descendants, is_alive
from support.wheels import wheel

SCORE = "def score(action, observation):\n    return 1.0\n"

# Adapters that no release has, between the catalogue's own and its end.
CATALOGUE = """
for added, wants in {
    "left": {"requirements": ("part==1.0",)},
    "right": {"requirements": ("part==2.0",)},
    "loose": {"without_dependencies": ("needy",)},
    "ancient": {"python": ">=3.2,<3.5"},
}.items():
    BUILT_IN[added] = About(BUILT_IN["python"].adapter, "a test's", ("step",), (), "as it is", **wants)

"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Where distributions come from, in place of an index."""
    folder = tmp_path_factory.mktemp("shop")
    for name, version in (("orjson", "1.0"), ("part", "1.0"), ("part", "2.0")):
        wheel(folder, name, version)
    wheel(folder, "needy", requires=["absent"])
    return folder


@pytest.fixture(scope="module")
def adapters(tmp_path_factory):
    """A copy of the Python half with a longer catalogue."""
    folder = tmp_path_factory.mktemp("half") / "adapters"
    shutil.copytree(ROOT / "adapters" / "rewardbridge", folder / "rewardbridge")
    catalogue = folder / "rewardbridge" / "catalogue.py"
    own, main, end = catalogue.read_text().partition('if __name__ == "__main__":')
    assert main
    catalogue.write_text(own + CATALOGUE + main + end)
    return folder


@pytest.fixture
def place(tmp_path, shop, adapters, monkeypatch):
    """A working folder, whose state folder is its own."""
    settle(monkeypatch, shop, adapters)
    return tmp_path


@pytest.fixture(scope="module")
def original(tmp_path_factory, shop, adapters):
    """A working folder with an environment for the adapter `left`."""
    folder = tmp_path_factory.mktemp("original")
    with pytest.MonkeyPatch.context() as variables:
        settle(variables, shop, adapters)
        done = create(folder, "own", "--for", "left")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def own(place, original) -> Path:
    """That environment, in the test's own working folder: moved, which is enough for a Python that is asked."""
    shutil.copytree(original / ".rewardbridge", place / ".rewardbridge", symlinks=True)
    return place / ".rewardbridge" / "envs" / "own"


def settle(variables: pytest.MonkeyPatch, shop: Path, adapters: Path) -> None:
    """Installers know no index but the shop, and nothing that they have seen before."""
    variables.setenv("UV_CACHE_DIR", str(shop.with_name("cache")))
    variables.setenv("REWARDBRIDGE_ADAPTERS", str(adapters))
    variables.setenv("PIP_NO_INDEX", "1")
    variables.setenv("UV_OFFLINE", "1")
    for installer in ("PIP", "UV"):
        variables.setenv(f"{installer}_FIND_LINKS", str(shop))
    variables.delenv("VIRTUAL_ENV", raising=False)


def create(place: Path, name: str, *arguments):
    return command("env", "create", name, "--python", PYTHON, *arguments, cwd=place)


def listed(place: Path) -> dict[str, dict]:
    done = command("env", "list", "--json", cwd=place)
    assert done.returncode == 0, done.stderr
    return {each["name"]: each for each in map(json.loads, done.stdout.splitlines())}


def findings(place: Path) -> dict[str, dict]:
    """What the doctor says of virtual environments, by their names."""
    done = command("doctor", "--json", "--python", PYTHON, cwd=place)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    found = {each["subject"].removeprefix("virtual environment "): each for each in told}
    assert done.returncode == int(any(each["level"] == "problem" for each in told))
    return {name: each for name, each in found.items() if each["subject"] != name}


def leftovers(place: Path) -> list[str]:
    return [each.name for each in (place / ".rewardbridge" / "envs").glob("*")]


def test_one_is_made_named_by_a_rubric_and_removed(place):
    done = create(place, "own", "--for", "python")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("own: Python 3.") and "installing orjson" in done.stderr
    (own,) = listed(place).values()
    assert (own["state"], own["adapters"], own["requirements"]) == ("ready", ["python"], ["orjson"])
    assert "orjson==1.0" in own["packages"]
    record = json.loads((Path(own["path"]) / "rewardbridge-env.json").read_text())
    assert record["adapters"] == ["python"] and record["packages"]["orjson"] == "1.0"

    (place / "rewards.py").write_text(SCORE)
    (place / "rubric.yaml").write_text("component: python:rewards.py:score\npython: own\n")
    checked = command("check", "rubric.yaml", cwd=place)
    assert checked.returncode == 0 and f"{own['path']}/bin/python" in checked.stdout, checked.stderr

    assert command("env", "remove", "own", cwd=place).returncode == 0
    assert listed(place) == {} and not Path(own["path"]).exists()
    checked = command("check", "rubric.yaml", cwd=place)
    assert checked.returncode == 1 and "rewardbridge env create" in checked.stderr


def test_a_name_goes_before_a_program_on_the_path(place, own, monkeypatch):
    """As when a library with a program of its own name is installed where the bridge is started."""
    (place / "bin").mkdir()
    (place / "bin" / "own").write_text("#!/bin/sh\necho no Python\n")
    (place / "bin" / "own").chmod(0o755)
    monkeypatch.setenv("PATH", f"{place / 'bin'}:/usr/bin:/bin")
    done = command("adapters", "--python", "own", cwd=place)
    assert done.returncode == 0 and "envs/own/bin/python" in done.stderr
    done = command("adapters", "--python", "owm", cwd=place)
    assert done.returncode == 1 and "did you mean 'own'?" in done.stderr


def test_several_adapters_share_one_and_some_requirements_go_without_theirs(place):
    done = create(place, "both", "--for", "left, loose,left")
    assert done.returncode == 0, done.stderr
    both = listed(place)["both"]
    assert both["adapters"] == ["left", "loose"]
    assert (both["requirements"], both["without_dependencies"]) == (["part==1.0", "orjson"], ["needy"])
    assert {"needy==1.0", "orjson==1.0", "part==1.0"} <= set(both["packages"])


def test_adapters_that_conflict_leave_nothing_but_the_installers_message(place):
    done = create(place, "both", "--for", "left,right")
    assert done.returncode == 1 and leftovers(place) == []
    assert "part==1.0" in done.stderr and "part==2.0" in done.stderr
    assert "could not make virtual environment 'both'" in done.stderr and "hint: " in done.stderr


def test_what_cannot_be_installed_leaves_nothing(place, monkeypatch, tmp_path_factory):
    for installer in ("PIP", "UV"):
        monkeypatch.setenv(f"{installer}_FIND_LINKS", str(tmp_path_factory.mktemp("empty")))
    done = create(place, "own", "--for", "python")
    assert done.returncode == 1 and leftovers(place) == []
    assert "could not make virtual environment 'own'" in done.stderr and done.stdout == ""


REFUSED = {
    "an unknown adapter": (["own", "--for", "pyhton"], "did you mean 'python'?"),
    "a name that is a path": (["../own", "--for", "python"], "could not name a virtual environment '../own'"),
    "a name of Python's": (["python3.12", "--for", "python"], "could not name a virtual environment"),
    "a Python that is too new": (["own", "--for", "ancient"], "adapter 'ancient' needs Python >=3.2,<3.5"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name, place):
    arguments, said = REFUSED[name]
    done = create(place, *arguments)
    assert done.returncode == 2 and said in done.stderr and leftovers(place) == []


def test_without_a_fitting_python_all_that_were_seen_are_told(place):
    done = command("env", "create", "own", "--for", "ancient", cwd=place)
    assert done.returncode == 1 and "no Python fits" in done.stderr and "needs Python >=3.2,<3.5" in done.stderr
    assert leftovers(place) == []


def test_a_name_that_is_taken_is_replaced_only_by_force(place, own):
    again = create(place, "own", "--for", "python")
    assert again.returncode == 2 and "--force" in again.stderr and listed(place)["own"]["adapters"] == ["left"]
    assert create(place, "own", "--for", "python", "--force").returncode == 0
    assert listed(place)["own"]["adapters"] == ["python"]


def test_the_doctor_looks_into_each(place, own):
    assert findings(place)["own"]["level"] == "ok"

    (info,) = own.glob("lib/python3*/site-packages/part-1.0.dist-info")
    info.rename(info.with_name("part-2.0.dist-info"))
    (metadata,) = own.glob("lib/python3*/site-packages/part-2.0.dist-info/METADATA")
    metadata.write_text(metadata.read_text().replace("Version: 1.0", "Version: 2.0"))
    assert findings(place)["own"]["message"] == "part is 2.0, was 1.0"
    shutil.rmtree(metadata.parent)
    found = findings(place)["own"]
    assert (found["level"], found["message"]) == ("problem", "part 1.0 is gone")
    assert "rewardbridge env create own --for left --force" in found["hint"]

    (own / "bin" / "python").unlink()
    found = findings(place)["own"]
    assert found["level"] == "problem" and "--for left --force" in found["hint"]

    (own / "rewardbridge-env.json").unlink()
    found = findings(place)["own"]
    assert (found["level"], found["message"]) == ("problem", "it is half-made")
    assert listed(place)["own"]["state"] == "broken"


@pytest.fixture
def endless(place, adapters, monkeypatch):
    """The installer is a program that leaves files and a child, and does not end."""
    (place / "bin").mkdir()
    uv = place / "bin" / "uv"
    uv.write_text("#!/bin/sh\nfor folder; do :; done\necho half > $folder/half\nsleep 1000 &\necho at work\nwait\n")
    uv.chmod(0o755)
    with monkeypatch.context() as path:
        path.setenv("PATH", f"{uv.parent}:/usr/bin:/bin")
        line = [BINARY, "env", "create", "own", "--for", "python", "--python", PYTHON]
        # Which a process of the tests is otherwise not given.
        process = Process(line, cwd=place, env={"REWARDBRIDGE_ADAPTERS": str(adapters)})
    with process:
        process.wait_for("at work")
        yield process


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_in_the_making_nothing_is_left(place, endless, number, status):
    running = descendants(endless.pid)
    assert running and leftovers(place) == ["own"]
    endless.signal(number)
    assert endless.wait() == status
    assert leftovers(place) == [] and "nothing is left" in endless.output
    eventually_none(lambda: [each for each in running if is_alive(each)], "processes that are left")


def test_nobody_touches_one_that_is_being_made_and_what_is_left_of_it_is_replaced(place, endless):
    assert listed(place)["own"]["state"] == "making"
    for arguments in (["create", "own", "--for", "python", "--force"], ["remove", "own"]):
        done = command("env", *arguments, cwd=place)
        assert done.returncode == 1 and "another process is making it" in done.stderr
    done = command("adapters", "--python", "own", cwd=place)
    assert done.returncode == 1 and "it is being made" in done.stderr
    assert findings(place)["own"]["level"] == "warning"

    installing = descendants(endless.pid)
    endless.signal(signal.SIGKILL)
    for each in installing:
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)
    endless.wait()
    assert listed(place)["own"]["state"] == "broken" and findings(place)["own"]["level"] == "problem"
    done = command("adapters", "--python", "own", cwd=place)
    assert done.returncode == 1 and "it is half-made" in done.stderr
    assert create(place, "own", "--for", "python", "--force").returncode == 0
    assert listed(place)["own"]["state"] == "ready"


def test_the_adapters_are_listed(place):
    done = command("adapters", "--python", PYTHON, "--json", cwd=place)
    adapters = {each["name"]: each for each in map(json.loads, done.stdout.splitlines())}
    assert adapters["openenv"]["installed"] == "0.10.0" and adapters["left"]["installed"] is None
    table = command("adapters", "--python", PYTHON, cwd=place).stdout.splitlines()
    assert table[0].split()[:2] == ["NAME", "LIBRARY"] and len(table) == len(adapters) + 1
    assert any(line.startswith("loose ") and line.endswith("needy (without dependencies)") for line in table)


def test_a_python_that_is_none_is_told(place):
    done = command("adapters", "--python", "/bin/true", cwd=place)
    assert done.returncode == 1 and done.stdout == ""
    assert "could not run rewardbridge.catalogue with '/bin/true'" in done.stderr and "hint: " in done.stderr


@pytest.mark.skipif(shutil.which("uv") is None, reason="uv is not installed")
def test_uv_is_used_where_there_is_one(place):
    done = create(place, "own", "--for", "loose")
    assert done.returncode == 0 and "installing orjson with uv" in done.stderr, done.stderr
    assert findings(place)["own"]["level"] == "ok"
