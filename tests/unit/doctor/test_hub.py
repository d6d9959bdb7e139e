"""The doctor at a JupyterHub whose own login notebooks use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hub import ADA, GRACE, Hub

from auth0_widget.config import Settings
from auth0_widget.doctor.examination import examine

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.doctor.report import Report
    from auth0_widget.local_tenant import LocalTenant


@pytest.fixture
def settings(tenant: LocalTenant) -> Settings:
    return Settings.resolve(domain=tenant.url, client_id=tenant.client_id, flow="hub")


def report_of(settings: Settings) -> Report:
    return examine(settings, "message", {"https://hub.example.com": None})


def test_a_hub_that_is_set_up_is_well(hub: Hub, settings: Settings, tenant: LocalTenant) -> None:
    tenant.requests.clear()
    report = report_of(settings)
    assert report.ok
    assert str(report).endswith("A login can work: without a click.")
    assert "✓ JupyterHub gives this server tokens of your login, which are valid" in str(report)
    assert tenant.requests["/oauth/token"] == tenant.requests["/authorize"] == 0
    assert report.to_enter == {}, "the hub's application has the hub's own URLs"
    assert ADA not in str(report)
    assert "token-of-ada" not in str(report)
    assert len(hub.requests) >= 2


@pytest.mark.parametrize(
    ("scopes", "said"),
    [(("admin:auth_state!user={user}",), "keeps no tokens"), ((), "does not let this server read")],
)
def test_a_hub_that_gives_no_tokens(
    hub: Hub, settings: Settings, scopes: tuple[str, ...], said: str
) -> None:
    hub.auth_states.clear()
    hub.scopes = scopes
    report = report_of(settings)
    assert not report.ok
    assert said in str(report)


def another_audience(_hub: Hub, _tenant: LocalTenant) -> dict[str, str]:
    return {"audience": "https://other.example.com/"}


def no_id_token(hub: Hub, _: LocalTenant) -> None:
    del hub.auth_states[ADA]["token_response"]["id_token"]


def no_access_token(hub: Hub, _: LocalTenant) -> None:
    del hub.auth_states[ADA]["token_response"]["access_token"]


def another_authenticator(hub: Hub, _: LocalTenant) -> None:
    hub.auth_states[ADA] = {"github_user": {}}


def another_person_s_access_token(hub: Hub, tenant: LocalTenant) -> None:
    theirs = hub.log_in(tenant, GRACE)["access_token"]
    hub.auth_states[ADA]["token_response"]["access_token"] = theirs


@pytest.mark.parametrize(
    "spoil",
    [
        another_audience,
        no_id_token,
        no_access_token,
        another_authenticator,
        another_person_s_access_token,
    ],
)
def test_tokens_that_no_session_can_use(
    hub: Hub,
    settings: Settings,
    tenant: LocalTenant,
    spoil: Callable[[Hub, LocalTenant], dict[str, Any] | None],
) -> None:
    changed = spoil(hub, tenant) or {}
    report = report_of(settings.with_changes(**changed))
    assert not report.ok
    assert report.ways == {"unattended": "no"}
    assert str(report).endswith("No login can work: see the line with ✗.")
