"""Requests to the tenant and its responses; hostile responses: tests/security."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
import respx

from auth0_widget.base.redaction import Secret
from auth0_widget.config import Settings
from auth0_widget.errors import (
    InvalidResponseError,
    InvalidSettingError,
    KeySetError,
    LoginDeniedError,
    MfaRequiredError,
    TenantDownError,
    TenantError,
    TenantTimeoutError,
    TokenRequestError,
)
from auth0_widget.oauth.client import Tenant
from auth0_widget.oauth.responses import MAX_RESPONSE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ORIGIN = "https://acme.eu.auth0.com"
TOKENS = {
    "access_token": "at",
    "token_type": "Bearer",
    "expires_in": 86400,
    "id_token": "a.b.c",
    "refresh_token": "rt",
    "scope": "openid",
}


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    tenant = Tenant(Settings(origin=ORIGIN, client_id="our-client"))
    yield tenant
    tenant.close()


@pytest.fixture
def router() -> Iterator[respx.Router]:
    with respx.mock(base_url=ORIGIN) as router:
        yield router


def exchange(tenant: Tenant) -> Any:
    return tenant.authorization_code_grant(
        code=Secret("the-code"), verifier=Secret("v" * 43), redirect_uri="http://localhost:8888"
    )


def form(route: respx.Route) -> dict[str, str]:
    return dict(parse_qsl(route.calls.last.request.content.decode()))


def test_a_code_becomes_tokens(tenant: Tenant, router: respx.Router) -> None:
    route = router.post("/oauth/token").respond(json=TOKENS)
    response = exchange(tenant)
    assert response.access_token == Secret("at")
    assert response.id_token == Secret("a.b.c")
    assert response.refresh_token == Secret("rt")
    assert (response.expires_in, response.scope) == (86400, "openid")
    assert form(route) == {
        "grant_type": "authorization_code",
        "client_id": "our-client",
        "code": "the-code",
        "code_verifier": "v" * 43,
        "redirect_uri": "http://localhost:8888",
    }


def test_a_refresh_token_becomes_tokens(tenant: Tenant, router: respx.Router) -> None:
    sparse = {"access_token": "at", "token_type": "bearer", "expires_in": 1}
    route = router.post("/oauth/token").respond(json=sparse)
    response = tenant.refresh_token_grant(Secret("rt"))
    assert (response.id_token, response.refresh_token, response.scope) == (None, None, None)
    assert form(route) == {
        "grant_type": "refresh_token",
        "client_id": "our-client",
        "refresh_token": "rt",
    }


def test_an_access_token_becomes_a_profile(tenant: Tenant, router: respx.Router) -> None:
    route = router.get("/userinfo").respond(json={"sub": "auth0|ada"})
    assert tenant.userinfo(Secret("at")) == {"sub": "auth0|ada"}
    assert route.calls.last.request.headers["Authorization"] == "Bearer at"


def test_a_refresh_token_is_revoked(tenant: Tenant, router: respx.Router) -> None:
    route = router.post("/oauth/revoke").respond(200)
    tenant.revoke(Secret("rt"))
    assert form(route) == {"client_id": "our-client", "token": "rt"}


def test_responses_are_requested_uncompressed(tenant: Tenant, router: respx.Router) -> None:
    route = router.get("/.well-known/jwks.json").respond(json={"keys": []})
    tenant.signing_keys()
    headers = route.calls.last.request.headers
    assert (headers["Accept"], headers["Accept-Encoding"]) == ("application/json", "identity")


@pytest.mark.parametrize(
    ("path", "call", "error"),
    [
        ("/oauth/token", exchange, TokenRequestError),
        (
            "/oauth/token",
            lambda tenant: tenant.refresh_token_grant(Secret("rt")),
            TokenRequestError,
        ),
        ("/userinfo", lambda tenant: tenant.userinfo(Secret("at")), InvalidResponseError),
        ("/oauth/revoke", lambda tenant: tenant.revoke(Secret("rt")), TokenRequestError),
    ],
)
def test_a_refusal_carries_the_tenant_s_words_made_safe(
    tenant: Tenant,
    router: respx.Router,
    path: str,
    call: Callable[[Tenant], object],
    error: type[TokenRequestError],
) -> None:
    said = {"error": "invalid_grant", "error_description": "for ada@example.com " + "x" * 99}
    router.route(path=path).respond(403, json=said)
    with pytest.raises(error) as refusal:
        call(tenant)
    assert refusal.value.error == "invalid_grant"
    assert refusal.value.error_description == "for ...@... ..."


@pytest.mark.parametrize(
    ("path", "call"),
    [
        ("/oauth/token", exchange),
        ("/oauth/device/code", lambda tenant: tenant.device_authorization()),
        ("/userinfo", lambda tenant: tenant.userinfo(Secret("at"))),
        ("/oauth/revoke", lambda tenant: tenant.revoke(Secret("rt"))),
    ],
)
@pytest.mark.parametrize("setting", ["client_id", "audience", "organization", "domain"])
def test_a_refusal_names_the_settings_that_it_is_about(
    router: respx.Router, path: str, call: Callable[[Tenant], object], setting: str
) -> None:
    settings = Settings(
        origin=ORIGIN,
        client_id="Zx81" * 8,
        audience="api://0f3e2d1c-4b5a-6978-8796-a5b4c3d2e1f0",
        organization="the-organization-of-all-our-people",
    )
    domain = ORIGIN.removeprefix("https://")
    named = domain if setting == "domain" else getattr(settings, setting)
    tenant = Tenant(settings)
    router.route(path=path).respond(
        400, json={"error": "invalid_request", "error_description": f"Unknown {setting}: {named}"}
    )
    with pytest.raises(TenantError) as refusal:
        call(tenant)
    tenant.close()
    assert f"Unknown {setting}: {named}" in str(refusal.value)


def test_a_refused_renewal_for_another_api_names_it(tenant: Tenant, router: respx.Router) -> None:
    other = "api://0f3e2d1c-4b5a-6978-8796-a5b4c3d2e1f0"
    said = {"error": "invalid_request", "error_description": f"Service not found: {other}"}
    router.post("/oauth/token").respond(400, json=said)
    with pytest.raises(TokenRequestError, match=other):
        tenant.refresh_token_grant(Secret("rt"), audience=other)


def test_a_denial_by_an_action_is_no_fault_of_the_application(
    tenant: Tenant, router: respx.Router
) -> None:
    said = {"error": "access_denied", "error_description": "Your licence has lapsed"}
    router.post("/oauth/token").respond(500, json=said)
    with pytest.raises(LoginDeniedError, match="was denied: Your licence has lapsed") as denial:
        exchange(tenant)
    assert "Native" not in denial.value.next_step
    assert denial.value.__context__ is None


@pytest.mark.parametrize(
    ("path", "call"),
    [
        ("/oauth/token", exchange),
        ("/oauth/token", lambda tenant: tenant.refresh_token_grant(Secret("rt"))),
        ("/oauth/token", lambda tenant: tenant.device_code_grant(Secret("dc"))),
        ("/oauth/token", lambda tenant: tenant.client_credentials_grant(Secret("cs"))),
        ("/oauth/device/code", lambda tenant: tenant.device_authorization()),
        ("/oauth/revoke", lambda tenant: tenant.revoke(Secret("rt"))),
        ("/userinfo", lambda tenant: tenant.userinfo(Secret("at"))),
    ],
)
@pytest.mark.parametrize(
    ("status", "content"),
    [
        (401, {"error": "Unauthorized", "message": "Log in at the gateway."}),
        (403, {"error": "Forbidden"}),
        (403, {"error": "blocked", "error_description": "By the firewall"}),
    ],
)
def test_the_json_of_a_gateway_is_no_refusal_of_the_tenant(  # noqa: PLR0917
    tenant: Tenant,
    router: respx.Router,
    path: str,
    call: Callable[[Tenant], object],
    status: int,
    content: dict[str, str],
) -> None:
    router.route(path=path).respond(status, json=content)
    with pytest.raises(InvalidResponseError) as failure:
        call(tenant)
    assert failure.value.passing
    assert "whether a proxy" in failure.value.next_step
    assert content.get("error_description", "") in failure.value.message
    assert failure.value.__context__ is None


@pytest.mark.parametrize("status", [400, 403])
def test_an_unknown_refusal_of_a_renewal_is_shown_and_proves_nothing(
    tenant: Tenant, router: respx.Router, status: int
) -> None:
    said = {"error": "too_tired", "error_description": "Sleep first"}
    router.post("/oauth/token").respond(status, json=said)
    with pytest.raises(InvalidResponseError, match=r"\(too_tired: Sleep first\)"):
        tenant.refresh_token_grant(Secret("rt"))


@pytest.mark.parametrize(
    ("path", "call", "next_step"),
    [
        ("/oauth/token", exchange, "authentication method is None"),
        ("/oauth/device/code", lambda tenant: tenant.device_authorization(), "Device Code"),
    ],
)
def test_an_application_that_must_authenticate_itself_is_told_as_that(
    tenant: Tenant,
    router: respx.Router,
    path: str,
    call: Callable[[Tenant], object],
    next_step: str,
) -> None:
    said = {"error": "access_denied", "error_description": "Unauthorized"}
    router.post(path).respond(401, json=said)
    with pytest.raises(TokenRequestError) as refusal:
        call(tenant)
    assert next_step in refusal.value.next_step


def test_a_code_for_an_api_that_the_tenant_does_not_know(
    tenant: Tenant, router: respx.Router
) -> None:
    said = {"error": "access_denied", "error_description": "Service not found: https://no.where"}
    router.post("/oauth/device/code").respond(403, json=said)
    with pytest.raises(
        LoginDeniedError, match=r"no API with the audience https://no\.where"
    ) as denial:
        tenant.device_authorization()
    assert "Check the audience" in denial.value.next_step
    assert denial.value.__context__ is None


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (httpx.ConnectError("secret"), TenantDownError),
        (httpx.ReadError("secret"), TenantDownError),
        (httpx.UnsupportedProtocol("secret"), TenantDownError),
        (httpx.ConnectTimeout("secret"), TenantTimeoutError),
        (httpx.ReadTimeout("secret"), TenantTimeoutError),
        (httpx.RemoteProtocolError("secret"), InvalidResponseError),
        (httpx.Response(500), TenantDownError),
        (httpx.Response(503, content=b'{"error": "server_error"}'), TenantDownError),
    ],
    ids=repr,
)
def test_a_tenant_that_cannot_be_asked_is_told_as_that(
    tenant: Tenant, router: respx.Router, failure: Any, error: type[Exception]
) -> None:
    router.post("/oauth/token").mock(side_effect=[failure])
    with pytest.raises(error) as refusal:
        exchange(tenant)
    assert "secret" not in str(refusal.value)
    assert refusal.value.__context__ is None


@pytest.mark.parametrize("host", ["xn--0.example.com", "xn--a.example.com"])
def test_a_host_that_is_no_name_in_any_language_cannot_be_reached(host: str) -> None:
    tenant = Tenant(Settings.resolve(domain=host, client_id="our-client"))
    with pytest.raises(TenantDownError):
        exchange(tenant)
    tenant.close()


@pytest.mark.parametrize(
    ("status", "body"), [(404, b"{}"), (200, b"[]"), (200, b"x"), (302, b"{}"), (200, b"x" * 99999)]
)
def test_what_is_no_key_set_is_told_as_that(
    tenant: Tenant, router: respx.Router, status: int, body: bytes
) -> None:
    router.get("/.well-known/jwks.json").respond(status, content=body)
    with pytest.raises(KeySetError):
        tenant.signing_keys()


def test_a_response_is_read_up_to_its_limit(tenant: Tenant, router: respx.Router) -> None:
    fitting = '{"sub": "' + "x" * (MAX_RESPONSE - 11) + '"}'
    router.get("/userinfo").mock(
        side_effect=[
            httpx.Response(200, content=fitting.encode()),
            httpx.Response(200, content=fitting.encode() + b" "),
        ]
    )
    assert len(tenant.userinfo(Secret("at"))["sub"]) == MAX_RESPONSE - 11
    with pytest.raises(InvalidResponseError, match="sent more than 64 KiB") as failure:
        tenant.userinfo(Secret("at"))
    assert "have it add fewer" in failure.value.next_step


def query(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, strict_parsing=True))


def test_an_authorization_url_has_the_settings_and_no_parameter_replaces_the_api() -> None:
    settings = Settings(
        origin=ORIGIN,
        client_id="our-client",
        audience="https://api.example.com",
        organization="org_1",
        max_age=60,
        acr_values="urn:acr",
    )
    tenant = Tenant(settings)
    url = tenant.authorization_url({"state": "s", "audience": "https://evil.example.com"})
    assert url.startswith(f"{ORIGIN}/authorize?")
    assert query(url) == {
        "client_id": "our-client",
        "scope": settings.scope,
        "state": "s",
        "audience": "https://api.example.com",
        "organization": "org_1",
        "max_age": "60",
        "acr_values": "urn:acr",
    }
    tenant.close()


def test_an_authorization_url_has_nothing_that_is_not_set(tenant: Tenant) -> None:
    assert set(query(tenant.authorization_url({}))) == {"client_id", "scope"}


def test_the_logout_url_leads_back_to_the_page(tenant: Tenant) -> None:
    url = tenant.logout_url("http://localhost:8888")
    assert url.startswith(f"{ORIGIN}/v2/logout?")
    assert query(url) == {"client_id": "our-client", "returnTo": "http://localhost:8888"}


@pytest.mark.parametrize(
    "address", ["//evil.example", "javascript:alert(1)", "https://hub.example.com/tree", ""]
)
def test_a_logout_leads_back_to_no_address_but_an_origin(tenant: Tenant, address: str) -> None:
    with pytest.raises(InvalidSettingError, match="not the origin of a page") as refusal:
        tenant.logout_url(address)
    assert "https://hub.example.com" in refusal.value.next_step


def test_the_tenant_with_other_settings_has_the_same_connections(tenant: Tenant) -> None:
    settings = Settings(origin=ORIGIN, client_id="our-client", audience="https://api.example.com")
    other = tenant.with_settings(settings)
    assert other.settings is settings
    assert other._transport is tenant._transport


def test_after_the_import_the_first_request_need_not_make_its_connections(tenant: Tenant) -> None:
    assert tenant._made_transport is None
    tenant.import_libraries()
    assert tenant._made_transport is not None


def test_a_proxy_that_cannot_be_used_is_told_before_the_first_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "nonsense://proxy.example")
    with pytest.raises(InvalidSettingError, match="proxy"):
        Tenant(Settings(origin=ORIGIN, client_id="our-client"))


def test_a_renewal_that_needs_a_second_factor_is_told_as_that(
    tenant: Tenant, router: respx.Router
) -> None:
    said = {"error": "mfa_required", "error_description": "Multifactor authentication required"}
    router.post("/oauth/token").respond(403, json=said)
    with pytest.raises(MfaRequiredError) as refusal:
        tenant.refresh_token_grant(Secret("rt"))
    assert refusal.value.error == "mfa_required"
    assert refusal.value.error_description == "Multifactor authentication required"


def test_at_a_first_login_no_session_is_needed_to_give_a_second_factor(
    tenant: Tenant, router: respx.Router
) -> None:
    router.post("/oauth/token").respond(403, json={"error": "mfa_required"})
    with pytest.raises(MfaRequiredError) as refusal:
        tenant.device_code_grant(Secret("dc"))
    assert "login.request" not in refusal.value.next_step
    assert "flow='popup'" in refusal.value.next_step


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, "too_many_attempts"), (401, "password_leaked"), (401, "requires_verification")],
)
def test_a_login_that_is_denied_because_of_the_account_says_why(
    tenant: Tenant, router: respx.Router, status: int, code: str
) -> None:
    said = {"error": code, "error_description": "Your account has been blocked."}
    router.post("/oauth/token").respond(status, json=said)
    with pytest.raises(LoginDeniedError, match="was denied: Your account has been blocked"):
        exchange(tenant)
    with pytest.raises(InvalidResponseError):  # it proves nothing about the refresh token
        tenant.refresh_token_grant(Secret("rt"))


def test_a_login_of_somebody_who_is_blocked_is_no_fault_of_the_application(
    tenant: Tenant, router: respx.Router
) -> None:
    said = {"error": "unauthorized", "error_description": "user is blocked"}
    router.post("/oauth/token").respond(403, json=said)
    with pytest.raises(LoginDeniedError, match="was denied: user is blocked"):
        exchange(tenant)
    with pytest.raises(TokenRequestError, match="user is blocked") as refusal:
        tenant.refresh_token_grant(Secret("rt"))
    assert "Native" not in refusal.value.next_step


def test_an_application_that_is_refused_is_told_what_to_check(
    tenant: Tenant, router: respx.Router
) -> None:
    router.post("/oauth/token").respond(401, json={"error": "invalid_client"})
    with pytest.raises(TokenRequestError) as refusal:
        tenant.client_credentials_grant(Secret("the-secret"))
    assert "AUTH0_CLIENT_SECRET" in refusal.value.next_step


def test_a_closed_tenant_has_no_idle_connections(tenant: Tenant, router: respx.Router) -> None:
    router.get("/userinfo").respond(json={"sub": "auth0|ada"})
    tenant.userinfo(Secret("at"))
    assert tenant._transport._idle_clients
    tenant.close()
    assert not tenant._transport._idle_clients


def test_what_waits_for_one_library_does_not_wait_for_the_next(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks: list[str] = []

    @contextmanager
    def recorded() -> Iterator[None]:
        blocks.append("begins")
        yield
        blocks.append("ends")

    monkeypatch.setattr("auth0_widget.oauth.client.forks_deferred", recorded)
    tenant.import_libraries()
    assert blocks == ["begins", "ends", "begins", "ends"]
