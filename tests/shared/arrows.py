"""Count the imports between the parts of a package: ``python tests/shared/arrows.py [FOLDER]``.

A room is a subpackage, or a module beside the subpackages. FOLDER is the package, by default this
checkout's ``auth0_widget``. To compare with another revision:
``git worktree add ../before REVISION`` and then ``… ../before/auth0_widget``.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from statistics import median

PACKAGE = Path(__file__).parents[2] / "auth0_widget"
ROOT_ROOM = "__init__"
"""The room of the public names: what is imported from the package and is no other room."""
COMPUTED = "(computed)"
"""Stands for the name of a module that a program computes, and that nobody can read here."""


def rooms(package: Path = PACKAGE) -> set[str]:
    """The names of the rooms."""
    return {
        path.stem
        for path in package.iterdir()
        if (path.is_dir() and (path / "__init__.py").exists()) or path.suffix == ".py"
    }


def imports(package: Path = PACKAGE) -> dict[tuple[str, str], list[str]]:
    """(importing room, imported room) → the importing modules. Imports for types count, too."""
    found: dict[tuple[str, str], list[str]] = {}
    known = rooms(package)
    for path in sorted(package.rglob("*.py")):
        module = path.relative_to(package).with_suffix("").parts
        for name in imported_names(path, package):
            parts = name.split(".")
            if parts[0] != "auth0_widget":
                continue
            room = parts[1] if len(parts) > 1 and parts[1] in known else ROOT_ROOM
            if room != module[0]:
                found.setdefault((module[0], room), []).append(".".join(module))
    return found


def imported_names(path: Path, package: Path = PACKAGE) -> list[str]:
    """The full names of all that a module imports, also within functions and with a call."""
    folder = ("auth0_widget", *path.relative_to(package).parts[:-1])
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [name for node in ast.walk(tree) for name in _imported(node, folder)]


def _imported(node: ast.AST, folder: tuple[str, ...]) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        origin = _absolute("." * node.level + (node.module or ""), folder)
        return [f"{origin}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
        ("import_module", "__import__")
    ):
        name = node.args[0] if node.args else None
        return [
            _absolute(name.value, folder)
            if isinstance(name, ast.Constant) and isinstance(name.value, str)
            else COMPUTED
        ]
    return []


def _absolute(name: str, folder: tuple[str, ...]) -> str:
    """The name without leading dots. One dot is the folder of the module, two its parent."""
    plain = name.lstrip(".")
    dots = len(name) - len(plain)
    origin = folder[: len(folder) + 1 - dots] if dots else ()
    return ".".join([*origin, *([plain] if plain else [])])


def circles(arrows: set[tuple[str, str]]) -> list[str]:
    """Pairs of rooms that import each other."""
    return sorted(
        f"{own} <-> {other}" for own, other in arrows if (other, own) in arrows and own < other
    )


def main(package: Path) -> None:
    """Print the counts."""
    arrows = set(imports(package))
    lengths = [len(path.read_text(encoding="utf-8").splitlines()) for path in package.rglob("*.py")]
    report = [
        f"rooms    {len(rooms(package))}",
        f"arrows   {len(arrows)}",
        f"circles  {len(circles(arrows))}: {', '.join(circles(arrows)) or 'none'}",
        f"modules  {len(lengths)}, median {median(lengths):.0f} lines, longest {max(lengths)}",
    ]
    print("\n".join(report))  # noqa: T201 - a command's output


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else PACKAGE)
