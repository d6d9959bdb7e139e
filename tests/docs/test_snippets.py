"""Run the code and parse the commands in the documentation and in docstrings."""

from __future__ import annotations

import ast
import asyncio
import importlib
import pkgutil
import re
import shlex
import subprocess
import sys
import textwrap
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from reader import Reader

import auth0_widget
from auth0_widget import LoginWidget
from auth0_widget.commands import cli
from auth0_widget.commands.demo import usable_port
from auth0_widget.local_tenant import Api, LocalTenant, NotesApi
from auth0_widget.oauth.loopback_address import redirect_uri

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BILLING = "https://billing.example.com/"
AWAITING = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


def blocks(page: Path, language: str) -> list[str]:
    found = BLOCK.findall(page.read_text(encoding="utf-8"))
    return [text for kind, text in found if kind == language]


def is_test(block: str) -> bool:
    return "\ndef test_" in block


def python_pages() -> list[Path]:
    return [page for page in PAGES if any(not is_test(one) for one in blocks(page, "python"))]


def commands() -> list[str]:
    lines = [line for page in PAGES for block in blocks(page, "") for line in block.splitlines()]
    return sorted({line for line in lines if line.startswith("auth0-widget ")})


def docstring_examples() -> dict[str, str]:
    examples = {}
    for module_info in pkgutil.walk_packages(auth0_widget.__path__, "auth0_widget."):
        module = importlib.import_module(module_info.name)
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                text = ast.get_docstring(node) or ""
                for number, code in enumerate(re.findall(r"::\n\n((?:    .*\n|\n)+)", text + "\n")):
                    name = getattr(node, "name", "module")
                    examples[f"{module_info.name}.{name}-{number}"] = textwrap.dedent(code)
    return examples


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Run blocks of code in order, like the cells of a notebook. Ada approves each login."""
    with LocalTenant(auto_approve="ada@example.com") as tenant:
        monkeypatch.setenv("AUTH0_DOMAIN", tenant.url)
        monkeypatch.setenv("AUTH0_CLIENT_ID", tenant.client_id)
        monkeypatch.setenv("AUTH0_WIDGET_FLOW", "device")
        tenant.apis.append(Api(BILLING, "Billing", {"read:bills": "See bills"}))
        tenant.application.refresh_token_policies = {BILLING: ["read:bills"]}
        port = usable_port(0)
        monkeypatch.setenv("AUTH0_WIDGET_LOOPBACK_PORT", str(port))
        tenant.application.callbacks.append(redirect_uri(port))
        loop = asyncio.new_event_loop()

        async def run_cell(cell: str, names: dict[str, Any]) -> None:
            code = compile(cell, "<snippet>", "exec", flags=AWAITING)
            result = eval(code, names)
            if asyncio.iscoroutine(result):
                await result

        def run_all(cells: list[str], **names: Any) -> None:
            # Not before the test itself: pytest puts its own output back in between.
            with redirect_stdout(Reader(tenant, port)):
                for cell in cells:
                    loop.run_until_complete(run_cell(cell, names))
                for started in asyncio.all_tasks(loop):
                    loop.run_until_complete(started)

        yield run_all
        loop.close()


@pytest.mark.parametrize("document", python_pages(), ids=lambda document: document.stem)
def test_the_code_on_each_page_runs_from_top_to_bottom(
    document: Path, run: Callable[..., None]
) -> None:
    run([one for one in blocks(document, "python") if not is_test(one)])


@pytest.mark.parametrize("name", docstring_examples())
def test_the_examples_in_docstrings_run(name: str, run: Callable[..., None]) -> None:
    session = LoginWidget(audience="https://notes.example.com/", scope="openid read:notes").wait(
        timeout=30
    )
    names = {"httpx": httpx, "LoginWidget": LoginWidget, "LocalTenant": LocalTenant}
    run([docstring_examples()[name]], session=session, NotesApi=NotesApi, **names)


def test_the_tests_that_people_are_to_write_pass(tmp_path: Path) -> None:
    tests = [one for page in PAGES for one in blocks(page, "python") if is_test(one)]
    assert len(tests) == 2
    (tmp_path / "test_of_a_user.py").write_text("\n".join(tests), encoding="utf-8")
    done = subprocess.run(
        # -p: a checkout on the path has no entry point. Where there is one, it is this.
        [sys.executable, "-m", "pytest", "-q", "-p", "auth0_widget.testing"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "5 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("command", commands())
def test_the_command_knows_what_is_asked_of_it(command: str) -> None:
    cli._parser().parse_args(shlex.split(command)[1:])


def test_there_is_something_of_everything() -> None:
    assert len(python_pages()) >= 7
    assert len(commands()) >= 4
    assert len(docstring_examples()) >= 2
