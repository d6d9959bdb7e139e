"""The loopback flow against the local tenant; what its listener refuses: tests/security."""

from __future__ import annotations

import asyncio
import re
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from reader import Reader, open_link

from auth0_widget import LoginWidget
from auth0_widget.base.redaction import Secret
from auth0_widget.commands.demo import usable_port
from auth0_widget.config import DEFAULT_LOOPBACK_PORT, Settings
from auth0_widget.errors import (
    InvalidSettingError,
    LoginCancelledError,
    LoginDeniedError,
    LoginTooLongError,
    LoopbackPortError,
)
from auth0_widget.flows.loopback import log_in_by_loopback
from auth0_widget.flows.loopback_listener import LoopbackListener
from auth0_widget.local_tenant import LocalTenant
from auth0_widget.login.login import Login
from auth0_widget.oauth.loopback_address import redirect_uri

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def port() -> int:
    return usable_port(0)


@pytest.fixture
def tenant(port: int) -> Iterator[LocalTenant]:
    with LocalTenant() as running:
        running.application.callbacks.append(redirect_uri(port))
        yield running


@pytest.fixture
def login(tenant: LocalTenant, port: int) -> Iterator[Login]:
    settings = Settings.resolve(
        domain=tenant.url, client_id=tenant.client_id, flow="loopback", loopback_port=port
    )
    login = Login(settings)
    yield login
    login.tenant.close()


@pytest.fixture
def in_a_browser(tenant: LocalTenant, port: int) -> Callable[..., Callable[[str], None]]:
    """Opens the link beside the kernel, which waits for its response."""

    def person(**options: bool) -> Callable[[str], None]:
        arguments = {"port": port} | options
        return lambda url: threading.Thread(
            target=open_link, args=(tenant, url), kwargs=arguments
        ).start()

    return person


def test_whoever_opens_the_link_is_logged_in(
    login: Login, in_a_browser: Callable[..., Any], tenant: LocalTenant
) -> None:
    waits = threading.Event()
    session = log_in_by_loopback(login, waits.wait, in_a_browser())
    assert session.user.email == "ada@example.com"
    assert session.renewable
    assert tenant.requests["/oauth/token"] == 1


def test_whoever_declines_is_told_so(login: Login, in_a_browser: Callable[..., Any]) -> None:
    with pytest.raises(LoginDeniedError):
        log_in_by_loopback(login, threading.Event().wait, in_a_browser(accept=False))


def test_a_wait_that_ends_closes_the_listener(login: Login, port: int) -> None:
    with pytest.raises(LoginCancelledError):
        log_in_by_loopback(login, lambda _: True, lambda _: None)
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))


def test_ten_minutes_without_a_response(login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auth0_widget.flows.loopback_listener.LIFETIME", 0)
    with pytest.raises(LoginTooLongError):
        log_in_by_loopback(login, threading.Event().wait, lambda _: None)


def test_a_port_that_is_taken_is_told_before_any_link_is_shown(login: Login, port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(LoopbackPortError, match="AUTH0_WIDGET_LOOPBACK_PORT"):
            log_in_by_loopback(login, threading.Event().wait, pytest.fail)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_machine_that_gives_no_socket_is_no_other_program(port: int) -> None:
    import resource  # noqa: PLC0415 - not on Windows

    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
    try:
        with pytest.raises(LoopbackPortError) as refusal:
            LoopbackListener(port, Secret("state"), lambda _: None)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert "cannot listen" in refusal.value.message
    assert "Too many open files" in refusal.value.message


def test_the_same_port_is_good_for_the_next_login(
    login: Login, in_a_browser: Callable[..., Any]
) -> None:
    for _ in range(2):
        log_in_by_loopback(login, threading.Event().wait, in_a_browser())


def test_a_cell_that_waits_prints_the_link(
    tenant: LocalTenant, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = Reader(tenant, port)
    monkeypatch.setattr("sys.stdout", printed)
    login = LoginWidget(
        domain=tenant.url, client_id=tenant.client_id, flow="loopback", loopback_port=port
    )

    async def cell() -> str | None:
        return (await login).user.email

    assert asyncio.run(cell()) == "ada@example.com"
    assert re.fullmatch(
        rf"To log in, open this link in a browser on this machine:\n{tenant.url}/authorize\?\S+\n",
        printed.getvalue(),
    )
    login.logout()
    login.close()


def test_the_port_comes_from_the_environment_and_the_argument_wins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def resolve(**given: int) -> int:
        return Settings.resolve(domain="acme.auth0.com", client_id="c", **given).loopback_port  # type: ignore[arg-type]

    assert resolve() == DEFAULT_LOOPBACK_PORT == 18484
    monkeypatch.setenv("AUTH0_WIDGET_LOOPBACK_PORT", "20000")
    assert resolve() == 20000
    assert resolve(loopback_port=20001) == 20001


@pytest.mark.parametrize("port", [0, -1, 80, 65_536, True, 18484.0, "²", "http", "184 84", None])
def test_a_port_out_of_range_is_refused(monkeypatch: pytest.MonkeyPatch, port: object) -> None:
    if isinstance(port, str):
        monkeypatch.setenv("AUTH0_WIDGET_LOOPBACK_PORT", port)
        port = None
    elif port is None:
        monkeypatch.setenv("AUTH0_WIDGET_LOOPBACK_PORT", "99999")
    with pytest.raises(InvalidSettingError, match="1024 to 65535"):
        Settings.resolve(domain="acme.auth0.com", client_id="c", loopback_port=port)  # type: ignore[arg-type]


@pytest.mark.parametrize("flow", ["loopback", "auto"])
def test_conditions_that_what_is_printed_does_not_carry_are_told_to_the_cell(
    tenant: LocalTenant, flow: Any
) -> None:
    login = LoginWidget(
        domain=tenant.url, client_id=tenant.client_id, flow=flow, prompt="login", acr_values="x"
    )
    with pytest.raises(InvalidSettingError, match="acr_values, prompt"):
        login.wait(timeout=30)
    assert tenant.requests.total == 0
    login.close()
