"""What a reward function of TRL logs in one call."""

import threading
from collections.abc import Sequence
from math import isfinite
from typing import Any

from rewardbridge.components import parts_of
from rewardbridge.numbers import NotANumber, number_of
from rewardbridge.result import Result
from rewardbridge.texts import MESSAGE_MAX, clean


class CallLog:
    """Its methods `extra` and `metric` are the function's `log_extra` and `log_metric`."""

    def __init__(self) -> None:
        self.columns: dict[str, list[Any]] = {}
        self.metrics: dict[str, list[Any]] = {}

    def extra(self, column: str, values: Sequence[Any]) -> None:
        self.columns.setdefault(column, []).extend(values)

    def metric(self, name: str, value: float) -> None:
        self.metrics.setdefault(name, []).append(value)

    def judge(self, completions: Sequence[Any]) -> None:
        """Says which text the builtin rewards have judged, and whether they could run out of time."""
        first = [f"message 1 of {len(each)}: {each[0].get('content')}" if each else "" for each in completions]
        self.extra("judged", first)
        if threading.current_thread() is not threading.main_thread():
            self.extra("math_verify_timeouts", ["off: not on the main thread"] * len(first))

    def tell(self, result: Result, position: int, count: int) -> None:
        """Puts the record's own part into its result."""
        fit = {column: values[position] for column, values in self.columns.items() if len(values) == count}
        # TRL would put other counts of values beside other completions, or stop.
        unfit = {
            column: f"log_extra gave {len(values)} values for {count} completions"
            for column, values in self.columns.items()
            if len(values) != count
        }
        result.components, metrics, result.labels = parts_of(fit | unfit)
        result.metrics = ((metrics or {}) | self._means()) or None

    def _means(self) -> dict[str, float]:
        means = {}
        for name, values in self.metrics.items():
            try:
                mean = sum(map(number_of, values)) / len(values)
            except NotANumber:
                continue
            if isfinite(mean):
                means[clean(str(name), MESSAGE_MAX)] = mean
        return means
