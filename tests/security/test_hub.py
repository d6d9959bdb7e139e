"""Threat 42: the token that JupyterHub keeps: its person, its audience, and where it is sent."""
# ruff: noqa: PLR0917 - a test asks for the fixtures it needs

from __future__ import annotations

import json
import logging
import socket
import time
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from hub import ADA, GRACE, Hub, token_response
from kernel import ABLE, ORIGIN, PAGE

from auth0_widget import LoginWidget
from auth0_widget.base import background
from auth0_widget.config import Settings
from auth0_widget.errors import (
    HubAudienceError,
    HubAuthStateError,
    HubError,
    HubNotRenewedError,
    HubTokenError,
    HubUserError,
    IdTokenAudienceError,
    IdTokenMalformedError,
    IdTokenSignatureError,
    IdTokenSubjectError,
    InvalidResponseError,
    NoHubError,
    UserinfoError,
)
from auth0_widget.flows import flow_of
from auth0_widget.local_tenant.model import Application
from auth0_widget.login.login import Login
from auth0_widget.pages.bridge import Bridge
from auth0_widget.pages.display import Display

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auth0_widget.local_tenant import LocalTenant
    from auth0_widget.session.session import Session

    from .hostile import HostileServer

API = "https://notes.example.com/"


@pytest.fixture
def hub(tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub to which both people have logged in. This is Ada's server."""
    monkeypatch.setattr(background, "_start", lambda work, **_: work())
    with Hub() as hub:
        hub.log_in(tenant, ADA)
        hub.log_in(tenant, GRACE)
        for name, value in hub.environment(ADA).items():
            monkeypatch.setenv(name, value)
        yield hub


def log_in(tenant: LocalTenant, **changed: Any) -> Session:
    login = LoginWidget(
        **{"domain": tenant.url, "client_id": tenant.client_id, "flow": "hub"} | changed
    )
    return login.wait(timeout=10)


def test_threat_42_the_server_s_token_is_another_person_s(
    hub: Hub,
    tenant: LocalTenant,
    monkeypatch: pytest.MonkeyPatch,
    refused: Callable[..., Any],
) -> None:
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", hub.environment(GRACE)["JUPYTERHUB_API_TOKEN"])
    tenant.requests.clear()
    with refused(HubUserError):
        log_in(tenant)
    assert [path for path, _ in hub.requests] == ["/hub/api/user"], "her login was not asked for"
    assert tenant.requests["/userinfo"] == 0


def test_threat_42_a_name_that_is_a_path_asks_for_no_other_user(
    hub: Hub, tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch, refused: Callable[..., Any]
) -> None:
    name = f"x/../{GRACE}?"
    monkeypatch.setenv("JUPYTERHUB_USER", name)
    hub.owners["token-of-ada"] = name
    hub.auth_states[name] = None
    with refused(HubAuthStateError):
        log_in(tenant)
    assert hub.requests[-1][0] == f"/hub/api/users/x%2F..%2F{GRACE.replace('@', '%40')}%3F"


@pytest.mark.parametrize("token", ["", "token-of-nobody"])
def test_threat_42_a_token_that_is_missing_or_over(
    hub: Hub,
    tenant: LocalTenant,
    monkeypatch: pytest.MonkeyPatch,
    refused: Callable[..., Any],
    token: str,
) -> None:
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", token)
    error: type[HubError] = HubTokenError if token else NoHubError
    with refused(error):
        log_in(tenant)
    assert len(hub.requests) <= 1


@pytest.mark.parametrize("swapped", ["access_token", "id_token"])
def test_threat_42_the_two_tokens_are_of_two_people(
    hub: Hub, tenant: LocalTenant, refused: Callable[..., Any], swapped: str
) -> None:
    mixed = token_response(tenant, ADA) | {swapped: token_response(tenant, GRACE)[swapped]}
    hub.keep(ADA, mixed)
    with refused(UserinfoError):
        log_in(tenant)


@pytest.mark.parametrize("whose", ["grace's", "nobody's"])
def test_threat_42_a_renewal_with_an_access_token_that_is_not_the_person_s(
    hub: Hub, tenant: LocalTenant, refused: Callable[..., Any], whose: str
) -> None:
    session = log_in(tenant)
    before = session.access_token
    theirs = token_response(tenant, GRACE)["access_token"]
    other = theirs if whose == "grace's" else "rubbish-of-nobody"
    hub.keep(ADA, token_response(tenant, ADA) | {"access_token": other})
    with refused(UserinfoError):
        session.renew()
    assert session.access_token == before


def test_threat_42_an_access_token_for_the_api_is_of_another_person(
    hub: Hub, tenant: LocalTenant, refused: Callable[..., Any]
) -> None:
    theirs = token_response(tenant, GRACE, audience=API)["access_token"]
    hub.keep(ADA, token_response(tenant, ADA, audience=API) | {"access_token": theirs})
    with refused(HubAudienceError):
        log_in(tenant, audience=API)


def test_threat_42_a_login_of_another_application(
    hub: Hub, tenant: LocalTenant, refused: Callable[..., Any]
) -> None:
    assert hub.auth_states
    tenant.applications.append(Application("another", "Another"))
    with refused(IdTokenAudienceError):
        log_in(tenant, client_id="another")


def test_threat_42_tokens_that_nobody_has_signed(
    hub: Hub,
    tenant: LocalTenant,
    new_signer: Callable[..., Any],
    refused: Callable[..., Any],
) -> None:
    kid = str(tenant.jwks["keys"][0]["kid"])
    now = int(time.time())
    claims = {"iss": tenant.issuer, "sub": "auth0|root", "aud": tenant.client_id}
    forged = new_signer(kid).sign({**claims, "iat": now, "exp": now + 3600})
    hub.keep(ADA, token_response(tenant, ADA) | {"id_token": forged})
    with refused(IdTokenSignatureError):
        log_in(tenant)
    hub.keep(ADA, token_response(tenant, ADA) | {"id_token": "no.jwt"})
    with refused(IdTokenMalformedError):
        log_in(tenant)


def test_threat_42_a_token_whose_time_is_over(
    hub: Hub, tenant: LocalTenant, refused: Callable[..., Any]
) -> None:
    assert hub.auth_states
    with (
        time_machine.travel(time.time() + 86_400 + 60, tick=False),
        refused(HubNotRenewedError),
    ):
        log_in(tenant)


def test_threat_42_a_renewal_that_brings_another_person(
    hub: Hub, tenant: LocalTenant, refused: Callable[..., Any]
) -> None:
    session = log_in(tenant)
    before = session.access_token
    hub.keep(ADA, token_response(tenant, GRACE))
    with refused(IdTokenSubjectError):
        session.renew()
    assert session.access_token == before
    assert session.user.email == ADA


def test_threat_42_the_hub_s_token_follows_no_redirect(
    hub: Hub, tenant: LocalTenant, hostile: HostileServer, refused: Callable[..., Any]
) -> None:
    for path in ("/hub/api/user", f"/hub/api/users/{ADA.replace('@', '%40')}"):
        hub.instead[path] = (302, "", {"Location": f"{hostile.url}/steal"})
        with refused(HubError):
            log_in(tenant)
        del hub.instead[path]
    assert hostile.requests == []


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY"])
def test_threat_42_the_hub_s_token_is_sent_past_every_proxy(
    hub: Hub,
    tenant: LocalTenant,
    hostile: HostileServer,
    monkeypatch: pytest.MonkeyPatch,
    shown: Callable[[str], None],
    variable: str,
) -> None:
    look_up = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *rest, **more: look_up(
            "127.0.0.1" if host == "hub.internal" else host, *rest, **more
        ),
    )
    api = hub.environment()["JUPYTERHUB_API_URL"].replace("127.0.0.1", "hub.internal")
    monkeypatch.setenv("JUPYTERHUB_API_URL", api)
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv(variable, hostile.url)
    assert log_in(tenant).user.email == ADA
    assert hostile.requests == []
    shown("sent to the hub only")


def test_threat_42_a_hub_that_sends_too_much(
    hub: Hub, tenant: LocalTenant, refused: Callable[..., Any]
) -> None:
    hub.instead["/hub/api/user"] = (200, "[" * 100_000, {})
    with refused(InvalidResponseError):
        log_in(tenant)


def test_threat_42_the_refresh_token_is_read_by_nobody(
    hub: Hub, tenant: LocalTenant, caplog: pytest.LogCaptureFixture, shown: Callable[[str], None]
) -> None:
    caplog.set_level(logging.DEBUG)
    sent: list[Any] = []
    settings = Settings.resolve(domain=tenant.url, client_id=tenant.client_id, flow="hub")
    login = Login(settings, lambda login: flow_of(login, print))
    bridge = Bridge(Display(login=login, send=sent.append, storage="memory"))
    bridge.receive({"type": "hello", "page": PAGE, "origin": ORIGIN, **ABLE})
    session = login.session
    assert session is not None
    managed = login.managed_session
    assert managed is not None
    told = json.dumps(sent) + caplog.text + repr(session) + repr(managed._tokens)
    for secret in ("the-refresh-token", "token-of-ada", session.access_token, session.id_token):
        assert secret not in told
    assert "the-refresh-token" not in repr(vars(managed))
    assert [token.reveal() for token in managed.end()] == []
    bridge.close()
    assert hub.requests
    shown("never kept, sent or shown")


def test_threat_42_nothing_of_it_is_stored_in_the_browser(
    hub: Hub, tenant: LocalTenant, shown: Callable[[str], None]
) -> None:
    sent: list[Any] = []
    settings = Settings.resolve(domain=tenant.url, client_id=tenant.client_id, flow="hub")
    login = Login(settings, lambda login: flow_of(login, print))
    bridge = Bridge(Display(login=login, send=sent.append, storage="local"))
    for page in (PAGE, PAGE.replace("0", "1")):
        bridge.receive({"type": "hello", "page": page, "origin": ORIGIN, **ABLE})
        bridge.receive({"type": "stored_record", "page": page, "record": None})
    assert login.session is not None
    bridge.close()
    login._current._timer.stop()
    assert [message for message in sent if message["type"] == "store"] == []
    assert hub.requests
    shown("nothing")
