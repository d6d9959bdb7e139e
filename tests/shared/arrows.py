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
    for path in sorted(package.rglob("*.py")):
        module = path.relative_to(package).with_suffix("").parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for name in _imported(node):
                parts = name.split(".")
                if parts[0] == "auth0_widget" and len(parts) > 1 and parts[1] != module[0]:
                    found.setdefault((module[0], parts[1]), []).append(".".join(module))
    return {arrow: who for arrow, who in found.items() if arrow[1] in rooms(package)}


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module == "auth0_widget":
        return [f"auth0_widget.{alias.name}" for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return []


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
