"""Access tokens that another program has requested."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from auth0_widget.base.redaction import Secret
from auth0_widget.oauth.access_token import is_for_audience

if TYPE_CHECKING:
    from auth0_widget.config import Settings

API = "https://api.example.com"


@pytest.mark.parametrize(
    ("changed", "good"),
    [
        ({}, True),
        ({"aud": API}, True),
        ({"aud": "https://acme.eu.auth0.com/userinfo"}, False),
        ({"aud": None}, False),
        ({"sub": "auth0|grace"}, False),
        ({"iss": "https://evil.example.com/"}, False),
    ],
)
def test_it_names_issuer_person_and_api(
    settings: Settings, publisher: Any, signer: Any, changed: dict[str, Any], *, good: bool
) -> None:
    claims = {
        "iss": settings.issuer,
        "sub": "auth0|ada",
        "aud": [API, f"{settings.origin}/userinfo"],
        "exp": int(time.time()) + 3600,
    }
    token = Secret(signer.sign({**claims, **changed}, typ="at+jwt"))
    asked = replace(settings, audience=API)
    assert is_for_audience(token, asked, publisher.cache(), "auth0|ada") is good


@pytest.mark.parametrize("token", ["opaque", "a.b.c", "", "x" * 100_000])
def test_one_that_is_no_signed_jwt_tells_nothing(
    settings: Settings, publisher: Any, token: str
) -> None:
    asked = replace(settings, audience=API)
    assert not is_for_audience(Secret(token), asked, publisher.cache(), "auth0|ada")


def test_one_that_another_has_signed_tells_nothing(
    settings: Settings, publisher: Any, other_signer: Any
) -> None:
    claims = {"iss": settings.issuer, "sub": "auth0|ada", "aud": API}
    token = Secret(other_signer.sign(claims, kid="key-1"))
    asked = replace(settings, audience=API)
    assert not is_for_audience(token, asked, publisher.cache(), "auth0|ada")
