"""The named failures: what the client gets, and what the tenant has done."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any, get_args

import httpx
import pytest

from auth0_widget.local_tenant import LocalTenant
from auth0_widget.local_tenant.failure_kinds import PROCESSED_FIRST, Kind
from auth0_widget.local_tenant.failures import ENDPOINTS

from .notebook import ORIGIN, Notebook, error_of, http_client

if TYPE_CHECKING:
    from collections.abc import Callable

    from .notebook import Clock

SCOPE = "openid profile offline_access"

ASKED = {name: path for name, path in ENDPOINTS.items() if name != "authorize"}


def ask(client: httpx.Client, name: str, **data: str) -> httpx.Response:
    if name in {"token", "device_code", "revoke"}:
        return client.post(ENDPOINTS[name], data=data)
    return client.get(ENDPOINTS[name])


class Asked:
    """A request in its own thread, for endpoints that keep it waiting."""

    def __init__(self, request: Callable[[], httpx.Response]) -> None:
        self.outcome: Any = None
        self._request = request
        self._thread = threading.Thread(target=self._ask)
        self._thread.start()

    def _ask(self) -> None:
        try:
            self.outcome = self._request()
        except httpx.HTTPError as error:
            self.outcome = error

    @property
    def waits(self) -> bool:
        return self._thread.is_alive()

    def end(self) -> Any:
        self._thread.join(60)
        assert not self.waits
        return self.outcome


@pytest.mark.parametrize("endpoint", ASKED)
@pytest.mark.parametrize(
    ("kind", "status", "content_type"),
    [
        ("server_error", 500, "text/plain"),
        ("bad_gateway", 502, "text/plain"),
        ("unavailable", 503, "text/plain"),
        ("rate_limited", 429, "application/json"),
        ("redirect", 302, "text/plain"),
        ("captive_portal", 200, "text/html"),
        ("proxy_page", 403, "text/html"),
        ("http_error", 503, "application/json"),
        ("proxy_json", 403, "application/json"),
    ],
)
def test_every_endpoint_can_be_answered_for(  # noqa: PLR0917 - pytest names them
    tenant: LocalTenant,
    visitor: httpx.Client,
    endpoint: str,
    kind: Kind,
    status: int,
    content_type: str,
) -> None:
    failure = tenant.fail(endpoint, kind)
    response = ask(visitor, endpoint)
    assert response.status_code == status
    assert response.headers["Content-Type"].startswith(content_type)
    assert failure.requests == 1
    assert ask(visitor, endpoint).text != response.text, "once is the default"


@pytest.mark.parametrize("endpoint", ASKED)
@pytest.mark.parametrize("kind", ["cut", "answer_lost"])
def test_every_connection_can_be_cut_before_any_byte(
    tenant: LocalTenant, visitor: httpx.Client, endpoint: str, kind: Kind
) -> None:
    tenant.fail(endpoint, kind)
    with pytest.raises(httpx.RemoteProtocolError, match="Server disconnected"):
        ask(visitor, endpoint)
    assert ask(visitor, endpoint).status_code


def test_a_connection_is_cut_after_the_request_however_long(
    tenant: LocalTenant, visitor: httpx.Client
) -> None:
    tenant.fail("token", "cut")
    with pytest.raises(httpx.RemoteProtocolError, match="Server disconnected"):
        visitor.post(ENDPOINTS["token"], content=b"x" * 20_000_000)


def test_an_empty_answer_is_cut_in_mid_body_too(tenant: LocalTenant, notebook: Notebook) -> None:
    token = notebook.log_in(scope=SCOPE)["refresh_token"]
    tenant.fail("revoke", "cut_body")
    body = {"client_id": tenant.client_id, "token": token}
    with pytest.raises(httpx.RemoteProtocolError, match="received 1 bytes, expected 2"):
        notebook.http.post("/oauth/revoke", data=body)
    assert error_of(notebook.refresh(token))[1] == "invalid_grant", "it was revoked"


@pytest.mark.parametrize("endpoint", ASKED)
def test_every_answer_can_be_cut_in_mid_body(
    tenant: LocalTenant, visitor: httpx.Client, endpoint: str
) -> None:
    tenant.fail(endpoint, "cut_body")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        ask(visitor, endpoint)
    assert ask(visitor, endpoint).status_code


@pytest.mark.parametrize("endpoint", ASKED)
def test_every_answer_can_be_a_whole_answer_with_half_a_json_text(
    tenant: LocalTenant, visitor: httpx.Client, endpoint: str
) -> None:
    tenant.fail(endpoint, "cut_json")
    with pytest.raises(json.JSONDecodeError):
        ask(visitor, endpoint).json()


@pytest.mark.parametrize("endpoint", ASKED)
def test_every_client_can_be_kept_waiting(
    tenant: LocalTenant, visitor: httpx.Client, endpoint: str
) -> None:
    usual = ask(visitor, endpoint).status_code
    failure = tenant.fail(endpoint, "no_answer")
    asked = Asked(lambda: ask(visitor, endpoint))
    failure.wait_for_request()
    assert asked.waits
    failure.release()
    assert asked.end().status_code == usual


def test_json_may_name_nothing_but_the_status(tenant: LocalTenant, visitor: httpx.Client) -> None:
    tenant.fail("jwks", "http_error", status=429)
    content = ask(visitor, "jwks").json()
    assert (content["statusCode"], content["error"]) == (429, "Too Many Requests")
    tenant.fail("jwks", "proxy_json", status=407)
    response = ask(visitor, "jwks")
    assert response.status_code == 407
    assert set(response.json()) == {"message"}


def test_a_rate_limit_has_auth0s_headers(tenant: LocalTenant, notebook: Notebook) -> None:
    tenant.fail("token", "rate_limited", retry_after=17)
    response = notebook.redeem("any")
    assert error_of(response)[:2] == (429, "too_many_requests")
    assert response.headers["Retry-After"] == "17"
    assert response.headers["x-ratelimit-limit"] == "300"
    assert response.headers["x-ratelimit-remaining"] == "0"
    assert response.headers["x-ratelimit-reset"] == str(1_750_000_017)


def test_a_redirect_leads_where_the_test_says(tenant: LocalTenant, visitor: httpx.Client) -> None:
    tenant.fail("jwks", "redirect", location="https://portal.example/")
    assert ask(visitor, "jwks").headers["Location"] == "https://portal.example/"


def test_a_failure_counts_its_times_and_can_last_until_it_is_cleared(
    tenant: LocalTenant, visitor: httpx.Client
) -> None:
    tenant.fail("jwks", "unavailable", times=2)
    assert [ask(visitor, "jwks").status_code for _ in range(3)] == [503, 503, 200]
    lasting = tenant.fail("jwks", "unavailable", times=None)
    assert {ask(visitor, "jwks").status_code for _ in range(5)} == {503}
    lasting.clear()
    assert ask(visitor, "jwks").status_code == 200
    assert lasting.requests == 5
    tenant.fail("jwks", "unavailable", times=None)
    tenant.fail_next("/userinfo", 418, headers={"X-Own": "1"})
    tenant.clear_failures()
    assert ask(visitor, "jwks").status_code == 200
    assert ask(visitor, "userinfo").status_code == 401


@pytest.mark.parametrize("as_json", [True, False])
def test_a_failure_can_be_for_one_grant(
    tenant: LocalTenant, visitor: httpx.Client, *, as_json: bool
) -> None:
    tenant.fail("token", "unavailable", grant="refresh_token")
    tenant.fail("token", "bad_gateway", grant="device_code")

    def status(grant_type: str) -> int:
        body = {"client_id": tenant.client_id, "grant_type": grant_type}
        if as_json:
            return visitor.post("/oauth/token", json=body).status_code
        return visitor.post("/oauth/token", data=body).status_code

    assert status("authorization_code") == 400
    assert status("urn:ietf:params:oauth:grant-type:device_code") == 502
    assert status("refresh_token") == 503


@pytest.mark.parametrize("kind", ["answer_lost", "cut_body", "cut_json"])
def test_a_lost_answer_has_rotated_the_refresh_token(
    tenant: LocalTenant, notebook: Notebook, kind: Kind
) -> None:
    token = notebook.log_in(scope=SCOPE)["refresh_token"]
    tenant.fail("token", kind, grant="refresh_token")
    try:
        notebook.refresh(token)
    except httpx.RemoteProtocolError:
        assert kind != "cut_json"
    assert error_of(notebook.refresh(token))[1] == "invalid_grant"


@pytest.mark.parametrize("kind", ["cut", "unavailable", "captive_portal", "action_denied"])
def test_where_nothing_is_done_the_refresh_token_stays_good(
    tenant: LocalTenant, notebook: Notebook, kind: Kind
) -> None:
    token = notebook.log_in(scope=SCOPE)["refresh_token"]
    tenant.fail("token", kind, grant="refresh_token")
    if kind == "cut":
        with pytest.raises(httpx.RemoteProtocolError):
            notebook.refresh(token)
    else:
        notebook.refresh(token)
    assert notebook.refresh(token).status_code == 200


def test_a_slow_answer_drips_as_the_test_lets_it(
    tenant: LocalTenant, visitor: httpx.Client
) -> None:
    failure = tenant.fail("configuration", "slow")
    with visitor.stream("GET", ENDPOINTS["configuration"]) as response:
        assert response.status_code == 200
        chunks = response.iter_raw()
        failure.wait_for_request()
        failure.drip()
        read = next(chunks)
        assert read == b"{"
        failure.drip(7)
        while len(read) < 8:
            read += next(chunks)
        assert len(read) == 8
        failure.release()
        read += b"".join(chunks)
    assert json.loads(read)["issuer"] == tenant.issuer


@pytest.mark.parametrize("kind", ["no_answer", "slow"])
@pytest.mark.parametrize("end", ["stop", "clear", "clear_failures"])
def test_who_waits_is_cut_off_in_the_end(
    tenant: LocalTenant, visitor: httpx.Client, kind: Kind, end: str
) -> None:
    failure = tenant.fail("jwks", kind)
    asked = Asked(lambda: ask(visitor, "jwks"))
    failure.wait_for_request()
    (failure.clear if end == "clear" else getattr(tenant, end))()
    assert isinstance(asked.end(), httpx.RemoteProtocolError | httpx.ReadError)


def test_what_is_ordered_outlives_a_stop(tenant: LocalTenant) -> None:
    failure = tenant.fail("jwks", "no_answer")
    tenant.stop()
    with tenant, http_client(tenant) as client:
        asked = Asked(lambda: ask(client, "jwks"))
        failure.wait_for_request()
        assert asked.waits
        failure.release()
        assert asked.end().status_code == 200


def test_a_wait_for_a_request_that_does_not_come_ends(tenant: LocalTenant) -> None:
    with pytest.raises(TimeoutError, match="/userinfo"):
        tenant.fail("userinfo", "no_answer").wait_for_request(timeout=0)


@pytest.mark.parametrize(
    ("kind", "refusal"),
    [
        ("action_denied", (500, "access_denied")),
        ("mfa_required", (403, "mfa_required")),
        ("user_blocked", (403, "invalid_grant")),
        ("oauth_error", (403, "access_denied")),
    ],
)
@pytest.mark.parametrize("grant", ["authorization_code", "refresh_token", "device_code"])
def test_the_token_endpoint_can_refuse_in_oauths_words(
    tenant: LocalTenant, visitor: httpx.Client, kind: Kind, refusal: tuple[int, str], grant: str
) -> None:
    tenant.fail("token", kind, grant=grant)
    long_name = "urn:ietf:params:oauth:grant-type:device_code"
    data = {"grant_type": long_name if grant == "device_code" else grant}
    response = ask(visitor, "token", **data)
    assert error_of(response)[:2] == refusal
    assert response.headers["Cache-Control"] == "no-store"
    assert ("mfa_token" in response.json()) == (kind == "mfa_required")


def test_a_refusal_can_have_any_status_error_and_description(
    tenant: LocalTenant, notebook: Notebook
) -> None:
    tenant.fail(
        "token", "action_denied", status=418, error="no_tea", description="Your licence has lapsed"
    )
    assert error_of(notebook.redeem("any")) == (418, "no_tea", "Your licence has lapsed")


@pytest.mark.parametrize("mode", ["query", "web_message"])
@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("login_required", "login_required"),
        ("consent_required", "consent_required"),
        ("access_denied", "access_denied"),
        ("user_blocked", "unauthorized"),
        ("action_denied", "access_denied"),
    ],
)
def test_a_refusal_at_authorize_is_told_to_the_application(
    tenant: LocalTenant, notebook: Notebook, kind: Kind, error: str, mode: str
) -> None:
    tenant.fail("authorize", kind, description="Because.")
    response = tenant.sign_in(notebook.authorize_url(response_mode=mode))
    assert response == {"error": error, "error_description": "Because.", "state": "the-state"}
    assert "code" in tenant.sign_in(notebook.authorize_url(response_mode=mode))


def test_a_refusal_at_authorize_goes_to_no_stranger(
    tenant: LocalTenant, notebook: Notebook
) -> None:
    tenant.fail("authorize", "login_required")
    with pytest.raises(RuntimeError, match="Callback URL mismatch"):
        tenant.sign_in(notebook.authorize_url(redirect_uri="https://evil.example"))


def test_preflights_never_fail(tenant: LocalTenant, visitor: httpx.Client) -> None:
    tenant.fail("token", "cut", times=None)
    assert visitor.options("/oauth/token", headers={"Origin": ORIGIN}).status_code == 204


def test_an_unknown_endpoint_or_kind_is_told(tenant: LocalTenant) -> None:
    with pytest.raises(ValueError, match="'tokens'; there are authorize, token"):
        tenant.fail("tokens", "cut")
    with pytest.raises(ValueError, match="'explode'; there are server_error"):
        tenant.fail("token", "explode")  # type: ignore[arg-type] # on purpose


def test_every_kind_is_described() -> None:
    told = LocalTenant.fail.__doc__ or ""
    assert [kind for kind in get_args(Kind) if f"``{kind}``" not in told] == ["answer"]
    assert set(get_args(Kind)) > PROCESSED_FIRST


def test_a_failures_time_is_the_tenants(
    tenant: LocalTenant, clock: Clock, notebook: Notebook
) -> None:
    clock.now += 5
    tenant.fail("token", "rate_limited")
    assert notebook.redeem("any").headers["x-ratelimit-reset"] == str(1_750_000_035)
