"""Each module has a test module of the same name, or is listed here with the one that tests it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE, UNIT = ROOT / "auth0_widget", ROOT / "tests/unit"
SOURCES, SPECS = ROOT / "js/src", ROOT / "js/tests"

# The local tenant is tested by what it is asked, not by how it is built: tests/local_tenant.
APART = "local_tenant/"

ELSEWHERE = {
    "__init__.py": "tests/unit/test_public_names.py",
    "commands/doctor.py": "tests/security/test_doctor.py",
    # Values, which do nothing themselves.
    "config/choices.py": "tests/unit/config/test_settings.py",
    "doctor/machine.py": "tests/security/test_doctor.py",
    "doctor/report.py": "tests/unit/doctor/test_tenant.py",
    "flows/__init__.py": "tests/unit/flows/test_on_demand.py",
    # The attempts of both flows in the card.
    "flows/card_attempt.py": "tests/unit/flows/test_device_in_card.py",
    "flows/conditions.py": "tests/unit/flows/test_device_in_card.py",
    "flows/loopback_listener.py": "tests/security/test_loopback.py",
    # The keeper and its client, each through the other.
    "keeper/client.py": "tests/unit/keeper/test_keeper.py",
    "keeper/kept_login.py": "tests/unit/keeper/test_keeper.py",
    "keeper/listener.py": "tests/unit/keeper/test_channel.py",
    "keeper/messages.py": "tests/unit/keeper/test_keeper.py",
    # Seen through the login that has it.
    "login/current_session.py": "tests/unit/login/test_login.py",
    # Protocols, which do nothing themselves.
    "login/initiator.py": "tests/unit/flows/test_popup.py",
    "login/login_flow.py": "tests/unit/login/test_login.py",
    # Tested through what a vault or a process does with it.
    "remembered/entry.py": "tests/unit/remembered/test_remembered_login.py",
    "remembered/keyring_key.py": "tests/unit/remembered/test_vault.py",
    # Seen through the waits that use them.
    "notebook/asking.py": "tests/unit/notebook/test_reauthentication.py",
    "notebook/blocking.py": "tests/unit/notebook/test_waiting.py",
    "notebook/printing.py": "tests/notebooks/test_unattended.py",
    "oauth/__init__.py": "tests/unit/oauth/test_shadowed_package.py",
    # The one room has the types of the messages, the other makes them.
    "pages/parsing.py": "tests/unit/pages/test_messages.py",
    "server/__init__.py": "tests/unit/server/test_callback_page.py",
    "server/top_bar.py": "tests/security/test_top_bar.py",
    "session/allowed_hosts.py": "tests/security/test_bearer.py",
    "session/requests_redirects.py": "tests/security/test_bearer.py",
    "session/token_source.py": "tests/unit/workers/test_processes.py",
    "workers/kernel_socket.py": "tests/unit/workers/test_processes.py",
}
"""Module → the test module that is about it all the same, and imports or names it."""

# Each of these imports or names the module that it tests, too.
# The loader is what fetches the code of the card; a widget's window is one of the page's windows;
# the module of a widget is what connects a page; messages are tested as they are parsed. What
# JupyterLab loads is the one way into the extension.
TESTED_BY = {
    "code": "loader",
    "windows": "own_window",
    "connection": "index",
    "parsing": "messages",
    "ways": "card",
    "lab/extension": "lab/remote_entry",
    "lab/jupyterlab": "lab/remote_entry",
}


def modules() -> list[str]:
    paths = (path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))
    names = (path.as_posix() for path in paths if path.name != "__init__.py" or has_code(path))
    return sorted(name for name in names if not name.startswith(APART))


def has_code(path: Path) -> bool:
    """Whether a module has functions or classes."""
    tree = ast.parse((PACKAGE / path).read_text(encoding="utf-8"))
    return any(isinstance(node, (ast.FunctionDef, ast.ClassDef)) for node in ast.walk(tree))


def typescript_modules() -> list[str]:
    paths = (path.relative_to(SOURCES) for path in SOURCES.rglob("*.ts"))
    return sorted(path.with_suffix("").as_posix() for path in paths)


def twin(module: str) -> Path:
    path = UNIT / module
    return path.with_name(f"test_{path.name}")


def names(test: Path, module: str) -> bool:
    """Whether a test imports a module, as a whole or in part, or writes its name."""
    parts = ["auth0_widget", *Path(module).with_suffix("").parts]
    if parts[-1] == "__init__":
        parts.pop()
    room, own = parts[-2:] if len(parts) > 1 else ("", parts[0])
    name = rf"\b{room}\.{own}\b(?!\.\w)|\b{room} import .*\b{own}\b"
    if not room:
        name = rf"\bimport {own}$|\bfrom {own} import\b"
    text = test.read_text(encoding="utf-8")
    return re.search(name, text, re.MULTILINE) is not None


@pytest.mark.parametrize("module", modules())
def test_a_module_has_a_twin(module: str) -> None:
    if module in ELSEWHERE:
        assert not twin(module).exists(), "it has a twin now: take it out of the table"
        assert names(ROOT / ELSEWHERE[module], module), "the test is about something else"
    else:
        assert twin(module).exists()


def test_the_tables_name_no_module_that_is_gone() -> None:
    assert set(ELSEWHERE) <= set(modules())
    assert set(TESTED_BY) <= set(typescript_modules())


@pytest.mark.parametrize("source", typescript_modules())
def test_a_typescript_module_has_a_twin(source: str) -> None:
    if source in TESTED_BY:
        assert not spec(source).exists(), "it has a twin now: take it out of the table"
        text = spec(TESTED_BY[source]).read_text(encoding="utf-8")
        assert re.search(rf"src/{source}\b", text), "the test is about something else"
    else:
        assert spec(source).exists()


def spec(source: str) -> Path:
    return SPECS / f"{source}.test.ts"
