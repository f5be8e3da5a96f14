"""The `keywords` adapter: the share of keywords that a completion holds.

Target: a file with a keyword a line, `keywords:words.txt`. `args`: `ignore_case` (default true).

Versions: none; this is where one says which ones of the library were tried.

Unit: step, or with `unit: episode` the episode's last completion.

Inputs: completion.

No score: a list without keywords is refused when it is loaded. A record without a completion is `unscored(needs)`.

Threads and loops: synchronous, on the main thread.

Import cost: none.

Live from `/ws` with a view that gives the completion. And offline.
"""

from dataclasses import dataclass
from typing import Any

from rewardbridge import fields
from rewardbridge.calling.options import options_of
from rewardbridge.calling.settings import range_of, settings_of
from rewardbridge.components import component_of
from rewardbridge.kinds import Kind
from rewardbridge.result import Result
from rewardbridge.seam import Description, LoadRefused, Source, Stateless

# Settings of the rubric file that this adapter has; any other is refused with a hint.
SETTINGS = ("args", "range", "unit")


@dataclass(frozen=True)
class Options:
    """What `args` may hold."""

    ignore_case: bool = True


class KeywordsAdapter(Stateless):
    """A list of keywords."""

    def __init__(self, source: Source) -> None:
        # Import the library here, not at the top: the adapter can then be listed where the library is missing.
        self.settings = settings_of(source, None, SETTINGS)
        self.options = options_of(source, Options)
        path = source.root / source.target
        if not path.is_file():
            raise LoadRefused(f"no file {source.target}", "name a file below the rubric's folder", Kind.MISSING_FILE)
        self.keywords = [each for each in map(str.strip, path.read_text().splitlines()) if each]
        if not self.keywords:
            raise LoadRefused(f"{source.target} holds no keywords")

    def describe(self) -> Description:
        return Description(
            unit=self.settings.unit or "step",
            needs=["completion"],
            library=("rewardbridge-keywords", "0.1.0"),
            deterministic=True,
            # Short and sure to return: fit for the embedded runtime.
            bounded=True,
            range=range_of(self.settings, (0.0, 1.0)),
        )

    def score(self, episode: str, record: dict[str, Any]) -> Result:
        # Raises fields.Missing where there is none, which becomes unscored(needs).
        text = self._folded(fields.completion(record))
        found = [float(self._folded(each) in text) for each in self.keywords]
        weight = 1 / len(found)
        parts = [component_of(name, value, "reward", weight) for name, value in zip(self.keywords, found)]
        return Result("scored", sum(found) / len(found), components=parts)

    def _folded(self, text: str) -> str:
        return text.casefold() if self.options.ignore_case else text
