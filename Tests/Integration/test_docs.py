"""What the pages say: their examples are followed, their links lead somewhere, their lists are those of the code."""

import re

import pytest

from support.process import ROOT
from support.tutorial import Tutorial, blocks

README = ROOT / "README.md"
TUTORIALS = sorted(page for page in (ROOT / "docs").glob("*.md") if blocks(page))


@pytest.fixture(scope="module")
def tour(tmp_path_factory):
    """The folder after the README's tour, with the environment still running; the other pages go on from there."""
    tutorial = Tutorial(tmp_path_factory.mktemp("tour"))
    yield tutorial
    tutorial.stop(*list(tutorial.background))


@pytest.fixture(scope="module")
def toured(tour):
    tour.follow(README)
    tour.stop("bridge")
    return tour


def test_the_tour_shows_what_it_says(toured):
    assert "environment" in toured.background


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_a_page_shows_what_it_says(toured, page):
    toured.follow(page)
    toured.stop(*(toured.background.keys() - {"environment"}))


PLACES = ("*.md", "docs/*.md", "RFCs/*.md", "examples/**/*.md", "adapters/*.md")
PAGES = sorted(page for place in PLACES for page in ROOT.glob(place))
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`+[^`\n]*`+")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    broken = []
    for link in LINK.findall(CODE.sub("", FENCED.sub("", page.read_text()))):
        if re.match(r"[a-z]+:", link):
            continue
        place, _, anchor = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        if not target.exists() or (anchor and anchor not in anchors(target.read_text())):
            broken.append(link)
    assert not broken


def anchors(source: str) -> set[str]:
    """What the headings of a page are called in links."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", source), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_graph_is_that_of_the_package():
    said = re.search(r"^```text graph\n(.*?)^```$", (ROOT / "ARCHITECTURE.md").read_text(), re.MULTILINE | re.DOTALL)
    lines = [line.partition(" ->") for line in said[1].splitlines()]
    assert {name: set(re.findall(r"\w+", imports)) for name, _, imports in lines} == graph()


def graph() -> dict[str, set[str]]:
    """The targets of Package.swift and what they import of each other, without tests."""
    targets = (ROOT / "Package.swift").read_text().partition("targets: [\n        // MARK")[2]
    found = {}
    for target in re.split(r"^ {8}\.", targets, flags=re.MULTILINE)[1:]:
        name = re.search(r'name: "([\w-]+)"', target)[1]
        listed = re.search(r"dependencies: \[(.*?)\n?\s*\],", target, re.DOTALL)
        if not target.startswith("testTarget") and not re.search(r'path: "(Tests|Benchmarks)/', target):
            own = re.sub(r"\.product\(.*\)", "", listed[1]) if listed else ""
            found[name] = set(re.findall(r'"(\w+)"', own))
    return found


def test_the_kinds_are_those_of_the_code():
    kinds = re.findall(r'^    [A-Z_]+ = "(\w+)"$', (ROOT / "adapters/rewardbridge/kinds.py").read_text(), re.MULTILINE)
    page = (ROOT / "docs" / "failure-and-delivery.md").read_text()
    section = page.partition("\n## Kinds\n")[2].partition("\n## ")[0]
    rows, reserved = section.partition("reserved")[::2]
    said = re.findall(r"^\| `(\w+)` \|", rows, re.MULTILINE) + re.findall(r"`(\w+)`", reserved)
    assert sorted(said) == sorted(kinds)


def test_the_rfcs_are_listed_with_their_status():
    page = (ROOT / "RFCs" / "README.md").read_text()
    listed = dict(re.findall(r"^\| \[\d+\]\((\S+)\) \| [^|]+ \| ([^|]+) \|$", page, re.MULTILINE))
    written = {
        page.name: re.search(r"^[*]*Status[*]*: (.+)$", page.read_text(), re.MULTILINE)[1]
        for page in (ROOT / "RFCs").glob("[0-9]*.md")
    }
    assert listed == written
