"""Which refresh token renews a session; refusals and races: test_managed_session.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from auth0_widget.base.redaction import Secret
from auth0_widget.errors import IdTokenSubjectError, TokenRequestError
from auth0_widget.session.refresh_tokens import RefreshTokens, exchange

if TYPE_CHECKING:
    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant

OLD, NEW, OLDER = Secret("old"), Secret("new"), Secret("older")


def test_the_newer_login_s_token_takes_the_place_and_the_older_is_revoked_later() -> None:
    tokens = RefreshTokens(OLD, superseded=[OLDER], refusal=TokenRequestError())
    assert tokens.take_over(RefreshTokens(NEW))
    assert (tokens.current, tokens.superseded, tokens.refusal) == (NEW, [OLDER, OLD], None)


def test_a_login_without_a_refresh_token_leaves_the_one_that_is_here() -> None:
    refusal = TokenRequestError()
    tokens = RefreshTokens(OLD, refusal=refusal)
    assert not tokens.take_over(RefreshTokens(None, superseded=[OLDER]))
    assert (tokens.current, tokens.superseded, tokens.refusal) == (OLD, [OLDER], refusal)


def test_what_is_forgotten_is_returned_once() -> None:
    tokens = RefreshTokens(NEW, superseded=[OLD])
    assert tokens.forget() == [OLD, NEW]
    assert tokens.forget() == []
    assert RefreshTokens(None).forget() == []


@pytest.mark.parametrize("rotates", [True, False])
def test_the_tenant_s_next_refresh_token_is_used_where_it_sends_one(
    kernel: Kernel, tenant: LocalTenant, *, rotates: bool
) -> None:
    session = kernel.log_in()._managed
    current = session._refresh_tokens.current
    assert current is not None
    if not rotates:
        tenant.mutate_response = {
            "/oauth/token": lambda response: response | {"refresh_token": None},
        }
    refreshed = exchange(kernel.login.tenant, kernel.login.jwks, current, session.tokens)
    assert (refreshed.refresh_token != current) == rotates
    assert refreshed.tokens is not None
    assert refreshed.tokens.access_token != session.tokens.access_token
    assert refreshed.error is None


def test_a_response_without_an_id_token_keeps_the_one_that_is_here(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    session = kernel.log_in()._managed
    tenant.mutate_response = {"/oauth/token": lambda response: response | {"id_token": None}}
    current = session._refresh_tokens.current
    assert current is not None
    refreshed = exchange(kernel.login.tenant, kernel.login.jwks, current, session.tokens)
    assert refreshed.tokens is not None
    assert refreshed.tokens.id_token == session.tokens.id_token


def test_an_id_token_of_somebody_else_is_refused(kernel: Kernel, tenant: LocalTenant) -> None:
    session = kernel.log_in()._managed
    tenant.mutate_id_token = lambda claims: claims | {"sub": "auth0|grace"}
    current = session._refresh_tokens.current
    assert current is not None
    with pytest.raises(IdTokenSubjectError):
        exchange(kernel.login.tenant, kernel.login.jwks, current, session.tokens)


def test_a_clock_that_is_wrong_loses_no_refresh_token(kernel: Kernel, tenant: LocalTenant) -> None:
    session = kernel.log_in()._managed
    tenant.mutate_id_token = lambda claims: claims | {"exp": claims["iat"] - 3600}
    current = session._refresh_tokens.current
    assert current is not None
    refreshed = exchange(kernel.login.tenant, kernel.login.jwks, current, session.tokens)
    assert refreshed.refresh_token != current
    assert refreshed.tokens is None
    assert refreshed.error is not None
    assert refreshed.error.code == "id_token_expired"
