"""Measured values: a table has rows, and a row has a median, a spread and perhaps a target."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

RUNS = 10
"""How often each thing is measured, at least."""


@dataclass(frozen=True)
class Row:
    """One thing that was measured, or was not.

    Attributes:
        what: What it is.
        values: One for each run; none where it was not measured.
        unit: Of the values.
        at_most: The target, where a small value is good.
        at_least: The target, where a large value is good.
        note: What else a reader should know; why it was not measured.
    """

    what: str
    values: Sequence[float] = ()
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None
    note: str = ""

    @property
    def median(self) -> float | None:
        """The median; None where it was not measured."""
        return statistics.median(self.values) if self.values else None

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none, or no value."""
        median = self.median
        if median is None or (self.at_most is None and self.at_least is None):
            return None
        return (self.at_most is None or median <= self.at_most) and (
            self.at_least is None or median >= self.at_least
        )

    def as_json(self) -> dict[str, Any]:
        """The row for programs."""
        spread = (min(self.values), max(self.values)) if self.values else (None, None)
        return {
            "what": self.what,
            "unit": self.unit,
            "median": self.median,
            "lowest": spread[0],
            "highest": spread[1],
            "runs": len(self.values),
            "at_most": self.at_most,
            "at_least": self.at_least,
            "met": self.met,
            "note": self.note,
        }


@dataclass
class Table:
    """Rows that belong together.

    Attributes:
        title: What is measured.
        words: How, in a few sentences.
        rows: In the order of the page.
    """

    title: str
    words: str
    rows: list[Row] = field(default_factory=list)


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def in_turn(works: Mapping[str, Callable[[], float]], runs: int = RUNS) -> dict[str, list[float]]:
    """What each gives, run after run in turn, so that a noisy minute harms all of them alike."""
    values: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work()  # the first time is another matter: caches are filled, modules loaded
    for _ in range(runs):
        for name, work in works.items():
            values[name].append(work())
    return values


def ratios(values: Sequence[float], others: Sequence[float]) -> list[float]:
    """Run by run, how many times the other one it is."""
    return [value / other for value, other in zip(values, others, strict=True)]
