"""When a flow without a page begins, and when it stops; shown by the device flow."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from kernel import ABLE, ORIGIN
from pageless_logins import approving_tenant, device_login

from auth0_widget import LoginWidget
from auth0_widget.base import background
from auth0_widget.config import Settings
from auth0_widget.errors import (
    Auth0WidgetError,
    LoginTimeoutError,
)
from auth0_widget.flows import flow_of, use_flow_without_page
from auth0_widget.login.login import Login
from auth0_widget.pages.bridge import Bridge
from auth0_widget.pages.display import Display

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auth0_widget.local_tenant import LocalTenant
    from auth0_widget.oauth.device_codes import DeviceCodes


@pytest.fixture
def tenant() -> Iterator[LocalTenant]:
    with approving_tenant() as running:
        yield running


@pytest.fixture
def login(tenant: LocalTenant) -> Iterator[LoginWidget]:
    with device_login(tenant) as widget:
        yield widget


def test_nothing_is_asked_before_a_cell_waits_nor_when_somebody_is_logged_in(
    tenant: LocalTenant, login: LoginWidget
) -> None:
    assert tenant.requests.total == 0
    login.wait(timeout=30)
    login.wait(timeout=30)
    assert tenant.requests["/oauth/device/code"] == 1


def test_widgets_that_share_a_login_share_its_flow(tenant: LocalTenant, login: LoginWidget) -> None:
    other = LoginWidget(domain=tenant.url, client_id=tenant.client_id, flow="device")
    assert other._login is login._login
    assert other.wait(timeout=30) is login.session
    assert tenant.requests["/oauth/device/code"] == 1
    other.close()


def test_two_cells_that_wait_at_once_without_a_page_get_one_flow(
    tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = Login(Settings.resolve(domain=tenant.url, client_id=tenant.client_id))
    listen, flows = login.listen, 0

    def use_flow() -> bool:
        return use_flow_without_page(login, "There is no page", print, [])

    def listen_while_another_cell_waits(listener: Callable[[], object]) -> Callable[[], object]:
        nonlocal flows
        flows += 1
        if flows == 1:
            other.start()
            other.join(0.2)  # it ends in that time if nothing keeps it from making another flow
        return listen(listener)

    other = threading.Thread(target=use_flow)
    monkeypatch.setattr(login, "listen", listen_while_another_cell_waits)
    assert use_flow()
    other.join(30)
    assert flows == 1
    assert login.why == "There is no page, so that a code is printed."
    login.tenant.close()


def test_a_page_is_the_initiator_where_a_cell_of_its_waits(
    tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings.resolve(domain=tenant.url, client_id=tenant.client_id, flow="device")
    login = Login(settings, lambda made: flow_of(made, print))
    sent: list[Any] = []
    bridge = Bridge(Display(login=login, send=sent.append))
    pages = {"mine": "page-mine-mine-mine", "another": "page-another-another"}
    told = threading.Event()
    with login.waiters.wait(lambda _: told.set(), connection="mine"):
        bridge.receive({"type": "hello", "page": pages["mine"], "origin": ORIGIN, **ABLE}, "mine")
        assert told.wait(30)
    monkeypatch.setattr(background, "_start", lambda work, **_: work())
    bridge.receive({"type": "hello", "page": pages["another"], "origin": ORIGIN, **ABLE}, "another")
    for page in pages.values():
        bridge.receive({"type": "stored_record", "page": page, "record": None})
    stored = {message["to"] for message in sent if message["type"] == "store"}
    cards = {message["to"]: message["card"] for message in sent if message["type"] == "state"}
    assert stored == {pages["mine"]}
    assert cards[pages["mine"]]["email"] == "ada@example.com"
    assert cards[pages["another"]] is None
    login.starting_cells.add("another")
    assert stored == {message["to"] for message in sent if message["type"] == "store"}
    login.logout()
    bridge.close()


def test_a_wait_that_ends_stops_the_poller_and_a_new_one_begins_anew(
    tenant: LocalTenant, login: LoginWidget
) -> None:
    tenant.auto_approve = None
    with pytest.raises(LoginTimeoutError):
        login.wait(timeout=0.2)
    tenant.auto_approve = "ada@example.com"
    assert login.wait(timeout=30).user.email == "ada@example.com"
    assert tenant.requests["/oauth/device/code"] == 2


def test_stop_before_the_poller_has_begun_and_a_new_one_begins_all_the_same(
    login: LoginWidget,
) -> None:
    def stop_once() -> None:
        if login._login.status == "logging_in":
            stop_listening()
            raise KeyboardInterrupt

    stop_listening = login._login.listen(stop_once)
    with pytest.raises(KeyboardInterrupt):
        login.wait(timeout=30)
    assert not login._login.has_waiters
    assert login.wait(timeout=30).user.email == "ada@example.com"


def test_a_mistake_of_ours_ends_the_wait_too(
    login: LoginWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mistaken() -> DeviceCodes:
        raise ZeroDivisionError

    monkeypatch.setattr(login._login.tenant, "device_authorization", mistaken)
    with pytest.raises(Auth0WidgetError):
        login.wait(timeout=30)
