"""The table of user stories and their seconds that a run prints at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


class Stories:
    """Collects the seconds of every browser test, and what tests measured themselves."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, str]] = []

    def add_report(self, report: pytest.TestReport) -> None:
        """Add a test that has run, under its name in words."""
        words = report.nodeid.rpartition("::")[2].removeprefix("test_").replace("_", " ")
        failed = "" if report.passed else f"  {report.outcome}"
        self._rows.append((words, f"{report.duration:.2f}{failed}"))

    def add_measurement(self, words: str, seconds: float) -> None:
        """Add a time that was taken inside a story."""
        self._rows.append((f"  {words}", f"{seconds:.3f}"))

    def print(self, terminal: pytest.TerminalReporter) -> None:
        """Print the table, if there is anything in it."""
        if not self._rows:
            return
        terminal.section("user stories")
        width = max(len(words) for words, _ in self._rows)
        terminal.line(f"{'user story':{width}} | seconds")
        for words, seconds in self._rows:
            terminal.line(f"{words:{width}} | {seconds}")
