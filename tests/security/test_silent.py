"""Attacks on silent logins: forged responses, and somebody else's session at the tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from silent_logins import log_in, start

from auth0_widget.errors import IdTokenNonceError, IdTokenSubjectError, StateError
from auth0_widget.local_tenant.person import Person

if TYPE_CHECKING:
    from kernel import Kernel

    from auth0_widget import Session
    from auth0_widget.local_tenant import LocalTenant


@pytest.fixture
def session(kernel: Kernel, ada: Person, tenant: LocalTenant) -> Session:
    session = log_in(kernel, ada)
    tenant.requests.clear()
    return session


def test_threat_19_somebody_else_at_the_tenant_replaces_nobody(
    kernel: Kernel, session: Session, tenant: LocalTenant
) -> None:
    logins: list[Any] = []
    kernel.login.session_events.on_login(logins.append)
    with Person(tenant.url, "grace@example.com", tenant.password) as grace:
        # In the same browser, in another application.
        url, errors = start(kernel)
        grace.authorize(url.replace("prompt=none", "prompt=login"))
        kernel.receive("authorization_response", response=grace.authorize(url))
    assert [type(error) for error in errors] == [IdTokenSubjectError]
    assert kernel.login.session is session
    assert session.user.email == "ada@example.com"
    assert session.access_token
    assert logins == []
    assert tenant.requests["/userinfo"] == 0
    assert tenant.requests["/oauth/revoke"] == 1, "what came with it is of no use to anybody"


@pytest.mark.parametrize("state", [None, "", "wrong", "\u00e9"], ids=repr)
def test_threat_8_a_response_with_another_state_costs_no_request_and_the_right_one_still_counts(
    kernel: Kernel, ada: Person, session: Session, tenant: LocalTenant, state: str | None
) -> None:
    url, errors = start(kernel)
    good = ada.authorize(url)
    tenant.requests.clear()
    forged = {**good, "state": state} if state is not None else {"code": good["code"]}
    kernel.receive("authorization_response", response=forged)
    assert tenant.requests["/oauth/token"] == 0
    assert kernel.login.session is session
    kernel.receive("authorization_response", response=good)
    assert tenant.requests["/oauth/token"] == 1
    assert errors == []


def test_threat_8_a_response_counts_once(
    kernel: Kernel, ada: Person, session: Session, tenant: LocalTenant
) -> None:
    url, errors = start(kernel)
    response = ada.authorize(url)
    for _ in range(3):
        kernel.receive("authorization_response", response=response)
    assert tenant.requests["/oauth/token"] == 1
    assert errors == []
    assert kernel.login.session is session


def test_threat_8_one_that_nobody_asked_for_is_refused(
    kernel: Kernel, session: Session, tenant: LocalTenant
) -> None:
    kernel.receive("authorization_response", response={"code": "c", "state": "s"})
    assert tenant.requests["/oauth/token"] == 0
    assert kernel.login.session is session


def test_threat_9_a_code_of_another_login_is_refused(
    kernel: Kernel, ada: Person, session: Session, tenant: LocalTenant
) -> None:
    url, errors = start(kernel)
    tenant.mutate_id_token = lambda claims: claims | {"nonce": "another"}
    kernel.receive("authorization_response", response=ada.authorize(url))
    assert [type(error) for error in errors] == [IdTokenNonceError]
    assert kernel.login.session is session
    assert session.access_token


def test_threat_17_a_response_of_another_issuer_is_refused(
    kernel: Kernel, ada: Person, session: Session, tenant: LocalTenant
) -> None:
    url, errors = start(kernel)
    response = {**ada.authorize(url), "iss": "https://evil.example/"}
    kernel.receive("authorization_response", response=response)
    assert [type(error) for error in errors] == [StateError]
    assert tenant.requests["/oauth/token"] == 0
    assert kernel.login.session is session


def test_threat_1_what_asks_the_page_holds_nothing_secret_but_the_url(
    kernel: Kernel, session: Session
) -> None:
    start(kernel)
    message = kernel.last("silent")
    assert set(message) == {"type", "to", "tenant", "url"}
    assert session.access_token not in str(message)
    assert "ada@example.com" not in str(message)
