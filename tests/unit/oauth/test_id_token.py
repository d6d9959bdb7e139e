"""What the verifier accepts, to the second; what it refuses: tests/security."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from auth0_widget.errors import (
    IdTokenAuthTimeError,
    IdTokenClaimError,
    IdTokenEncryptedError,
    IdTokenError,
    IdTokenExpiredError,
    IdTokenSubjectError,
    IdTokenTimeError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOW = 1_800_000_000


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def run_with(verify: Any, signer: Any, claims: Any, settings: Any) -> Callable[..., object]:
    """Verify a token with changed claims under changed settings."""

    def run(changed: dict[str, Any], **changed_settings: Any) -> object:
        other = dataclasses.replace(settings, **changed_settings)
        return verify(signer.sign(claims | changed), settings=other)

    return run


def test_the_claims_of_a_good_token_are_given(verify: Any, signer: Any, claims: Any) -> None:
    verified = verify(signer.sign(claims | {"name": "Ada", "n": [1, {"a": None}]}))
    assert dict(verified) == claims | {"name": "Ada", "n": [1, {"a": None}]}


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": ["our-client"]},
        {"aud": ["our-client", "another"], "azp": "our-client"},
        {"azp": "our-client"},
        {"azp": None},
        {"sub": "s" * 255},
        {"sub": "s"},
        {"exp": NOW + 0.5},
        {"exp": NOW - 59},
        {"iat": NOW + 60},
        {"iat": 0},
        {"nbf": NOW + 60},
        {"nbf": None},
        {"session_expiry": None},
        {"session_expiry": NOW + 1},
        {"auth_time": NOW + 60},
        {"org_id": "org_of_another_login"},
        {"jti": 7},
    ],
    ids=str,
)
def test_what_the_specification_allows_is_accepted(
    verify: Any, signer: Any, claims: Any, changed: dict[str, Any]
) -> None:
    assert verify(signer.sign(claims | changed))["iss"] == claims["iss"]


@pytest.mark.parametrize("header", [{"typ": None}, {"typ": "JWT", "x": 1}, {"kid": None}], ids=str)
def test_headers_that_do_not_matter_do_not_matter(
    verify: Any, signer: Any, claims: Any, header: dict[str, Any]
) -> None:
    assert verify(signer.sign(claims, **header))


@pytest.mark.parametrize(
    ("leeway", "changed", "error"),
    [
        (60, {"exp": NOW - 60}, IdTokenExpiredError),
        (60, {"exp": NOW - 59.5}, None),
        (0, {"exp": NOW}, IdTokenExpiredError),
        (0, {"exp": NOW + 1}, None),
        (600, {"exp": NOW - 599}, None),
        (60, {"iat": NOW + 61}, IdTokenTimeError),
        (0, {"iat": NOW + 1}, IdTokenTimeError),
        (0, {"iat": NOW}, None),
        (600, {"iat": NOW + 600}, None),
        (60, {"nbf": NOW + 61}, IdTokenTimeError),
        (60, {"auth_time": NOW + 61}, IdTokenTimeError),
    ],
)
def test_clocks_may_differ_by_the_leeway_and_no_more(
    run_with: Callable[..., object],
    leeway: int,
    changed: dict[str, Any],
    error: type[IdTokenError] | None,
) -> None:
    def run() -> object:
        return run_with(changed, leeway=leeway)

    if error is None:
        assert run()
    else:
        with pytest.raises(error):
            run()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"exp": NOW - 100}, "expired 100 seconds ago"),
        ({"exp": NOW - 119}, "119 seconds ago"),
        ({"exp": NOW - 120}, "2 minutes ago"),
        ({"exp": NOW - 2 * 3600}, "2 hours ago"),
        ({"exp": NOW - 2 * 86400}, "2 days ago"),
        ({"exp": NOW - 2 * 86400 + 1}, "48 hours ago"),
        ({"iat": NOW + 300}, "5 minutes in the future"),
        ({"iat": NOW + 300}, "more than the 60 seconds allowed"),
        ({"iat": NOW + 300}, "leeway"),
    ],
)
def test_the_error_says_by_how_much_the_clocks_differ(
    verify: Any, signer: Any, claims: Any, changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(IdTokenError) as refusal:
        verify(signer.sign(claims | changed))
    assert said in str(refusal.value)


def test_a_restored_or_refreshed_token_needs_no_nonce(
    verify: Any, signer: Any, claims: Any
) -> None:
    del claims["nonce"]
    assert verify(signer.sign(claims), nonce=None)


def test_the_person_may_be_known_already(verify: Any, signer: Any, claims: Any) -> None:
    assert verify(signer.sign(claims), subject="auth0|ada")


@pytest.mark.parametrize(
    ("organization", "changed"),
    [
        ("org_123", {"org_id": "org_123"}),
        ("Acme", {"org_name": "acme"}),
        ("acme", {"org_name": "acme", "org_id": "org_123"}),
    ],
)
def test_the_organization_that_was_asked_for_is_found_by_id_and_by_name(
    run_with: Callable[..., object], organization: str, changed: dict[str, str]
) -> None:
    assert run_with(changed, organization=organization)


@pytest.mark.parametrize(
    ("auth_time", "error"), [(NOW - 160, None), (NOW - 161, IdTokenAuthTimeError), (NOW, None)]
)
def test_the_login_is_no_older_than_max_age(
    verify: Callable[..., object],
    signer: Any,
    claims: Any,
    auth_time: int,
    error: type[IdTokenError] | None,
) -> None:
    token = signer.sign(claims | {"auth_time": auth_time})
    if error is None:
        assert verify(token, max_age=100)
    else:
        with pytest.raises(error):
            verify(token, max_age=100)
    assert verify(token), "without max_age its age does not matter"


def test_a_subject_with_half_a_surrogate_pair_is_nobody(run_with: Callable[..., object]) -> None:
    with pytest.raises(IdTokenSubjectError):
        run_with({"sub": "auth0|\ud83d"})


def test_half_a_surrogate_pair_elsewhere_is_replaced(verify: Any, signer: Any, claims: Any) -> None:
    assert verify(signer.sign(claims | {"name": "Zo\ud83d"}))["name"] == "Zo\ufffd"


@pytest.mark.parametrize("token", ["eyJh.key.iv.text.tag", "eyJh..iv.text.tag"])
def test_an_encrypted_id_token_is_called_by_its_name(verify: Any, token: str) -> None:
    with pytest.raises(IdTokenEncryptedError, match="encrypted"):
        verify(token)


@pytest.mark.parametrize("name", ["nbf", "auth_time", "session_expiry"])
def test_a_claim_that_is_no_time_is_the_tenant_s_mistake(
    run_with: Callable[..., object], name: str
) -> None:
    with pytest.raises(IdTokenClaimError, match=name) as refusal:
        run_with({name: "soon"})
    assert "client_id" not in refusal.value.next_step
