"""The packages of auth0_widget import only what the table in CONTRIBUTING.md allows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from arrows import PACKAGE, imports, rooms

ROOT = Path(__file__).parents[2]


def allowed() -> dict[str, set[str]]:
    """Package → the packages that it may import, from the table in CONTRIBUTING.md."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w.]+?)/?` \| (.*?) \|", text, re.MULTILINE)
    return {name: set(re.findall(r"`([\w.]+?)/?`", may)) for name, may in rows}


def test_no_import_goes_where_the_table_has_no_arrow() -> None:
    table = allowed()
    wrong = {
        f"{own} -> {other}": modules
        for (own, other), modules in imports().items()
        if other not in table.get(own, set())
    }
    assert not wrong


def test_the_table_names_every_package_and_no_other() -> None:
    assert set(allowed()) == rooms()


def test_the_table_has_no_arrow_that_nobody_uses() -> None:
    used = set(imports())
    assert not {(own, other) for own, may in allowed().items() for other in may} - used


def test_no_arrow_leads_up() -> None:
    """Each row of the table imports only rows above it, so there is no circle."""
    table = allowed()
    floors = list(table)
    assert not [
        f"{own} -> {other}"
        for own, may in table.items()
        for other in may
        if floors.index(other) >= floors.index(own)
    ]


@pytest.mark.parametrize("room", ["base", "oauth", "session", "login", "flows", "pages"])
def test_nothing_below_the_notebook_imports_jupyter(room: str) -> None:
    jupyter = ("IPython", "anywidget", "ipykernel", "ipywidgets", "jupyter", "traitlets")
    for path in (PACKAGE / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not [name for name in names if name.startswith(jupyter)], path
