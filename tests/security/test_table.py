"""docs/security-table.md is the result of a run of these tests."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from threats import ELSEWHERE, THREATS, threat_of

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def table() -> str:
    return (DOCS / "security-table.md").read_text(encoding="utf-8")


@pytest.fixture
def rows(table: str) -> dict[int, str]:
    """Threat → the rest of its row."""
    return {
        int(row[1]): row[2]
        for row in re.finditer(r"^\| (\d+) \| (.*) \|$", table, flags=re.MULTILINE)
    }


def _collected(request: pytest.FixtureRequest) -> dict[int, Counter[str]]:
    found: dict[int, Counter[str]] = {}
    for item in request.session.items:
        about = threat_of(item.name)
        if about is not None:
            found.setdefault(about[0], Counter())[about[1].partition("[")[0]] += 1
    return found


def test_the_table_tells_each_threat(rows: dict[int, str]) -> None:
    assert list(rows) == list(THREATS)
    for number, title in THREATS.items():
        assert rows[number].startswith(f"{title} | ")


def test_the_table_tells_of_no_failure(table: str) -> None:
    assert "FAILED" not in table
    (cases,) = re.findall(r"^(\d+) hostile cases, 0 accepted\.$", table, flags=re.MULTILINE)
    assert int(cases) >= 120


def test_the_table_s_tests_are_the_tests(
    request: pytest.FixtureRequest, rows: dict[int, str]
) -> None:
    here = Path(__file__).parent
    modules = {item.path for item in request.session.items if item.path.is_relative_to(here)}
    if modules < set(here.glob("test_*.py")) or request.config.getoption("-k", default=""):
        pytest.skip("only known when all of tests/security is collected")
    for number, tests in _collected(request).items():
        told = re.findall(r"(\w[\w ]*) \((\d+)\)", rows[number].split(" | ")[1])
        assert {name.replace(" ", "_"): int(cases) for name, cases in told} == dict(tests), (
            "run: pytest tests/security --security-table=docs/security-table.md"
        )


def test_a_threat_without_tests_here_says_where_it_is_answered(
    request: pytest.FixtureRequest, rows: dict[int, str]
) -> None:
    untested = [number for number in THREATS if rows[number].split(" | ")[1] == ""]
    assert set(untested) <= set(ELSEWHERE)
    named = [path for text in ELSEWHERE.values() for path in re.findall(r"(?:js|tests)/\S+", text)]
    root = request.config.rootpath
    assert [path for path in named if not (root / path).exists()] == []


def test_the_documentation_names_the_table() -> None:
    assert "(security-table.md)" in (DOCS / "security.md").read_text(encoding="utf-8")
