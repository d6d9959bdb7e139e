"""The grid of the waiting stories: a row for each front end and kernel, a column for each story.

A plugin for pytest, registered as an object. What the grid needs travels with the reports as their
``user_properties``, so that it is whole also where other processes run the tests (pytest-xdist).
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from bench.kernels import version_of

if TYPE_CHECKING:
    import pytest

SAID = "said"
"""The property with what a cell of the grid says, where "ok" is not all there is to say."""

_PLACE = "place in the matrix"

_FRONT_ENDS = {"lab": "JupyterLab", "notebook": "Notebook"}
"""Also the names of the packages they come in."""


class Matrix:
    """Collects what became of the tests that bear ``@pytest.mark.column("…")``.

    The marker's text is the head of the column; the test's parameters are put into it as by
    ``str.format``. The parameters ``front_end`` and ``kernel`` make the row.
    """

    def __init__(self) -> None:
        self._cells: dict[tuple[str, str], dict[str, str]] = {}

    def pytest_itemcollected(self, item: Any) -> None:
        """Write on each test where in the grid it belongs."""
        marker = item.get_closest_marker("column")
        if marker is not None:
            parameters = item.callspec.params
            column = marker.args[0].format(**parameters)
            place = [parameters["front_end"], parameters["kernel"], column]
            item.user_properties.append((_PLACE, place))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how a test ended; a failure before or after it counts as well."""
        properties: dict[str, Any] = dict(report.user_properties)
        if _PLACE in properties and (report.when == "call" or not report.passed):
            front_end, kernel, column = properties[_PLACE]
            name = _FRONT_ENDS[front_end]
            row = self._cells.setdefault((f"{name} {version(name)}", version_of(kernel)), {})
            row[column] = str(properties.get(SAID, "ok")) if report.passed else report.outcome

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the grid, if there is anything in it."""
        if self._cells:
            terminalreporter.section("front ends and kernels")
            for line in self.lines():
                terminalreporter.line(line)

    def lines(self) -> list[str]:
        """The grid as text. A cell of several words is a number, and they stand below the grid."""
        columns = sorted({column for row in self._cells.values() for column in row})
        sentences: list[str] = []
        table = [["front end", "ipykernel", *columns]]
        for (front_end, kernel), row in sorted(self._cells.items()):
            cells = (_short(row.get(column, "-"), sentences) for column in columns)
            table.append([front_end, kernel, *cells])
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        grid = (
            " | ".join(f"{cell:{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in table
        )
        return [*grid, *(f"({number}) {words}" for number, words in enumerate(sentences, 1))]


def _short(cell: str, sentences: list[str]) -> str:
    if " " not in cell:
        return cell
    if cell not in sentences:
        sentences.append(cell)
    return f"({sentences.index(cell) + 1})"
