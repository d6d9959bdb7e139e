"""The loopback flow in the card: Log in is a link, and the response comes to the kernel's host."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest
from kernel import PAGE, Kernel
from reader import open_link

from auth0_widget.commands.demo import usable_port
from auth0_widget.config import Settings
from auth0_widget.oauth.loopback_address import redirect_uri

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auth0_widget.local_tenant import LocalTenant


@pytest.fixture
def port(tenant: LocalTenant) -> int:
    port = usable_port(0)
    tenant.application.callbacks.append(redirect_uri(port))
    return port


@pytest.fixture
def kernel(tenant: LocalTenant, port: int) -> Iterator[Kernel]:
    """A kernel whose work in the background is done there: a browser responds meanwhile."""
    settings = Settings.resolve(
        domain=tenant.url, client_id=tenant.client_id, flow="auto", loopback_port=port
    )
    kernel = Kernel(tenant, settings, "local")
    kernel.receive("hello", origin=None, window=False)
    yield kernel
    kernel.login.logout()
    kernel.close()


def click(kernel: Kernel) -> str:
    """The person follows the link. Gives what it opens."""
    url: str = kernel.last("ready")["link_url"]
    kernel.receive("login_started", way="link")
    return url


def attempt_of(kernel: Kernel) -> Any:
    """The attempt that the page's link has started."""
    return kernel.bridge._pages[PAGE].link._attempt


def wait_for(kernel: Kernel, *statuses: str) -> Any:
    """The state that the page is told in the end."""
    settled = threading.Event()

    def look() -> None:
        if kernel.login.status in statuses:
            settled.set()

    stop = kernel.login.listen(look)
    look()
    assert settled.wait(60), kernel.login.status
    stop()
    return kernel.last("state")


def test_whoever_follows_the_link_is_in_the_card(
    kernel: Kernel, tenant: LocalTenant, port: int
) -> None:
    open_link(tenant, click(kernel), port)
    state = wait_for(kernel, "authenticated")
    assert state["card"]["name"] == "Ada Lovelace"
    assert kernel.last("store")["record"]
    assert tenant.requests["/oauth/token"] == 1


def test_the_next_link_is_another_one(kernel: Kernel) -> None:
    first = click(kernel)
    assert kernel.last("ready")["link_url"] != first
    kernel.receive("cancel_login")


def test_a_second_click_takes_the_port_over(kernel: Kernel, tenant: LocalTenant, port: int) -> None:
    click(kernel)
    first = attempt_of(kernel)
    url = click(kernel)
    assert first.done.wait(60)
    open_link(tenant, url, port)
    assert wait_for(kernel, "authenticated")["card"]["name"] == "Ada Lovelace"


def test_whoever_declines_reads_it_in_the_card(
    kernel: Kernel, tenant: LocalTenant, port: int
) -> None:
    open_link(tenant, click(kernel), port, accept=False)
    assert wait_for(kernel, "error")["problem"]["code"] == "login_denied"


@pytest.mark.parametrize("end", ["cancel", "logout"])
def test_the_listener_is_gone_with_the_login(kernel: Kernel, port: int, end: str) -> None:
    click(kernel)
    attempt = attempt_of(kernel)
    if end == "cancel":
        kernel.receive("cancel_login")
    else:
        kernel.receive("log_out")
    assert attempt.done.wait(60)
    assert usable_port(port) == port


def test_a_port_that_is_taken_is_told_in_the_card(
    kernel: Kernel,
    port: int,
    taken: socket.socket,  # noqa: ARG001
) -> None:
    click(kernel)
    state = wait_for(kernel, "error")
    assert state["problem"]["code"] == "loopback_port_taken"
    assert str(port) in state["problem"]["message"]


@pytest.fixture
def taken(port: int) -> Iterator[socket.socket]:
    """Another program has the port."""
    with socket.create_server(("127.0.0.1", port)) as other:
        yield other
