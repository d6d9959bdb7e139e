"""What a server of JupyterHub asks the hub's API."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from hub import ADA, Hub

from auth0_widget.errors import (
    HubAuthStateError,
    HubError,
    HubTokenError,
    NoHubError,
    UnreachableError,
)
from auth0_widget.flows.hub_api import HubApi

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with Hub(auth_states={ADA: {"token_response": {}}}) as hub:
        for name, value in hub.environment().items():
            monkeypatch.setenv(name, value)
        yield hub


def test_it_is_asked_for_nothing_but_its_own_user(hub: Hub) -> None:
    assert HubApi().auth_state() == {"token_response": {}}
    assert hub.requests == [
        ("/hub/api/user", "token token-of-ada"),
        ("/hub/api/users/ada%40example.com", "token token-of-ada"),
    ]


def test_a_scope_that_only_begins_like_it_is_not_it(hub: Hub) -> None:
    hub.scopes = ("admin:auth_state_of_nobody!user={user}",)
    with pytest.raises(Exception, match="does not let this server read"):
        HubApi().auth_state()


def test_a_hub_that_keeps_nothing(hub: Hub) -> None:
    hub.auth_states.clear()
    with pytest.raises(HubAuthStateError):
        HubApi().auth_state()


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize(
    "url",
    [
        *("", "hub/api", "file:///hub/api", "ftp://hub/api"),
        *(
            "http://[::1",
            "http://hub:abc/hub/api",
            "http://hub:99999/hub/api",
            "http://a b/hub/api",
        ),
    ],
)
def test_an_address_that_is_none(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("JUPYTERHUB_API_URL", url)
    with pytest.raises(NoHubError):
        HubApi()


@pytest.mark.parametrize("token", ["one\ntwo", "é", "a b"])
def test_a_token_that_no_request_can_contain(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", token)
    with pytest.raises(HubTokenError, match="JUPYTERHUB_API_TOKEN has characters"):
        HubApi().auth_state()
    assert hub.requests == []


def test_a_path_without_an_api_says_nothing_about_the_token(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.instead["/hub/wrong/user"] = (404, "{}", {})
    monkeypatch.setenv("JUPYTERHUB_API_URL", f"{hub.url}/hub/wrong")
    with pytest.raises(HubError, match="not that of a JupyterHub") as raised:
        HubApi().auth_state()
    assert type(raised.value) is HubError


@pytest.mark.usefixtures("hub")
def test_a_hub_that_is_down_has_no_domain_to_check(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    monkeypatch.setenv("JUPYTERHUB_API_URL", f"http://127.0.0.1:{port}/hub/api")
    with pytest.raises(UnreachableError) as raised:
        HubApi().auth_state()
    assert "whoever runs it" in raised.value.next_step
    assert "domain" not in str(raised.value)
