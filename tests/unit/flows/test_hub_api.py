"""What a server of JupyterHub asks the hub's API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hub import ADA, Hub

from auth0_widget.errors import HubAuthStateError, NoHubError
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
@pytest.mark.parametrize("url", ["", "hub/api", "file:///hub/api", "ftp://hub/api"])
def test_an_address_that_is_none(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("JUPYTERHUB_API_URL", url)
    with pytest.raises(NoHubError):
        HubApi()
