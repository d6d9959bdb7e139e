"""The device authorization flow (RFC 8628)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from auth0_widget.local_tenant import Organization

from .notebook import API, Notebook, error_of, http_client

if TYPE_CHECKING:
    from auth0_widget.local_tenant import LocalTenant

    from .notebook import Clock

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


class Device:
    def __init__(self, tenant: LocalTenant, **changes: str) -> None:
        self.notebook = Notebook(tenant)
        parameters = {"client_id": tenant.client_id, "scope": "openid email"} | changes
        self.response = self.notebook.http.post("/oauth/device/code", data=parameters)
        self.codes: dict[str, Any] = self.response.json()

    def poll(self) -> httpx.Response:
        return self.notebook.post(grant_type=GRANT, device_code=self.codes["device_code"])


def test_the_device_gets_its_codes(tenant: LocalTenant) -> None:
    device = Device(tenant)
    assert device.response.headers["Cache-Control"] == "no-store"
    codes = device.codes
    assert re.fullmatch(r"[A-Z]{4}-[A-Z]{4}", codes["user_code"])
    assert codes["verification_uri"] == f"{tenant.url}/activate"
    assert codes["verification_uri_complete"] == (
        f"{tenant.url}/activate?user_code={codes['user_code']}"
    )
    assert (codes["expires_in"], codes["interval"]) == (900, 5)


def test_the_device_waits_then_gets_tokens_once(tenant: LocalTenant, clock: Clock) -> None:
    device = Device(tenant, audience=API)
    pending = (403, "authorization_pending", "User has yet to authorize device code.")
    assert error_of(device.poll()) == pending
    tenant.approve_device(device.codes["user_code"], "grace@example.com")
    clock.now += 5
    response = device.poll()
    assert response.status_code == 200
    claims = device.notebook.claims(response.json()["id_token"])
    assert claims["email"] == "grace@example.com"
    assert "nonce" not in claims
    assert API in device.notebook.claims(response.json()["access_token"], API)["aud"]
    assert error_of(device.poll())[:2] == (403, "invalid_grant")


def test_polling_too_fast_is_told_and_costs_five_seconds(tenant: LocalTenant, clock: Clock) -> None:
    device = Device(tenant)
    assert error_of(device.poll())[1] == "authorization_pending"
    clock.now += 4.9
    assert error_of(device.poll())[:2] == (429, "slow_down")
    clock.now += 9.9
    assert error_of(device.poll())[:2] == (429, "slow_down")
    clock.now += 15
    assert error_of(device.poll())[1] == "authorization_pending"


def test_a_declined_device_is_denied(tenant: LocalTenant) -> None:
    device = Device(tenant)
    tenant.approve_device(device.codes["user_code"], accept=False)
    assert error_of(device.poll())[:2] == (403, "access_denied")


def test_a_device_code_expires(tenant: LocalTenant, clock: Clock) -> None:
    device = Device(tenant)
    clock.now += 900
    assert error_of(device.poll())[:2] == (403, "expired_token")
    with pytest.raises(RuntimeError, match="has expired"):
        tenant.approve_device(device.codes["user_code"])


def test_the_code_may_be_typed_in_lower_case_without_a_dash(tenant: LocalTenant) -> None:
    device = Device(tenant)
    tenant.approve_device(device.codes["user_code"].replace("-", "").lower())
    assert device.poll().status_code == 200


def test_a_wrong_code_stays_on_the_page(notebook: Notebook) -> None:
    response = notebook.http.post("/activate", data={"user_code": "<b>XXXX"})
    assert response.status_code == 400
    assert "This code is wrong" in response.text
    assert "<b>XXXX" not in response.text


def test_a_code_can_be_decided_once(tenant: LocalTenant) -> None:
    device = Device(tenant)
    tenant.approve_device(device.codes["user_code"], accept=False)
    with pytest.raises(RuntimeError, match="was used already"):
        tenant.approve_device(device.codes["user_code"])


def test_the_complete_uri_fills_the_code_in(tenant: LocalTenant) -> None:
    device = Device(tenant)
    page = httpx.get(device.codes["verification_uri_complete"])
    assert f'value="{device.codes["user_code"]}"' in page.text


def test_the_person_compares_the_code_even_with_session_and_consent(tenant: LocalTenant) -> None:
    device = Device(tenant)
    tenant.approve_device(device.codes["user_code"])
    again = Device(tenant)
    with http_client(tenant) as visitor:
        visitor.follow_redirects = True
        page = visitor.post("/activate", data={"user_code": again.codes["user_code"]})
        state = page.url.params["state"]
        form = {"state": state, "username": "ada@example.com", "password": tenant.password}
        page = visitor.post("/u/login", data=form)
        assert 'id="consent"' in page.text
        assert again.codes["user_code"] in page.text
    assert error_of(again.poll())[1] == "authorization_pending"


def test_two_open_pages_cannot_both_decide(tenant: LocalTenant) -> None:
    device = Device(tenant)
    pages = []
    with http_client(tenant) as first, http_client(tenant) as second:
        for visitor in (first, second):
            visitor.follow_redirects = True
            page = visitor.post("/activate", data={"user_code": device.codes["user_code"]})
            form = {"username": "ada@example.com", "password": tenant.password}
            page = visitor.post("/u/login", data={"state": page.url.params["state"], **form})
            pages.append((visitor, page.url.params["state"]))
        responses = [
            visitor.post("/u/consent", data={"state": state, "action": action}).status_code
            for (visitor, state), action in zip(pages, ("decline", "accept"), strict=True)
        ]
    assert responses == [200, 400]
    assert error_of(device.poll())[1] == "access_denied"


def test_refusals_of_the_device_endpoint(tenant: LocalTenant) -> None:
    assert error_of(Device(tenant, client_id="nobody").response)[:2] == (401, "invalid_client")
    unknown = Device(tenant, audience="https://nowhere.example.com/").response
    assert error_of(unknown)[:2] == (403, "access_denied")
    tenant.application.grant_types = ("authorization_code",)
    assert error_of(Device(tenant).response)[:2] == (403, "unauthorized_client")


def test_an_unknown_device_code_is_refused(notebook: Notebook) -> None:
    response = notebook.post(grant_type=GRANT, device_code="nonsense")
    assert error_of(response) == (403, "invalid_grant", "Invalid or expired device code.")


def test_a_named_user_approves_every_device_at_once(tenant: LocalTenant) -> None:
    tenant.auto_approve = "grace@example.com"
    device = Device(tenant)
    assert device.codes["interval"] == 1
    response = device.poll().json()
    headers = {"Authorization": f"Bearer {response['access_token']}"}
    userinfo = device.notebook.http.get("/userinfo", headers=headers)
    assert userinfo.json()["email"] == "grace@example.com"


def test_nobody_unknown_can_approve_devices(tenant: LocalTenant) -> None:
    with pytest.raises(ValueError, match=r"eve@example\.com"):
        tenant.auto_approve = "eve@example.com"
    assert Device(tenant).codes["interval"] == 5


def test_an_organization_is_ignored(tenant: LocalTenant, clock: Clock) -> None:
    tenant.organizations.append(Organization("org_1", "acme"))
    device = Device(tenant, organization="acme")
    tenant.approve_device(device.codes["user_code"])
    clock.now += 5
    claims = device.notebook.claims(device.poll().json()["id_token"])
    assert claims["email"] == "ada@example.com"
    assert "org_id" not in claims
