"""The doctor's output for a set-up that works and for seven with a fault, as documented."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import doctor_runs
import pytest

if TYPE_CHECKING:
    from doctor_runs import Run

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def runs() -> list[Run]:
    return doctor_runs.runs()


def test_a_login_can_work_where_at_least_one_way_can(runs: list[Run]) -> None:
    assert [run.exit_code for run in runs] == [0, 1, 0, 0, 1, 1, 1, 1]
    assert "✗" not in runs[0].text
    assert runs[0].text.endswith("A login can work: in a window, by a link, with a code.\n")


def test_each_broken_set_up_is_told_by_one_line_and_what_to_do(runs: list[Run]) -> None:
    for run in runs[1:]:
        lines = run.text.splitlines()
        (bad,) = [number for number, line in enumerate(lines) if line.startswith("✗ ")]
        assert lines[bad + 1].startswith("  ")
        works = "A login can work: by a link, with a code. Another way cannot: see the line with ✗."
        assert lines[-1] == ("No login can work: see the line with ✗." if run.exit_code else works)


def test_the_documentation_has_what_it_says(runs: list[Run]) -> None:
    page = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")
    for run in runs:
        assert all(line in page for line in run.text.splitlines() if line.startswith("✗")), run
    assert runs[0].text in page
