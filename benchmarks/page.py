"""Writes what was measured: docs/benchmarks.md for people, benchmarks/results.json for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from measure import Table

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
RESULTS = ROOT / "benchmarks" / "results.json"

ALL = (
    "sizes",
    "imports",
    "logins",
    "restores",
    "verification",
    "signing",
    "scale",
    "herd",
    "server",
    "distance",
)
"""The tables, in the order of the page; each is measured by the module of its name."""

_INTRODUCTION = (
    "Written by `make bench`, which measures all of this beside what people would use "
    "instead, in the same run. A figure is the median; the spread is from the lowest to the "
    "highest of the runs. A target stands beside its figure. What matters is the ratios: the "
    "milliseconds are those of this machine, with whatever else it did."
)
_THOUSAND = 1000


def write(name: str, table: Table, how: str, about: Mapping[str, str], remarks: str) -> None:
    """Put one table in the place of what was there before, in both."""
    content = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    content.setdefault("tables", {})[name] = {
        "title": table.title,
        "words": table.words,
        "how": how,
        "about": dict(about),
        "rows": [row.as_json() for row in table.rows],
    }
    RESULTS.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    PAGE.write_text(rendered(content, remarks), encoding="utf-8")


def rendered(content: Mapping[str, Any], remarks: str) -> str:
    """The page of these results.

    Tables may have been measured on different machines. What is the same for all of them stands at
    the top, and the rest below each table.
    """
    tables = content["tables"]
    every = [table["about"].items() for table in tables.values()]
    same = {name: value for name, value in every[0] if all((name, value) in one for one in every)}
    facts = "\n".join(f"| {name} | {value} |" for name, value in same.items())
    parts = [
        "# Benchmarks",
        _INTRODUCTION,
        f"| | |\n|---|---|\n{facts}",
        *(_section(tables[name], same) for name in ALL if name in tables),
        *(f"## {name.capitalize()}\n\nNot measured." for name in ALL if name not in tables),
        remarks.strip(),
    ]
    return "\n\n".join(parts) + "\n"


def _section(table: Mapping[str, Any], same: Mapping[str, str]) -> str:
    own = [f"{name} {value}" for name, value in table["about"].items() if name not in same]
    how = " ".join([table["how"], *(f"Measured with: {one}." for one in own)])
    parts = [f"## {table['title']}", table["words"], _table(table["rows"]), how]
    return "\n\n".join(part for part in parts if part)


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    lines = ["| | median | spread | runs | target |", "|---|---|---|---|---|"]
    return "\n".join([*lines, *map(_row, rows)])


def _row(row: Mapping[str, Any]) -> str:
    if row["median"] is None:
        return f"| {row['what']} | not measured: {row['note']} | | 0 | {_target(row)} |"
    what = f"{row['what']} ({row['note']})" if row["note"] else row["what"]
    value = f"{_number(row['median'])} {row['unit']}".strip()
    spread = f"{_number(row['lowest'])} to {_number(row['highest'])}" if row["runs"] > 1 else ""
    return f"| {what} | {value} | {spread} | {row['runs']} | {_target(row)} |"


def _target(row: Mapping[str, Any]) -> str:
    parts = []
    if row["at_most"] is not None:
        parts.append(f"at most {_number(row['at_most'])}")
    if row["at_least"] is not None:
        parts.append(f"at least {_number(row['at_least'])}")
    if not parts or row["met"] is None:  # None: not measured
        return " ".join(parts)
    return f"{' '.join(parts)}: {'met' if row['met'] else '**missed**'}"


def _number(value: float) -> str:
    if value == int(value) or abs(value) >= _THOUSAND:
        return f"{value:,.0f}"
    return (
        f"{value:.3g}" if abs(value) < 1 else f"{value:.2f}" if abs(value) < 10 else f"{value:.0f}"
    )
