from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from auth0_widget.base.redaction import PrivateMapping, Secret
from auth0_widget.oauth.token_response import TokenResponse
from auth0_widget.session.renewal import renewal_time
from auth0_widget.session.tokens import Tokens, tokens_from_response

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = 1_800_000_000
ID_TOKEN = Secret("a.b.c")
RESPONSE = TokenResponse(Secret("at"), 3600, "openid", Secret("ignored"), Secret("rt"))


@pytest.fixture(autouse=True)
def _stopped() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def tokens(claims: dict[str, Any], response: TokenResponse = RESPONSE, **options: Any) -> Tokens:
    return tokens_from_response(
        response, ID_TOKEN, PrivateMapping(claims), **{"scope": "openid email"} | options
    )


def test_an_access_token_ends_when_the_tenant_says() -> None:
    got = tokens({"sub": "ada"})
    assert (got.access_token, got.expires_at, got.saved_at) == (Secret("at"), NOW + 3600, NOW)
    assert (got.id_token, got.claims["sub"]) == (ID_TOKEN, "ada")
    assert got.session_ends_at == math.inf


@pytest.mark.parametrize(
    ("granted", "expected"), [("openid", "openid"), (None, "openid email"), ("", "openid email")]
)
def test_the_scope_is_the_one_that_was_asked_for_where_the_tenant_names_none(
    granted: str | None, expected: str
) -> None:
    assert tokens({}, dataclasses.replace(RESPONSE, scope=granted)).scope == expected


def test_an_access_token_is_not_used_beyond_the_session_s_end() -> None:
    got = tokens({"session_expiry": NOW + 60})
    assert (got.expires_at, got.session_ends_at) == (NOW + 60, NOW + 60)
    assert tokens({"session_expiry": NOW + 7200}).expires_at == NOW + 3600


def test_a_renewal_that_does_not_name_the_session_s_end_keeps_it() -> None:
    assert tokens({}, session_ends_at=NOW + 60).session_ends_at == NOW + 60
    assert tokens({"session_expiry": NOW + 90}, session_ends_at=NOW + 60).expires_at == NOW + 90
    assert tokens({"session_expiry": None}, session_ends_at=NOW + 60).expires_at == NOW + 60


def test_kernels_that_started_together_do_not_renew_together() -> None:
    times = [renewal_time(NOW, NOW + 3600) for _ in range(100)]
    assert len(set(times)) == 100
    assert NOW + 3600 - 180 <= min(times) < max(times) <= NOW + 3600 - 90


def test_tokens_do_not_show_themselves() -> None:
    got = tokens({"sub": "ada"})
    assert not [text for text in ("a.b.c", "'at'", "ada") if text in repr(got)]
