"""The paths, modules, names, make targets and commands that the documentation names exist."""

from __future__ import annotations

import importlib
import re
import shlex
from pathlib import Path

import pytest

from auth0_widget.commands import cli

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
FOLDERS = ["", "auth0_widget", "js/src", "tests", "tests/browser", "docs", "docs/examples"]
"""Where a path may begin that does not begin at the top."""

ELSEWHERE = {
    *("docs/_build", "jupyter_server_config.py"),
    *("jwt.py", "script.py", "in.ipynb", "out.ipynb"),
}
"""What is made by a command, or is a file of the reader's."""

_BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_WHOLE_PATH = re.compile(
    r"(?<![\w/.-])(?:auth0_widget|docs|js|tests|benchmarks|\.ci|\.github)/[\w./-]*"
)
_FILE = re.compile(r"\.?[\w-]+(?:[/.][\w-]+)*\.(?:py|ts|md|ipynb|toml|yml|html|txt|css)")
_DOTTED = re.compile(r"[a-z]\w*(?:\.\w+)+")
_MAKE = re.compile(r"\bmake ([a-z][a-z-]*)")


def _is_there(path: str) -> bool:
    return path in ELSEWHERE or any((ROOT / folder / path).exists() for folder in FOLDERS)


def _code(page: Path) -> list[str]:
    """The texts between backticks, without the blocks of code."""
    return _CODE.findall(_BLOCK.sub("", page.read_text(encoding="utf-8")))


def _exists(dotted: str) -> bool:
    """Whether a name such as ``oauth.client.Tenant`` exists in the package."""
    parts = dotted.removeprefix("auth0_widget.").split(".")
    for count in range(len(parts), 0, -1):
        module = ".".join(["auth0_widget", *parts[:count]])
        try:
            found: object = importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name is None or not error.name.startswith("auth0_widget"):
                raise
            continue
        for part in parts[count:]:
            found = getattr(found, part, None)
        return found is not None
    return False


def _targets() -> set[str]:
    return set(
        re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_paths_on_each_page_are_there(page: Path) -> None:
    whole = _WHOLE_PATH.findall(page.read_text(encoding="utf-8"))
    files = [code for code in _code(page) if _FILE.fullmatch(code)]
    named = {path.rstrip("./") for path in [*whole, *files]}
    assert sorted(path for path in named if not _is_there(path)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_modules_and_names_on_each_page_are_there(page: Path) -> None:
    packages = {path.stem for path in (ROOT / "auth0_widget").iterdir()} | {"auth0_widget"}
    # A session or a login in an example is a variable.
    packages -= {"session", "login"}
    dotted = {code for code in _code(page) if _DOTTED.fullmatch(code)}
    ours = {code for code in dotted if code.split(".")[0] in packages and not _is_there(code)}
    assert sorted(code for code in ours if not _exists(code)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_make_targets_on_each_page_are_there(page: Path) -> None:
    blocks = "\n".join(_BLOCK.findall(page.read_text(encoding="utf-8")))
    assert set(_MAKE.findall("\n".join([*_code(page), blocks]))) <= _targets()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_and_options_on_each_page_are_there(
    page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for code in _code(page):
        if code.startswith("auth0-widget "):
            words = shlex.split(code.partition(" -- ")[0])[1:]
            command = [word for word in words[:1] if not word.startswith("-")]
            with pytest.raises(SystemExit) as ended:
                cli.main([*command, "--help"])
            assert ended.value.code == 0, code
            manual = capsys.readouterr().out
            assert [word for word in words if word.startswith("--") and word not in manual] == []


def test_there_are_paths_modules_and_commands_to_look_for() -> None:
    contributing = ROOT / "CONTRIBUTING.md"
    text = contributing.read_text(encoding="utf-8")
    assert len(_WHOLE_PATH.findall(text)) > 10
    assert "oauth.client.Tenant" in _code(contributing)
    assert "mutation" in _targets()


@pytest.mark.parametrize(
    ("path", "there"),
    [("auth0_widget/kernels.py", False), ("notebook/kernels.py", True), ("kernels.py", False)],
)
def test_a_path_that_is_gone_is_seen(path: str, there: bool) -> None:  # noqa: FBT001
    assert _is_there(path) == there


@pytest.mark.parametrize(
    ("dotted", "there"),
    [("oauth.client.Tenant", True), ("oauth.client.Nobody", False), ("base.nothing.Secret", False)],
)
def test_a_name_that_is_gone_is_seen(dotted: str, there: bool) -> None:  # noqa: FBT001
    assert _exists(dotted) == there
