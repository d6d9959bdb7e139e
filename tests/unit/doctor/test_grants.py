"""What the token endpoint shows about the application, without anybody logging in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from auth0_widget.config import Settings
from auth0_widget.doctor.tenant import TenantCheck
from auth0_widget.oauth.client import DEVICE_GRANT

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.config import Way
    from auth0_widget.doctor.report import Answer, Finding
    from auth0_widget.local_tenant import LocalTenant

    Look = Callable[..., tuple[list[Finding], dict[Way, Answer]]]

API, NO_API = "https://notes.example.com/", "https://nowhere.example.com/"


@pytest.fixture
def look(tenant: LocalTenant) -> Look:
    """Examine the tenant. Returns the findings, and the ways that can work."""

    def run(**changed: str) -> tuple[list[Finding], dict[Way, Answer]]:
        given = {"domain": tenant.url, "client_id": tenant.client_id} | changed
        check = TenantCheck(Settings.resolve(**given), "message")  # type: ignore[arg-type]
        found = list(check.findings([], None))
        check.close()
        return found, check.ways

    return run


def said(found: list[Finding], verdict: str) -> list[str]:
    return [finding.said for finding in found if finding.verdict == verdict]


@pytest.mark.parametrize(
    ("flow", "grants", "expected"),
    [
        ("popup", ("authorization_code",), []),
        ("popup", ("refresh_token", DEVICE_GRANT), ["Authorization Code, for the login window"]),
        ("device", ("authorization_code",), ["Device Code, for Use a code instead"]),
        ("device", (DEVICE_GRANT,), []),
    ],
)
def test_a_grant_type_that_the_flow_needs(
    look: Look, tenant: LocalTenant, flow: str, grants: tuple[str, ...], expected: list[str]
) -> None:
    tenant.application.grant_types = grants
    found, _ = look(flow=flow)
    assert said(found, "bad") == [f"Grant type {name}: not allowed" for name in expected]
    notes = [text for text in said(found, "note") if text.startswith("Grant type")]
    assert len(notes) == 3 - len(grants) - len(expected), "the others are worth a note"


@pytest.mark.parametrize("flow", ["device", "auto"])
def test_an_api_that_the_tenant_does_not_know_is_seen_without_an_address(
    look: Look, tenant: LocalTenant, flow: str
) -> None:
    found, ways = look(flow=flow, audience=NO_API)
    (bad,) = [finding for finding in found if finding.verdict == "bad"]
    assert bad.said.startswith(f"The tenant has no API with the audience {NO_API}, or ")
    assert bad.way is None, "so that no other way works either"
    assert ways["code"] == "no"
    found, ways = look(flow=flow, audience=API)
    assert f"The tenant gives a code for the API {API}" in said(found, "good")
    assert ways["code"] == "yes"
    assert tenant.requests["/oauth/device/code"] == 2


def test_no_code_is_asked_for_where_the_application_may_not_have_one(
    look: Look, tenant: LocalTenant
) -> None:
    tenant.application.grant_types = ("authorization_code", "refresh_token")
    _, ways = look(audience=NO_API)
    assert ways["code"] == "no"
    assert tenant.requests["/oauth/device/code"] == 0


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, '{"error": "invalid_scope", "error_description": "No such scope"}', "no"),
        (403, '{"error": "Forbidden"}', "unclear"),
        (503, "", "unclear"),
    ],
)
def test_a_code_that_the_tenant_does_not_give(
    look: Look, tenant: LocalTenant, status: int, body: str, expected: str
) -> None:
    tenant.fail_next("/oauth/device/code", status, body=body)
    _, ways = look(flow="device", audience=API)
    assert ways == {"code": expected}


SECRET = "local-tenant-job-secret"


@pytest.mark.parametrize(
    ("secret", "audience", "expected", "text"),
    [
        (SECRET, API, "yes", f"The tenant gives the application a token for the API {API}"),
        ("another-secret", API, "no", "The tenant did not give tokens for this login"),
        (SECRET, NO_API, "no", f"Service not enabled within domain: {NO_API}"),
    ],
)
def test_an_application_that_logs_in_as_itself_asks_for_one_token(  # noqa: PLR0917
    look: Look,
    tenant: LocalTenant,
    monkeypatch: pytest.MonkeyPatch,
    secret: str,
    audience: str,
    expected: str,
    text: str,
) -> None:
    monkeypatch.setenv("AUTH0_CLIENT_SECRET", secret)
    found, ways = look(flow="client_credentials", client_id="local-tenant-job", audience=audience)
    (finding,) = [one for one in found if text in one.said]
    assert finding.verdict == ("good" if expected == "yes" else "bad")
    assert ways == {"unattended": expected}
    assert tenant.requests["/oauth/token"] == 1
    assert secret not in "".join(line for one in found for line in one.lines())


def test_whether_the_application_gets_a_token_is_unclear_while_the_tenant_is_down(
    look: Look, tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTH0_CLIENT_SECRET", SECRET)
    tenant.fail_next("/oauth/token", 503)
    _, ways = look(flow="client_credentials", client_id="local-tenant-job", audience=API)
    assert ways == {"unattended": "unclear"}
