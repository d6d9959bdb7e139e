"""Which application the top bar logs in to."""

from __future__ import annotations

import pytest
from jupyter_server.serverapp import ServerApp

from auth0_widget.server.configuration import Auth0Widget, top_bar_settings


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH0_DOMAIN", "acme.eu.auth0.com")
    monkeypatch.setenv("AUTH0_CLIENT_ID", "of-the-environment")


def test_the_application_of_the_configuration_comes_before_that_of_the_environment() -> None:
    settings = top_bar_settings(ServerApp(), Auth0Widget())
    assert settings is not None
    assert (settings.client_id, settings.flow) == ("of-the-environment", "auto")
    settings = top_bar_settings(ServerApp(), Auth0Widget(client_id="configured"))
    assert settings is not None
    assert settings.client_id == "configured"


@pytest.mark.parametrize("flow", ["hub", "client_credentials"])
def test_nobody_logs_in_with_a_click_to_the_application_of_a_flow_without_a_person(
    monkeypatch: pytest.MonkeyPatch, flow: str
) -> None:
    monkeypatch.setenv("AUTH0_WIDGET_FLOW", flow)
    assert top_bar_settings(ServerApp(), Auth0Widget()) is None
    settings = top_bar_settings(ServerApp(), Auth0Widget(client_id="configured"))
    assert settings is not None
    assert (settings.client_id, settings.flow) == ("configured", "auto")
