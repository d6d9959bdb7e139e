"""The packages of auth0_widget import only what the table in CONTRIBUTING.md allows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from arrows import COMPUTED, PACKAGE, imported_names, imports, rooms

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


# Jupyter and what it is made of.
JUPYTER = re.compile(
    r"(IPython|anywidget|comm|ipykernel|ipywidgets|jupyter\w*|notebook|tornado|traitlets)(\.|$)"
)

ASKS_JUPYTER = PACKAGE / "doctor/servers.py"  # which servers run, and how they are configured


@pytest.mark.parametrize("room", sorted(rooms() - {"notebook", "server"}))
def test_only_the_notebook_and_the_server_import_jupyter(room: str) -> None:
    path = PACKAGE / f"{room}.py"
    for module in [path] if path.exists() else (PACKAGE / room).rglob("*.py"):
        if module != ASKS_JUPYTER:
            assert not list(filter(JUPYTER.match, imported_names(module))), module


def test_only_the_public_names_are_imported_by_a_name_that_is_computed() -> None:
    """What is computed cannot be compared with the table."""
    modules = [path for path in PACKAGE.rglob("*.py") if COMPUTED in imported_names(path)]
    assert modules == [PACKAGE / "__init__.py"]


@pytest.mark.parametrize(
    "line",
    [
        "import auth0_widget.login.login",
        "from auth0_widget import login",
        "from auth0_widget.login.login import Login",
        "from .. import login",
        "from ..login import login",
        "from ..login.login import Login",
        'import_module("auth0_widget.login.login")',
        'importlib.import_module("..login.login", __package__)',
        '__import__("auth0_widget.login.login")',
    ],
)
def test_an_import_is_an_arrow_however_it_is_written(tmp_path: Path, line: str) -> None:
    assert set(imports(package_with(tmp_path, line))) == {("session", "login")}


@pytest.mark.parametrize(
    "line", ["import auth0_widget", "from auth0_widget import LoginWidget", "from .. import User"]
)
def test_an_import_of_a_public_name_is_an_arrow_to_the_root(tmp_path: Path, line: str) -> None:
    assert set(imports(package_with(tmp_path, line))) == {("session", "__init__")}


@pytest.mark.parametrize("line", ["from . import seal", "from .seal import Seal", "import httpx"])
def test_an_import_within_a_room_or_of_another_package_is_no_arrow(
    tmp_path: Path, line: str
) -> None:
    assert not imports(package_with(tmp_path, line))


def package_with(folder: Path, line: str) -> Path:
    """A package with two rooms; a function of session/tokens.py has the given line."""
    for room in ("", "login", "session"):
        (folder / room).mkdir(exist_ok=True)
        (folder / room / "__init__.py").touch()
    (folder / "session/tokens.py").write_text(f"def load():\n    {line}\n", encoding="utf-8")
    return folder
