"""Criteria that a judge looks at, from a file, from `args`, or from code: what `rubric` and `autorubric` share."""

from typing import Any

from rewardbridge.kinds import Kind
from rewardbridge.loading import load_target
from rewardbridge.seam import LoadRefused, Source

HINT = "name a .yaml or .json file of criteria, FILE.py:NAME or MODULE:NAME, or args with args: {criteria: [...]}"

# The target that says that the criteria are in `args`.
IN_ARGS = "args"


def criteria_of(source: Source, listed: list[Any] | None, rubric: type, grader: type) -> tuple[Any, Any]:
    """The library's rubric, and the grader that the code gives with it, if it does.

    :param rubric: the library's class, which has `from_file` and `from_dict`.
    :raises LoadRefused: when the target is none of this, or the library does not take the criteria.
    """
    if (listed is not None) != (source.target == IN_ARGS):
        raise LoadRefused(f"could not tell where the criteria are: in {source.target} or in args", HINT)
    if listed is not None:
        return _read(rubric.from_dict, listed), None
    if source.target.endswith((".yaml", ".yml", ".json")):
        return _read(rubric.from_file, _file(source)), None
    found = load_target(source)
    made = found() if callable(found) and not isinstance(found, rubric) else found
    pair = made if isinstance(made, tuple) else (made, None)
    if len(pair) != 2 or not isinstance(pair[0], rubric) or not isinstance(pair[1], (grader, type(None))):
        what = f"a {type(made).__name__}, not a {rubric.__name__} or a pair of one and a {grader.__name__}"
        raise LoadRefused(f"could not use the target: it is {what}", HINT)
    return pair


def _read(read: Any, what: Any) -> Any:
    try:
        return read(what)
    except ValueError as error:
        raise LoadRefused(f"could not read the criteria: {error}") from error


def _file(source: Source) -> str:
    root = source.root.resolve()
    path = (root / source.target).resolve()
    if not path.is_relative_to(root):
        raise LoadRefused(f"{source.target} lies outside the version's files")
    if not path.is_file():
        raise LoadRefused(f"no file {source.target}", HINT, Kind.MISSING_FILE)
    return str(path)
