import os
import sys
from importlib import metadata
from pathlib import Path

import pytest
from harness import Worker, step

from rewardbridge.provenance import _record_digest

SCORE = "def score(action, observation): return 1\n"


@pytest.fixture
def project(root):
    """A root with a package and files in folders."""
    (root / "pkg/inner").mkdir(parents=True)
    (root / "pkg/__init__.py").touch()
    (root / "pkg/inner/__init__.py").write_text("from pkg.tools import ONE\n")
    (root / "pkg/tools.py").write_text("ONE = 1\n")
    (root / "pkg/inner/mod.py").write_text(
        "class Holder:\n    @staticmethod\n    def score(action, observation): return 1\n"
    )
    (root / "folder").mkdir()
    (root / "folder/beside.py").write_text("import below\n" + SCORE)
    (root / "folder/below.py").touch()
    (root / "json.py").write_text(SCORE)
    (root / "odd-name.py").write_text("import dataclasses\n@dataclasses.dataclass\nclass A:\n    x: int\n" + SCORE)
    return root


@pytest.mark.parametrize(
    ("target", "modules"),
    [
        (
            "pkg.inner.mod:Holder.score",
            ["pkg/__init__.py", "pkg/inner/__init__.py", "pkg/inner/mod.py", "pkg/tools.py"],
        ),
        ("folder/beside.py:score", ["folder/below.py", "folder/beside.py"]),
        ("json.py:score", ["json.py"]),
        ("odd-name.py:score", ["odd-name.py"]),
    ],
)
def test_targets_under_the_root(start, project, target, modules):
    answer = start(SCORE).load(target)
    assert answer["type"] == "loaded", answer
    assert answer["description"]["modules"] == modules


@pytest.mark.parametrize(
    ("target", "kind", "message", "hint"),
    [
        ("reward.py:score", "missing_file", "no file reward.py", "did you mean 'rewards.py'?"),
        ("rewards.py:scores", "exception", "no scores in rewards", "did you mean 'score'?"),
        ("rewards.py:zzz", "exception", "no zzz in rewards", "one of parse, score"),
        ("rewards.py", "exception", "not of the form", None),
        ("rewards.py:", "exception", "not of the form", None),
        ("../outside.py:score", "exception", "outside the version's files", None),
        ("nothing.here:score", "missing_file", "no module nothing", "neither under"),
    ],
)
def test_targets_that_are_not_there(start, root, target, kind, message, hint):
    (root.parent / "outside.py").write_text(SCORE)
    answer = start("import os\ndef parse(): ...\ndef _hidden(): ...\n" + SCORE).load(target)
    assert (answer["type"], answer["kind"]) == ("refused", kind)
    assert message in answer["message"]
    assert hint is None or hint in answer["hint"]


def test_an_unknown_adapter(start):
    answer = start(SCORE).load("rewards.py:score", adapter="pyhton")
    assert answer["type"] == "refused" and answer["hint"] == "did you mean 'python'?"


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        ("1 / 0", "exception", "ZeroDivisionError: division by zero"),
        ("def f(:", "exception", "SyntaxError"),
        ("raise SystemExit(0)", "exception", "SystemExit: 0"),
        ("raise KeyboardInterrupt", "exception", "KeyboardInterrupt"),
        ("raise MemoryError", "memory", "MemoryError"),
        ("import no_such_module", "exception", "ModuleNotFoundError: No module named 'no_such_module'"),
    ],
)
def test_code_that_cannot_be_imported(refuse, code, kind, message):
    answer = refuse(code)
    assert answer["kind"] == kind and message in answer["message"]
    assert "rewards.py" in answer["traceback"]
    assert ("install it" in answer.get("hint", "")) == ("no_such_module" in code)


@pytest.fixture
def elsewhere(tmp_path) -> Path:
    """A folder on the import path that no version covers."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "helper.py").write_text("VALUE = 2\n")
    return folder


def test_code_from_elsewhere_is_refused(refuse, elsewhere):
    answer = refuse("import helper\n" + SCORE, path=[elsewhere])
    assert answer["kind"] == "version_unavailable"
    assert str(elsewhere / "helper.py") in answer["message"] and "files:" in answer["hint"]


def test_code_from_elsewhere_by_a_link_is_refused(refuse, root, elsewhere):
    os.symlink(elsewhere / "helper.py", root / "linked.py")
    assert refuse("import linked\n" + SCORE)["kind"] == "version_unavailable"


def test_code_from_elsewhere_that_comes_with_the_first_score(load, elsewhere):
    worker = load(
        """
        def score(action, observation):
            if action == "import":
                import helper
                return helper.VALUE
            import colorsys
            return 1
        """,
        path=[elsewhere],
    )
    assert worker.score(step("go"))["reward"] == 1
    for action in ("import", "go"):
        outcome = worker.score(step(action))
        assert outcome["kind"] == "version_unavailable" and "helper.py" in outcome["message"]


def test_the_working_directory_is_not_on_the_path(root, elsewhere):
    (root / "rewards.py").write_text("import helper\n" + SCORE)
    worker = Worker(root, cwd=elsewhere)
    answer = worker.load("rewards.py:score")
    worker.end()
    assert answer["type"] == "refused" and "No module named 'helper'" in answer["message"]


def test_distributions_that_are_loaded_are_named_with_the_digest_of_their_record(load):
    import pluggy

    worker = load("import pluggy\n" + SCORE)
    found = {each["name"]: each for each in worker.description["distributions"]}
    digest = _record_digest(metadata.distribution("pluggy"))
    assert pluggy and len(digest) == 64
    assert found["pluggy"] == {"name": "pluggy", "version": metadata.version("pluggy"), "record_sha256": digest}
    assert "pytest" not in found and "rewardbridge" not in found
    assert list(found) == sorted(found)


def installed(folder: Path, installer: str, code: str = "a") -> str | None:
    """The digest of a distribution as this installer leaves it."""
    info = folder / "x-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Name: x\nVersion: 1\n")
    lines = [f"x/__init__.py,sha256={code},1", f"../../../bin/x,sha256={folder.name},9"]
    lines += [f"x-1.dist-info/INSTALLER,sha256={installer},3", "x-1.dist-info/RECORD,,"]
    lines += ["x/__pycache__/__init__.cpython-311.pyc,,"] if installer == "pip" else []
    (info / "RECORD").write_text("\n".join(lines if installer == "pip" else reversed(lines)) + "\n")
    return _record_digest(metadata.Distribution.at(info))


def test_the_digest_is_of_the_package_and_not_of_who_installed_it(tmp_path):
    by_pip = installed(tmp_path / "one", "pip")
    assert by_pip == installed(tmp_path / "two", "uv")
    assert by_pip != installed(tmp_path / "three", "pip", code="b")


def test_a_target_in_an_installed_distribution(start):
    answer = start(SCORE).load("pluggy:PluginManager", shape="step", args={"project_name": "x"})
    assert answer["type"] == "refused" and "neither score" in answer["message"]


def test_this_python_is_the_workers(load):
    worker = load(f"import sys\ndef score(action, observation): return sys.prefix == {sys.prefix!r}")
    assert worker.score(step())["reward"] == 1.0
