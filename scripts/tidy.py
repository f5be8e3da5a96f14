"""The house rules that no compiler checks. Each finding is one line: path, line, what is wrong.

Imports are those that Package.swift declares for the target; files and functions stay small; every unsafe construct
has its reason beside it; nothing is left open, generated and stale, or bound to one machine.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE_MAX, FUNCTION_MAX, REASON_LINES = 400, 70, 3

SYSTEM_MODULES = {"Foundation", "Glibc", "Synchronization", "Dispatch", "Testing"}
WITHOUT_FOUNDATION = {"AdapterSeam", "JSONBytes", "OpenEnvWire", "RewardModel", "RubricTree"}
MODULES_OF_PRODUCTS = {"NIO": {"NIOCore", "NIOPosix"}}

LONG_FILES: dict[str, str] = {}
"""Files above the limit, each with its reason."""

UNSAFE = re.compile(r"@unchecked Sendable|nonisolated\(unsafe\)|\btry!")
LEFT_OPEN = re.compile(r"\b(TODO|FIXME|XXX)\b")
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(root|work|home/\w+|opt/\w+)/")
PLACEHOLDER_HOME = "/home/you/"
GENERATORS = ["scripts/generate-adapters.py", "scripts/generate-kinds.py"]
TEXTS = {".swift", ".c", ".h", ".py", ".sh", ".md", ".yaml", ".yml", ".json", ".toml", ".ini", ".txt"}

Finding = tuple[Path, int, str]


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return [path for path in paths if path.suffix in TEXTS and path.is_file() and "Fixtures" not in path.parts]


def declared_imports() -> dict[str, set[str]]:
    """The modules that each target may import, as Package.swift says."""
    with tempfile.TemporaryDirectory() as scratch:
        command = ["swift", "package", "--scratch-path", scratch, "dump-package"]
        package = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout)
    allowed = {}
    for target in package["targets"]:
        names = {next(iter(each.values()))[0] for each in target["dependencies"]}
        allowed[target["name"]] = names.union(*(MODULES_OF_PRODUCTS.get(name, set()) for name in names))
    return allowed


def wrong_imports(path: Path, lines: list[str], allowed: dict[str, set[str]]) -> Iterator[Finding]:
    target = path.relative_to(ROOT).parts[1]
    if target not in allowed:
        return
    for number, line in enumerate(lines, 1):
        found = re.match(r"(?:@\S+ )*(?:package |public |internal )?import (?:\w+ )?(\w+)", line)
        if not found or found[1] in allowed[target]:
            continue
        if found[1] not in SYSTEM_MODULES:
            yield path, number, f"target {target} does not declare '{found[1]}' in Package.swift"
        elif found[1] == "Foundation" and target in WITHOUT_FOUNDATION:
            yield path, number, f"target {target} does without Foundation"


def unsafe_without_reason(path: Path, lines: list[str]) -> Iterator[Finding]:
    for number, line in enumerate(lines):
        code = line.split("//")[0]
        if UNSAFE.search(code) and not any("//" in each for each in lines[max(0, number - REASON_LINES) : number + 1]):
            yield path, number + 1, f"'{UNSAFE.search(code)[0]}' has no reason beside it"


def long_functions(path: Path, lines: list[str]) -> Iterator[Finding]:
    """From `func` or `init` to the closing brace at the same indentation."""
    for number, line in enumerate(lines):
        if opening := re.match(r"( *)(?:[\w@()]+ )*(?:func \w|init[?(<])", line):
            closing = f"{opening[1]}}}"
            length = next((at for at, each in enumerate(lines[number:]) if each.rstrip() == closing), 0)
            if length >= FUNCTION_MAX:
                yield path, number + 1, f"a function of {length + 1} lines; {FUNCTION_MAX} is the limit"


def of_any_text(path: Path, lines: list[str]) -> Iterator[Finding]:
    name = str(path.relative_to(ROOT))
    is_code = path.suffix in {".swift", ".c", ".h", ".py", ".sh"}
    if is_code and len(lines) > FILE_MAX and name not in LONG_FILES:
        yield path, 1, f"{len(lines)} lines; {FILE_MAX} is the limit, or a reason in LONG_FILES"
    for number, line in enumerate(lines, 1):
        if is_code and LEFT_OPEN.search(line) and path != Path(__file__).resolve():
            yield path, number, "left open: finish it, or say it in an issue"
        if MACHINE_PATH.search(line.replace(PLACEHOLDER_HOME, "")) and path != Path(__file__).resolve():
            yield path, number, "a path of one machine"


def stale_files() -> Iterator[Finding]:
    for generator in GENERATORS:
        done = subprocess.run([sys.executable, ROOT / generator, "--check"], cwd=ROOT, capture_output=True, text=True)
        if done.returncode != 0:
            yield ROOT / generator, 1, (done.stdout + done.stderr).strip() or "its output is stale"


def findings() -> Iterator[Finding]:
    allowed = declared_imports()
    for path in tracked():
        lines = path.read_text(errors="replace").splitlines()
        yield from of_any_text(path, lines)
        if path.suffix == ".swift" and path.relative_to(ROOT).parts[0] in ("Sources", "Tests"):
            yield from wrong_imports(path, lines, allowed)
            yield from unsafe_without_reason(path, lines)
            yield from long_functions(path, lines)
    yield from stale_files()


def main() -> int:
    found = list(findings())
    for path, line, text in found:
        print(f"{path.relative_to(ROOT)}:{line}: {text}")
    print(f"tidy: {len(found)} findings" if found else "tidy: clean")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
