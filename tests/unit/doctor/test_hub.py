"""The doctor at a JupyterHub whose own login notebooks use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hub import ADA, Hub

from auth0_widget.config import Settings
from auth0_widget.doctor.examination import examine

if TYPE_CHECKING:
    from auth0_widget.doctor.report import Report
    from auth0_widget.local_tenant import LocalTenant


@pytest.fixture
def settings(tenant: LocalTenant) -> Settings:
    """A login by the hub's application, which is one with a secret."""
    return Settings.resolve(domain=tenant.url, client_id="local-tenant-job", flow="hub")


def report_of(settings: Settings) -> Report:
    return examine(settings, "message", {"https://hub.example.com": None})


def test_a_hub_that_is_set_up_is_well(hub: Hub, settings: Settings, tenant: LocalTenant) -> None:
    tenant.requests.clear()
    report = report_of(settings)
    assert report.ok
    assert str(report).endswith("A login can work: without a click.")
    assert "✓ JupyterHub lets this server read the tokens of your login" in str(report)
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
