"""A terminal: plain IPython, in which nothing can show a button."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest
from reader import open_link

from auth0_widget.commands.demo import usable_port
from auth0_widget.oauth.loopback_address import redirect_uri

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from auth0_widget.local_tenant import LocalTenant

pexpect = pytest.importorskip("pexpect", reason="there are no such terminals on Windows")

COMMAND = ["-m", "IPython", "--simple-prompt", "--no-banner", "--colors=NoColor"]
PROMPT = r"In \[\d+\]: "


@pytest.fixture
def ipython(tenant: LocalTenant, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Start IPython in a terminal, with these variables, and import the package."""
    terminals: list[Any] = []

    def start(**variables: str) -> Any:
        environment = os.environ | tenant.environment | {"IPYTHONDIR": str(tmp_path), **variables}
        terminal = pexpect.spawn(
            sys.executable, COMMAND, env=environment, encoding="utf-8", timeout=120, echo=False
        )
        terminals.append(terminal)
        terminal.setwinsize(50, 2000)
        terminal.expect(PROMPT)
        terminal.sendline("from auth0_widget import LoginWidget; login = LoginWidget()")
        terminal.expect(PROMPT)
        return terminal

    yield start
    for terminal in terminals:
        terminal.close(force=True)


def ask(terminal: Any, expression: str) -> str:
    """What an expression is worth there."""
    terminal.sendline(f"print('<<' + str({expression}) + '>>')")
    terminal.expect(r"<<(.*?)>>")
    value: str = terminal.match[1]
    terminal.expect(PROMPT)
    return value


def test_wait_prints_a_code_and_goes_on_when_it_was_approved(
    ipython: Callable[..., Any], tenant: LocalTenant
) -> None:
    terminal = ipython()
    terminal.sendline("session = login.wait()")
    terminal.expect(rf"go to {re.escape(tenant.url)}/activate and enter the code ([\w-]+)")
    tenant.approve_device(terminal.match[1], "grace@example.com")
    terminal.expect(PROMPT)
    assert ask(terminal, "session.user.email") == "grace@example.com"
    assert ask(terminal, "login.why") == (
        "IPython in a terminal shows no Log in button, so that a code is printed."
    )


def test_await_does_so_too(ipython: Callable[..., Any], tenant: LocalTenant) -> None:
    terminal = ipython()
    terminal.sendline("session = await login")
    terminal.expect(r"enter the code ([\w-]+)")
    tenant.approve_device(terminal.match[1])
    terminal.expect(PROMPT)
    assert ask(terminal, "session.user.name") == "Ada Lovelace"


def test_loopback_by_name_prints_a_link(ipython: Callable[..., Any], tenant: LocalTenant) -> None:
    port = usable_port(0)
    tenant.application.callbacks.append(redirect_uri(port))
    terminal = ipython(AUTH0_WIDGET_FLOW="loopback", AUTH0_WIDGET_LOOPBACK_PORT=str(port))
    terminal.sendline("session = login.wait()")
    terminal.expect(rf"({re.escape(tenant.url)}/authorize\?\S+)\s")
    open_link(tenant, terminal.match[1], port)
    terminal.expect(PROMPT)
    assert ask(terminal, "session.user.name") == "Ada Lovelace"


def test_a_window_by_name_says_that_none_can_open(ipython: Callable[..., Any]) -> None:
    terminal = ipython(AUTH0_WIDGET_FLOW="popup")
    for wait in ("login.wait()", "await login"):
        terminal.sendline(wait)
        terminal.expect("NoPageError: IPython in a terminal shows no Log in button, so nobody can")
        terminal.expect("flow='device'")
        terminal.expect(PROMPT)
