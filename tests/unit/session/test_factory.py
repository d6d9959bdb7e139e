"""How a session begins; what is refused: tests/security."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import time_machine

from auth0_widget.base.redaction import Secret
from auth0_widget.errors import LoginDeniedError, UserinfoError
from auth0_widget.oauth.authorization_request import AuthorizationRequest
from auth0_widget.session import factory

if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, b"Unauthorized"),  # as Auth0 does where the API of the audience signs with HS256
        (403, b'{"error": "insufficient_scope"}'),
        (200, b'{"sub": "auth0|ada", "groups": "' + b"x" * 70_000 + b'"}'),
        (200, b'{"sub": "auth0|ada", "sub": "auth0|grace"}'),
        (200, b'{"status": "ok"}'),  # of a proxy
    ],
)
def test_a_profile_that_cannot_be_had_keeps_nobody_out(
    kernel: Kernel, tenant: LocalTenant, caplog: pytest.LogCaptureFixture, status: int, body: bytes
) -> None:
    tenant.fail_next("/userinfo", status, body=body)
    session = kernel.log_in()
    assert session.user.name == "Ada Lovelace"
    assert session.profile["email"] == "ada@example.com"
    assert "nonce" not in session.profile
    assert "the profile is that of the ID token" in caplog.text
    note = kernel.last("state")["card"]["profile_note"]
    assert note.endswith(" This is what the ID token says.")
    kernel.find(kernel.stored())
    assert kernel.last("state")["card"]["profile_note"] == note
    assert "ada" not in caplog.text
    assert tenant.requests["/oauth/revoke"] == 0


def test_an_api_that_may_sign_with_hs256_is_named_as_the_reason(
    new_kernel: Callable[..., Kernel], tenant: LocalTenant, caplog: pytest.LogCaptureFixture
) -> None:
    tenant.fail_next("/userinfo", 401, body=b"Unauthorized")
    kernel = new_kernel(audience="https://notes.example.com/")
    kernel.log_in()
    assert "signs with HS256" in kernel.last("state")["card"]["profile_note"]
    assert "signs with HS256" in caplog.text
    kernel.log_in()
    assert kernel.last("state")["card"]["profile_note"] is None


def test_a_profile_of_somebody_else_does(kernel: Kernel, tenant: LocalTenant) -> None:
    tenant.mutate_response = {"/userinfo": lambda profile: profile | {"sub": "auth0|grace"}}
    kernel.receive("authorization_response", response=tenant.sign_in(kernel.open()))
    assert kernel.login.session is None
    assert isinstance(kernel.login.problem, UserinfoError)
    assert "openid" not in kernel.login.problem.next_step


def test_a_stored_session_with_the_id_token_s_profile_comes_back(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    tenant.fail_next("/userinfo", 401, body=b"Unauthorized")
    kernel.log_in()
    record = kernel.stored()
    kernel.login._current._session = None
    kernel.find(record)
    assert kernel.login.session is not None


def test_a_refused_login_names_the_audience_that_the_tenant_does_not_know(kernel: Kernel) -> None:
    audience = "api://0f3e2d1c-4b5a-6978-8796-a5b4c3d2e1f0"
    tenant = kernel.login.tenant.with_settings(kernel.settings.with_changes(audience=audience))
    response = {"error": "access_denied", "error_description": f"Service not found: {audience}"}
    request = AuthorizationRequest("http://localhost:8888", "query")
    with pytest.raises(LoginDeniedError, match=f"with the audience {audience},"):
        factory.session_from_response(tenant, kernel.login.jwks, request, response)


@pytest.mark.parametrize("sealed", [True, False])
def test_a_sealed_record_lives_until_its_access_token_ends_although_its_id_token_has_expired(
    new_kernel: Callable[..., Kernel], kernel: Kernel, tenant: LocalTenant, *, sealed: bool
) -> None:
    session = new_kernel().log_in()
    expired = Secret(tenant.sign({**session.claims, "exp": time.time() - 3600}))
    record = kernel.seal(session, id_token=expired)
    kernel.find(record if sealed else kernel.tamper(record, seal="0"))
    assert kernel.login.status == ("authenticated" if sealed else "expired")
    if sealed:
        card = kernel.last("state")["card"]
        assert card["id_token_expires_at"] < time.time() < card["access_token_expires_at"]


@pytest.mark.parametrize("ends_in", [-1, 120])
def test_a_stored_session_does_not_outlive_its_session_expiry(
    new_kernel: Callable[..., Kernel], kernel: Kernel, tenant: LocalTenant, ends_in: int
) -> None:
    session = new_kernel().log_in()
    end = int(time.time()) + ends_in
    id_token = Secret(tenant.sign({**session.claims, "session_expiry": end}))
    kernel.find(kernel.seal(session, id_token=id_token))
    if ends_in < 0:
        assert kernel.login.status == "expired"
    else:
        assert kernel.login.session is not None
        assert kernel.login.session.expires_at == end


@pytest.mark.parametrize(
    ("sent", "read"),
    [(112233445566778890000, 112233445566778890000), ("Zo\ud83d", "Zo\ufffd")],
    ids=["a number of 21 digits", "a name cut inside an emoji"],
)
def test_a_value_that_javascript_writes_keeps_nobody_out(
    kernel: Kernel, tenant: LocalTenant, sent: object, read: object
) -> None:
    claim = "https://example.com/value"
    tenant.mutate_id_token = lambda claims: claims | {claim: sent}
    tenant.mutate_response = {"/userinfo": lambda profile: profile | {claim: sent}}
    session = kernel.log_in()
    assert session.claims[claim] == session.profile[claim] == read
    record = kernel.stored()
    kernel.login._current._session = None
    kernel.find(record)
    assert kernel.login.session is not None
    assert kernel.login.session.profile[claim] == read


def test_scopes_that_were_not_granted_are_named(
    new_kernel: Callable[..., Kernel], caplog: pytest.LogCaptureFixture
) -> None:
    session = new_kernel(scope="openid read:notes profile").log_in()
    assert session.missing_scope == "read:notes"
    assert "missing: read:notes" in caplog.text
    caplog.clear()
    assert new_kernel(scope="openid profile").log_in().missing_scope == ""
    assert "missing" not in caplog.text


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds of each pause, none of which takes any time."""
    pauses: list[float] = []
    monkeypatch.setattr(factory, "sleep", pauses.append)
    return pauses


@pytest.mark.parametrize("endpoint", ["token", "jwks"])
def test_a_login_waits_for_its_turn_where_many_log_in(
    kernel: Kernel, tenant: LocalTenant, slept: list[float], endpoint: str
) -> None:
    response = tenant.sign_in(kernel.open())
    kernel.login.jwks._fetched_at = 0
    cached = kernel.login.jwks._path
    assert cached is not None
    cached.unlink(missing_ok=True)
    kernel.login.jwks._keys.clear()
    tenant.fail(endpoint, "rate_limited", times=2, retry_after=2)
    kernel.receive("authorization_response", response=response)
    assert kernel.login.session is not None
    assert len(slept) == 2
    assert all(2 <= pause <= 4 for pause in slept)


@pytest.mark.parametrize("retry_after", [6, 3600])
def test_a_login_that_would_wait_for_long_fails_and_says_so(
    kernel: Kernel, tenant: LocalTenant, slept: list[float], retry_after: int
) -> None:
    response = tenant.sign_in(kernel.open())
    tenant.fail("token", "rate_limited", retry_after=retry_after)
    kernel.receive("authorization_response", response=response)
    assert kernel.problem == "rate_limited"
    assert slept == []


def test_a_login_waits_for_its_turn_two_minutes_at_most(
    kernel: Kernel, tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    response = tenant.sign_in(kernel.open())
    with time_machine.travel(time.time(), tick=False) as traveller:
        monkeypatch.setattr(factory, "sleep", traveller.shift)
        monkeypatch.setattr(time, "monotonic", time.time)
        tenant.fail("token", "rate_limited", times=100, retry_after=5)
        kernel.receive("authorization_response", response=response)
    assert kernel.problem == "rate_limited"
    assert 120 / 10 <= tenant.requests["/oauth/token"] <= 1 + 120 / 5
