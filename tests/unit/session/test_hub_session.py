"""A session that asks a hub for the next access token."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from auth0_widget.base.redaction import PrivateMapping, Secret
from auth0_widget.config import Settings
from auth0_widget.errors import HubNotRenewedError, SessionEndedError
from auth0_widget.oauth.client import Tenant
from auth0_widget.oauth.jwks import JwksCache
from auth0_widget.session.hub_session import ManagedHubSession
from auth0_widget.session.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.local_tenant import LocalTenant

ADA = PrivateMapping({"sub": "auth0|ada"})


def tokens(access_token: str) -> Tokens:
    now = time.time()
    return Tokens(Secret("id"), ADA, Secret(access_token), now + 3600, "openid", now)


@pytest.fixture
def session_of(tenant: LocalTenant) -> Callable[[Callable[[Tokens], Tokens]], ManagedHubSession]:
    settings = Settings.resolve(domain=tenant.url, client_id=tenant.client_id, flow="hub")
    asked = Tenant(settings)

    def make(ask: Callable[[Tokens], Tokens]) -> ManagedHubSession:
        return ManagedHubSession(
            asked, JwksCache(asked), tokens=tokens("first"), profile=ADA, ask=ask
        )

    return make


def test_it_asks_with_its_present_tokens_and_takes_what_comes(
    session_of: Callable[[Callable[[Tokens], Tokens]], ManagedHubSession],
) -> None:
    asked: list[Tokens] = []

    def ask(before: Tokens) -> Tokens:
        asked.append(before)
        return tokens("second")

    session = session_of(ask)
    assert repr(session.public).endswith(", renews itself>")
    session.renew()
    assert [before.access_token.reveal() for before in asked] == ["first"]
    assert session.public.access_token == "second"


def test_a_hub_without_new_tokens_is_no_end_of_the_session(
    session_of: Callable[[Callable[[Tokens], Tokens]], ManagedHubSession],
) -> None:
    def ask(_before: Tokens) -> Tokens:
        raise HubNotRenewedError

    session = session_of(ask)
    with pytest.raises(HubNotRenewedError):
        session.renew()
    assert session.active
    assert session.renewable


def test_a_logout_during_a_renewal_wins(
    session_of: Callable[[Callable[[Tokens], Tokens]], ManagedHubSession],
) -> None:
    def ask(_before: Tokens) -> Tokens:
        session.end()
        return tokens("second")

    session = session_of(ask)
    with pytest.raises(SessionEndedError):
        session.renew()
    assert not session.renewable
    assert session._tokens.access_token == Secret("")


def test_browsers_remember_nothing_of_it(
    session_of: Callable[[Callable[[Tokens], Tokens]], ManagedHubSession],
) -> None:
    assert not session_of(lambda before: before).stored_in_browsers
