"""What was granted, compared with what was requested."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from auth0_widget.base.redaction import Secret
from auth0_widget.errors import AudienceNotGrantedError, ScopeNotGrantedError
from auth0_widget.oauth.granted import (
    check_audience,
    check_scopes,
    joined_scopes,
    missing_scopes,
)

if TYPE_CHECKING:
    from collections.abc import Callable

API = "https://api.example.com"


@pytest.mark.parametrize(
    ("granted", "asked", "missing"),
    [
        ("a b", "b a", ""),
        ("a", "c a b c", "c b"),
        ("", "a", "a"),
        ("a", "", ""),
        ("read:notes2", "read:notes", "read:notes"),
    ],
)
def test_what_is_missing_is_named_in_the_order_asked(
    granted: str, asked: str, missing: str
) -> None:
    assert missing_scopes(granted, asked) == missing


def test_joined_scopes_are_there_once_each_in_their_order() -> None:
    assert joined_scopes("b a", "", "a c") == "b a c"


def test_missing_scopes_are_refused_by_name() -> None:
    check_scopes("a b", "a")
    with pytest.raises(ScopeNotGrantedError, match="did not grant: c") as refusal:
        check_scopes("a b", "c a")
    assert refusal.value.missing == "c"


@pytest.mark.parametrize("audience", [API, [API], ["https://t/userinfo", API]])
@pytest.mark.parametrize("more", ["", "a", "ab", "abc", "abcd", "\ud83d"])
def test_a_token_for_the_api_passes(signer: Any, audience: object, more: str) -> None:
    # Payloads of each length, because a JWT has no padding; and half a surrogate pair.
    check_audience(Secret(signer.sign({"aud": audience, "more": more})), API)


@pytest.mark.parametrize(
    "make",
    [
        lambda signer: signer.sign({"aud": f"{API}/"}),
        lambda signer: signer.sign({"aud": [f"{API}.evil.example"]}),
        lambda signer: signer.sign({"aud": {API: 1}}),
        lambda signer: signer.sign({"sub": API}),
        lambda signer: signer.sign(json.dumps([API])),
        lambda signer: signer.sign(b"\xff"),
        lambda _: "opaque",
        lambda _: "a.b.c",
        lambda _: "a.\u00e9.c",
        lambda signer: signer.sign({"aud": API}) + ".d.e",
        lambda signer: signer.sign({"aud": API, "x": "y" * 300_000}),
    ],
)
def test_any_other_token_is_refused(signer: Any, make: Callable[[Any], str]) -> None:
    with pytest.raises(AudienceNotGrantedError, match=API):
        check_audience(Secret(make(signer)), API)
