"""A session without a person; how an application logs in: tests/unit/flows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from kernel import ABLE, ORIGIN, PAGE
from pageless_logins import application_login

from auth0_widget.errors import (
    NoUserError,
    SessionEndedError,
    SessionExpiredError,
)
from auth0_widget.local_tenant import LocalTenant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auth0_widget import LoginWidget


@pytest.fixture
def tenant() -> Iterator[LocalTenant]:
    with LocalTenant() as running:
        yield running


@pytest.fixture
def login(tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoginWidget]:
    with application_login(tenant, monkeypatch) as widget:
        yield widget


@pytest.mark.parametrize("name", ["user", "profile", "claims", "id_token"])
def test_what_only_a_person_has_is_refused_with_a_sentence(login: LoginWidget, name: str) -> None:
    session = login.wait(timeout=30)
    with pytest.raises(NoUserError, match="no user"):
        getattr(session, name)


def test_it_renews_by_asking_again(tenant: LocalTenant, login: LoginWidget) -> None:
    session = login.wait(timeout=30)
    before = session.access_token
    session.renew()
    assert session.access_token != before
    assert asyncio.run(login.ensure(hours=1000)) is session
    assert tenant.requests["/oauth/token"] == 3


def test_after_a_logout_it_is_over_and_a_renewal_that_returns_late_is_dropped(
    tenant: LocalTenant, login: LoginWidget
) -> None:
    session = login.wait(timeout=30)

    def log_out_meanwhile(response: dict[str, object]) -> dict[str, object]:
        login.logout()
        return response

    tenant.mutate_response = {"/oauth/token": log_out_meanwhile}
    with pytest.raises(SessionEndedError):
        session.renew()
    tenant.mutate_response = {}
    with pytest.raises(SessionEndedError):
        session.access_token  # noqa: B018 - reading it is the test
    assert login.session is None
    assert login.wait(timeout=30) is not session


def test_nothing_of_it_goes_to_a_browser(login: LoginWidget) -> None:
    sent: list[object] = []
    login.send = lambda content, buffers=None: sent.append((content, buffers))
    login._handle_custom_msg({"type": "hello", "page": PAGE, "origin": ORIGIN, **ABLE}, [])
    session = login.wait(timeout=30)
    assert sent == []
    with pytest.raises(NoUserError):
        session._managed.to_record()


def test_an_access_token_that_cannot_be_replaced_in_time_ends_like_any_other(
    tenant: LocalTenant, login: LoginWidget
) -> None:
    session = login.wait(timeout=30)
    session._managed.end(SessionExpiredError)
    assert login.session is None
    assert login.status == "expired"
    assert login.wait(timeout=30).active
    assert tenant.requests["/oauth/token"] == 2
