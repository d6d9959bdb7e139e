"""Writes what was measured: docs/benchmarks.md for people, benchmarks/results.json for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from measure import Row, Table

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
RESULTS = ROOT / "benchmarks" / "results.json"

_INTRODUCTION = (
    "Written by `make bench`, which measures all of this beside what people would use "
    "instead, in the same run. A figure is the median; the spread is from the lowest to the "
    "highest of the runs. A target stands beside its figure. What matters is the ratios: the "
    "milliseconds are those of this machine, with whatever else it did."
)
_THOUSAND = 1000


def write(tables: Sequence[Table], about: Mapping[str, str], remarks: str) -> None:
    """Write both."""
    content = {
        "about": dict(about),
        "tables": [
            {"title": table.title, "rows": [row.as_json() for row in table.rows]}
            for table in tables
        ],
    }
    RESULTS.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    PAGE.write_text(_page(tables, about, remarks), encoding="utf-8")


def _page(tables: Sequence[Table], about: Mapping[str, str], remarks: str) -> str:
    facts = "\n".join(f"| {name} | {value} |" for name, value in about.items())
    parts = [
        "# Benchmarks",
        _INTRODUCTION,
        f"| | |\n|---|---|\n{facts}",
        *(f"## {table.title}\n\n{table.words}\n\n{_table(table.rows)}" for table in tables),
        remarks.strip(),
    ]
    return "\n\n".join(parts) + "\n"


def _table(rows: Sequence[Row]) -> str:
    lines = ["| | median | spread | runs | target |", "|---|---|---|---|---|"]
    return "\n".join([*lines, *map(_row, rows)])


def _row(row: Row) -> str:
    what = f"{row.what} ({row.note})" if row.note and row.values else row.what
    if row.median is None:
        return f"| {what} | not measured: {row.note} | | 0 | {_target(row)} |"
    spread = f"{_number(min(row.values))} to {_number(max(row.values))}"
    value = f"{_number(row.median)} {row.unit}".strip()
    cells = [what, value, spread if len(row.values) > 1 else "", str(len(row.values)), _target(row)]
    return f"| {' | '.join(cells)} |"


def _target(row: Row) -> str:
    parts = []
    if row.at_most is not None:
        parts.append(f"at most {_number(row.at_most)}")
    if row.at_least is not None:
        parts.append(f"at least {_number(row.at_least)}")
    if not parts:
        return ""
    return f"{' '.join(parts)}: {'met' if row.met else '**missed**'}"


def _number(value: float) -> str:
    if value == int(value) or abs(value) >= _THOUSAND:
        return f"{value:,.0f}"
    return (
        f"{value:.3g}" if abs(value) < 1 else f"{value:.2f}" if abs(value) < 10 else f"{value:.0f}"
    )
