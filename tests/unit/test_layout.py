"""The packages of auth0_widget, and which may import which: as the table in CONTRIBUTING says."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "auth0_widget"


def allowed() -> dict[str, set[str]]:
    """The table "Which package may import which" of CONTRIBUTING.md."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w.]+?)/?` \| (.*?) \|", text, re.MULTILINE)
    return {name: set(re.findall(r"`([\w.]+?)/?`", may)) for name, may in rows}


def room_of(module: str) -> str:
    """The package, or the module beside them, that a dotted name lies in."""
    return module.split(".")[1]


def imports() -> dict[tuple[str, str], list[str]]:
    """(importing room, imported room) → the modules that do so. Imports for types count, too."""
    found: dict[tuple[str, str], list[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        own = room_of(module)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module == "auth0_widget":
                names = [f"auth0_widget.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            else:
                continue
            for name in names:
                if name.startswith("auth0_widget.") and room_of(name) != own:
                    found.setdefault((own, room_of(name)), []).append(module)
    return found


def test_no_import_goes_where_the_table_has_no_arrow() -> None:
    table = allowed()
    wrong = {
        f"{own} -> {other}": modules
        for (own, other), modules in imports().items()
        if other != "__version__" and other not in table.get(own, set())
    }
    assert not wrong


def test_the_table_names_every_package_and_no_other() -> None:
    there = {
        path.stem
        for path in PACKAGE.iterdir()
        if (path.is_dir() and (path / "__init__.py").exists()) or path.suffix == ".py"
    }
    assert set(allowed()) == there


def test_the_table_has_no_arrow_that_nobody_uses() -> None:
    used = set(imports())
    assert not {(own, other) for own, may in allowed().items() for other in may} - used


def test_no_arrow_leads_up() -> None:
    """The table's rows are floors: each row imports rows above it only, so there is no circle."""
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
