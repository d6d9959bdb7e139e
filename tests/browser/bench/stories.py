"""The table of user stories and their seconds that a run prints at its end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

MEASURED = "measured"
"""The name of a test's properties that are (words, seconds) it measured itself."""

_NAME = re.compile(r"tests/browser/test_\w+\.py::test_(.+)")


class Stories:
    """A pytest plugin. It hears the reports of all workers, where there are several."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, str]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add a story that has run, under its name in words, and what it measured."""
        story = _NAME.match(report.nodeid)
        if story is None or report.when != "call":
            return
        measured = (value for name, value in report.user_properties if name == MEASURED)
        self._rows += [(f"  {words}", f"{seconds:.3f}") for words, seconds in measured]
        failed = "" if report.passed else f"  {report.outcome}"
        self._rows.append((story[1].replace("_", " "), f"{report.duration:.2f}{failed}"))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table, if there is anything in it."""
        if not self._rows:
            return
        terminalreporter.section("user stories")
        width = max(len(words) for words, _ in self._rows)
        terminalreporter.line(f"{'user story':{width}} | seconds")
        for words, seconds in self._rows:
            terminalreporter.line(f"{words:{width}} | {seconds}")
