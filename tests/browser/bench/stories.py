"""The table of user stories and their measurements, which a run prints at its end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

MEASURED = "measured"
"""The name of a test's properties that are (words, value, unit) it measured itself."""

_DECIMALS = {"seconds": 3, "times": 1}
"""Of what is not counted in whole ones."""

_NAME = re.compile(r"tests/browser/test_\w+\.py::test_(.+)")


class Stories:
    """A pytest plugin, which gets the reports of all workers."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, str]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add a story that has run, under its name in words, and what it measured."""
        story = _NAME.match(report.nodeid)
        if story is None or report.when != "call":
            return
        measured: list[Any] = [value for name, value in report.user_properties if name == MEASURED]
        self._rows += [(f"  {words}", _said(value, unit)) for words, value, unit in measured]
        failed = "" if report.passed else f"  {report.outcome}"
        self._rows.append((story[1].replace("_", " "), f"{report.duration:.2f} seconds{failed}"))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table, if there is anything in it."""
        if not self._rows:
            return
        terminalreporter.section("user stories")
        for line in self.lines():
            terminalreporter.line(line)

    def lines(self) -> list[str]:
        """The table as text; each number has its unit beside it."""
        rows = [("user story", "measured"), *self._rows]
        width = max(len(words) for words, _ in rows)
        return [f"{words:{width}} | {said}" for words, said in rows]


def _said(value: float, unit: str) -> str:
    return f"{value:.{_DECIMALS.get(unit, 0)}f} {unit}"
