from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine

from auth0_widget.config import Settings
from auth0_widget.errors import (
    AuthorizationError,
    InvalidResponseError,
    LoginDeniedError,
    StateError,
)
from auth0_widget.oauth.authorization_request import (
    LIFETIME,
    MAX_PENDING,
    PendingRequests,
    code_from_response,
)
from auth0_widget.oauth.client import Tenant

ISSUER = "https://acme.eu.auth0.com/"
ORIGIN = "http://localhost:8888"


@pytest.fixture
def requests() -> PendingRequests:
    return PendingRequests(ORIGIN, response_mode="web_message")


def parameters(requests: PendingRequests, **settings: Any) -> dict[str, str]:
    base = {"origin": "https://acme.eu.auth0.com", "client_id": "our-client"}
    tenant = Tenant(Settings(**base | settings))
    try:
        url = urlsplit(requests.next.url(tenant))
    finally:
        tenant.close()
    assert f"{url.scheme}://{url.netloc}{url.path}" == "https://acme.eu.auth0.com/authorize"
    return dict(parse_qsl(url.query, strict_parsing=True))


def test_the_request_asks_for_a_code_with_proof_key(requests: PendingRequests) -> None:
    sent = parameters(requests)
    assert sent["response_type"] == "code"
    assert sent["response_mode"] == "web_message"
    assert sent["redirect_uri"] == ORIGIN
    assert sent["client_id"] == "our-client"
    assert sent["scope"].split() == ["openid", "profile", "email", "offline_access"]
    assert sent["code_challenge_method"] == "S256"
    digest = hashlib.sha256(requests.next.verifier.reveal().encode()).digest()
    assert sent["code_challenge"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert sent["state"] == requests.next.state.reveal()
    assert sent["nonce"] == requests.next.nonce.reveal()
    assert not {"audience", "organization"} & set(sent)


def test_audience_and_organization_are_asked_for_when_set(requests: PendingRequests) -> None:
    sent = parameters(requests, audience="https://api.example.com/?a=b&c", organization="org_1")
    assert sent["audience"] == "https://api.example.com/?a=b&c"
    assert sent["organization"] == "org_1"


def test_without_a_response_mode_the_tenant_chooses() -> None:
    assert "response_mode" not in parameters(PendingRequests(ORIGIN, response_mode=None))


def test_a_response_finds_its_request_and_redeems_it(requests: PendingRequests) -> None:
    first, second = requests.next, None
    requests.start(7)
    second = requests.next
    assert second is not first
    assert requests.latest is first
    taken = requests.take({"state": first.state.reveal(), "code": "c"})
    assert taken is first
    assert taken.attempt_number == 7
    assert requests.latest is None


def test_a_few_logins_may_be_open_at_once(requests: PendingRequests) -> None:
    started = []
    for attempt in range(MAX_PENDING + 1):
        started.append(requests.next)
        requests.start(attempt)
    with pytest.raises(StateError):
        requests.take({"state": started[0].state.reveal()})
    for request in started[1:]:
        assert requests.take({"state": request.state.reveal()}) is request


def test_a_login_may_take_ten_minutes(requests: PendingRequests) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        request = requests.next
        requests.start(1)
        clock.shift(LIFETIME)
        assert requests.take({"state": request.state.reveal()}) is request


def test_the_code_is_taken_out_of_the_response() -> None:
    assert code_from_response({"code": "c"}, ISSUER).reveal() == "c"
    assert code_from_response({"code": "c", "iss": ISSUER}, ISSUER).reveal() == "c"


@pytest.mark.parametrize(
    ("response", "error", "said"),
    [
        ({"error": "access_denied"}, LoginDeniedError, "consent was declined"),
        (
            {"error": "access_denied", "error_description": "User did not authorize."},
            LoginDeniedError,
            "The login was denied: User did not authorize.",
        ),
        ({"error": "login_required"}, AuthorizationError, "(login_required)"),
        ({"error": "x", "error_description": "y\nz"}, AuthorizationError, "(x: y z)"),
        ({"code": ""}, InvalidResponseError, "neither a code nor an error"),
        ({}, InvalidResponseError, "neither a code nor an error"),
    ],
)
def test_a_refusal_says_what_the_tenant_said(
    response: dict[str, str], error: type[Exception], said: str
) -> None:
    with pytest.raises(error) as refusal:
        code_from_response(response, ISSUER)
    assert said in str(refusal.value)
    assert ".." not in str(refusal.value)


def test_a_denial_that_was_cut_shows_that_it_was() -> None:
    with pytest.raises(LoginDeniedError) as denial:
        code_from_response({"error": "access_denied", "error_description": "no " * 200}, ISSUER)
    assert denial.value.message.endswith("...")


@pytest.mark.parametrize("error", ["access_denied", "unauthorized", "too_many_attempts"])
def test_a_login_that_is_denied_because_of_the_person_says_why(error: str) -> None:
    with pytest.raises(LoginDeniedError, match="was denied: user is blocked"):
        code_from_response({"error": error, "error_description": "user is blocked"}, ISSUER)


def test_an_audience_that_names_no_api_is_told_as_that() -> None:
    said = "Service not found: https://orders.production.example.com/api/v1"
    with pytest.raises(LoginDeniedError, match="AUTH0_AUDIENCE") as refusal:
        code_from_response({"error": "access_denied", "error_description": said}, ISSUER)
    assert "audience https://orders.production.example.com/api/v1," in refusal.value.message
    with pytest.raises(LoginDeniedError, match="the audience that was asked for, or"):
        code_from_response(
            {"error": "access_denied", "error_description": "Service not found."}, ISSUER
        )


@pytest.mark.parametrize("error", ["login_required", "consent_required", "interaction_required"])
def test_a_silent_login_that_needs_a_person_is_told_so(error: str) -> None:
    with pytest.raises(AuthorizationError, match="prompt=none"):
        code_from_response({"error": error}, ISSUER)


def test_a_response_of_another_issuer_is_told_as_that() -> None:
    with pytest.raises(StateError, match="another tenant"):
        code_from_response({"code": "c", "iss": "https://evil.example.com/"}, ISSUER)


def test_an_error_shows_what_it_is_about_whole() -> None:
    identifier = "Zx81" * 8
    said = {"error": "invalid_request", "error_description": f"Unknown client: {identifier}"}
    with pytest.raises(AuthorizationError, match=f"Unknown client: {identifier}"):
        code_from_response(said, ISSUER, [identifier])


def test_from_another_redirect_uri_on_the_requests_are_for_that_one(
    requests: PendingRequests,
) -> None:
    before = requests.next
    requests.set_redirect_uri(f"{ORIGIN}/auth0-widget/callback", "query")
    sent = parameters(requests)
    assert sent["redirect_uri"] == f"{ORIGIN}/auth0-widget/callback"
    assert sent["response_mode"] == "query"
    assert before.state.reveal() != sent["state"]
    requests.start(1)
    assert parameters(requests)["redirect_uri"] == f"{ORIGIN}/auth0-widget/callback"


def test_the_requests_that_wait_are_those_of_their_mode_for_ten_minutes(
    requests: PendingRequests,
) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        first = requests.start(1)
        requests.set_redirect_uri(ORIGIN, "query")
        assert requests.pending("query") == []
        second = requests.start(2)
        assert requests.pending("web_message") == [first]
        assert requests.pending("query") == [second]
        clock.shift(LIFETIME - 1)
        assert requests.pending("query") == [second]
        clock.shift(1)
        assert requests.pending("query") == []


def test_the_next_request_is_made_anew_for_other_settings(requests: PendingRequests) -> None:
    one = Tenant(Settings(origin="https://acme.eu.auth0.com", client_id="our-client"))
    other = Tenant(Settings(origin="https://acme.eu.auth0.com", client_id="another"))
    first = requests.next_for(one)
    assert first.tenant is one
    assert requests.next_for(one) is first
    second = requests.next_for(other)
    assert second is not first
    assert second.tenant is other
    assert requests.next is second
