"""A version is the digest of all that decides its numbers; what runs is a copy that nobody changes."""

import pytest

from support.bridge import Bridge, command, scored
from support.client import RawClient, reset, step
from support.environment import PYTHON

HELPED = "from helper import VALUE\n\n\ndef score(action, observation):\n    return VALUE\n"
DECLARED = "component: python:score.py:score\nfiles: [helper.py]\n"


@pytest.fixture
def project(tmp_path):
    """A rubric of two files."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "score.py").write_text(HELPED)
    (folder / "helper.py").write_text("VALUE = 1.0\n")
    (folder / "rubric.yaml").write_text(DECLARED)
    return folder


def play(bridge: Bridge) -> tuple[float, str]:
    with RawClient(bridge.url) as client:
        client.call(reset())
        reward = client.call(step("x"))["data"]["reward"]
    rows = bridge.rows(len(bridge.sessions()))
    return reward, rows[-1]["version"]


def serve(probe: str, project) -> Bridge:
    settings = scored(probe, "scores.py:length")
    settings["environment"]["rubric"] = "rubric.yaml"
    return Bridge(project, settings)


def test_a_changed_file_is_another_version_and_the_same_file_the_same(probe, project):
    played = []
    for helper in ("VALUE = 1.0\n", "VALUE = 1.0\n", "VALUE = 2.0\n"):
        (project / "helper.py").write_text(helper)
        with serve(probe, project) as bridge:
            played.append(play(bridge.ready()))
    first, again, changed = played
    assert first == again and first[0] == 1.0
    assert changed[0] == 2.0 and changed[1] != first[1]


def test_what_is_served_does_not_change_under_it(probe, project):
    with serve(probe, project) as bridge:
        before = play(bridge.ready())
        for name in ("score.py", "helper.py"):
            (project / name).write_text("raise RuntimeError('half written')")
        assert play(bridge) == before


def test_code_that_the_digest_does_not_cover_is_refused(project):
    done = command("check", "python:score.py:score", "--python", PYTHON, "--state", project / "state", cwd=project)
    assert done.returncode > 0 and "helper" in done.stderr


def test_a_link_out_of_the_folder_is_refused(project, tmp_path):
    outside = tmp_path / "outside.py"
    outside.write_text("VALUE = 3.0\n")
    (project / "helper.py").unlink()
    (project / "helper.py").symlink_to(outside)
    done = command("check", "rubric.yaml", "--python", PYTHON, "--state", project / "state", cwd=project)
    assert done.returncode > 0 and "helper.py" in done.stderr
