"""``flow="hub"``: the session of the hub's own login, without a click."""
# ruff: noqa: PLR0917 - a test asks for the fixtures it needs

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from hub import ADA, SCOPES, Hub, token_response
from kernel import ABLE, ORIGIN, PAGE

from auth0_widget import LoginWidget
from auth0_widget.base import background
from auth0_widget.config import Settings
from auth0_widget.errors import (
    Auth0WidgetError,
    HubAudienceError,
    HubAuthStateError,
    HubError,
    HubNotRenewedError,
    HubScopeError,
    HubTokenError,
    HubUserError,
    NoHubError,
    TenantDownError,
)
from auth0_widget.flows import flow_of
from auth0_widget.local_tenant.model import Api
from auth0_widget.login.login import Login
from auth0_widget.pages.bridge import Bridge
from auth0_widget.pages.display import Display

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auth0_widget.local_tenant import LocalTenant
    from auth0_widget.session.session import Session

API = "https://notes.example.com/"


@pytest.fixture
def log_in(tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Session]:
    monkeypatch.setattr(background, "_start", lambda work, **_: work())

    def run(**changed: Any) -> Session:
        login = LoginWidget(domain=tenant.url, client_id=tenant.client_id, flow="hub", **changed)
        return login.wait(timeout=10)

    return run


def test_the_session_is_that_of_the_hub_s_login(
    log_in: Callable[..., Session], hub: Hub, tenant: LocalTenant
) -> None:
    tenant.requests.clear()
    session = log_in()
    assert session.user.email == ADA
    assert session.access_token == hub.auth_states[ADA]["access_token"]
    assert session.renewable
    # The hub has got the tokens; the tenant says whose the access token is, and no more.
    assert tenant.requests["/oauth/token"] == 0
    assert tenant.requests["/userinfo"] == 1
    assert session._managed._refresh_tokens.current is None


def test_it_renews_by_asking_the_hub_again(
    log_in: Callable[..., Session], hub: Hub, tenant: LocalTenant
) -> None:
    session = log_in()
    renewed = hub.log_in(tenant)["access_token"]
    assert session.access_token != renewed
    session.renew()
    assert session.access_token == renewed


def test_after_the_token_has_expired_the_session_goes_on(
    log_in: Callable[..., Session], hub: Hub, tenant: LocalTenant
) -> None:
    with time_machine.travel(time.time(), tick=False) as clock:
        hub.log_in(tenant)
        session = log_in()
        clock.shift(86_400 + 60)
        renewed = hub.log_in(tenant)["access_token"]
        assert session.access_token == renewed
        assert session.expires_at > time.time()


def test_a_hub_that_has_not_renewed_is_no_end_of_the_session(
    log_in: Callable[..., Session], hub: Hub, tenant: LocalTenant
) -> None:
    with time_machine.travel(time.time(), tick=False) as clock:
        hub.log_in(tenant)
        session = log_in()
        with pytest.raises(HubNotRenewedError):
            session.renew()
        clock.shift(86_400 + 60)
        with pytest.raises(HubNotRenewedError):
            session.renew()
        assert session.active
        renewed = hub.log_in(tenant)["access_token"]
        assert session.access_token == renewed


def test_a_renewal_asks_the_tenant_whose_the_new_token_is_and_outlives_its_trouble(
    log_in: Callable[..., Session], hub: Hub, tenant: LocalTenant
) -> None:
    session = log_in()
    with pytest.raises(HubNotRenewedError):
        session.renew()
    assert tenant.requests["/userinfo"] == 1, "a token that is known is not asked about"
    renewed = hub.log_in(tenant)["access_token"]
    tenant.fail_next("/userinfo", 503)
    with pytest.raises(TenantDownError):
        session.renew()
    assert session.active
    assert session.access_token != renewed
    session.renew()
    assert session.access_token == renewed
    assert tenant.requests["/userinfo"] == 3


def test_an_access_token_for_the_api_is_looked_into(
    log_in: Callable[..., Session], hub: Hub, tenant: LocalTenant
) -> None:
    hub.log_in(tenant, audience=API)
    assert log_in(audience=API).user.email == ADA


def _break(what: str) -> Callable[[Hub], None]:
    """A hub, or a server of it, that is not as it should be."""

    def drop(*names: str) -> Callable[[Hub], None]:
        def run(hub: Hub) -> None:
            for name in names:
                del hub.auth_states[ADA]["token_response"][name]

        return run

    def instead(path: str, status: int, body: str) -> Callable[[Hub], None]:
        return lambda hub: hub.instead.update({f"/hub/api{path}": (status, body, {})})

    ways: dict[str, Callable[[Hub], None]] = {
        "token expired": lambda hub: hub.owners.clear(),
        "no scope": lambda hub: setattr(hub, "scopes", SCOPES[:1]),
        "scope of the user alone": lambda hub: setattr(hub, "scopes", ("admin:users!user=x",)),
        "scope taken away since": instead("/users/ada%40example.com", 403, "{}"),
        "auth_state not filled in": instead(
            "/users/ada%40example.com", 200, '{"name": "ada@example.com"}'
        ),
        "no auth_state": lambda hub: hub.auth_states.clear(),
        "auth_state of another authenticator": lambda hub: hub.auth_states.update({ADA: {}}),
        "auth_state is no object": lambda hub: hub.auth_states.update({ADA: "text"}),
        "no access token": drop("access_token"),
        "no ID token": drop("id_token"),
        "no lifetime": drop("expires_in"),
        "another user": instead("/user", 200, '{"name": "grace@example.com", "scopes": []}'),
        "another user's login": instead(
            "/users/ada%40example.com", 200, '{"name": "grace@example.com", "auth_state": {}}'
        ),
        "a login page": instead("/user", 200, "<html>"),
        "a redirect": instead("/user", 302, ""),
        "trouble": instead("/user", 503, ""),
    }
    return ways[what]


@pytest.mark.parametrize(
    ("what", "error", "named"),
    [
        ("token expired", HubTokenError, "start it again"),
        ("no scope", HubScopeError, "c.Spawner.server_token_scopes"),
        ("scope of the user alone", HubScopeError, "admin:auth_state!user"),
        ("scope taken away since", HubScopeError, "c.JupyterHub.load_roles"),
        ("auth_state not filled in", HubScopeError, "admin:auth_state!user"),
        ("no auth_state", HubAuthStateError, "enable_auth_state"),
        ("auth_state of another authenticator", HubAuthStateError, "JUPYTERHUB_CRYPT_KEY"),
        ("auth_state is no object", HubAuthStateError, "enable_auth_state"),
        ("no access token", HubAuthStateError, "enable_auth_state"),
        ("no ID token", HubAuthStateError, "adds openid to c.Auth0OAuthenticator.scope"),
        ("no lifetime", HubAuthStateError, "Log out of the hub"),
        ("another user", HubUserError, "start it again"),
        ("another user's login", HubUserError, "start it again"),
        ("a login page", HubError, "jupyterhub_config.py"),
        ("a redirect", HubError, "jupyterhub_config.py"),
        ("trouble", TenantDownError, "whoever runs the hub"),
    ],
)
def test_what_is_wrong_is_named_and_says_what_the_hub_s_admin_sets(
    log_in: Callable[..., Session],
    hub: Hub,
    tenant: LocalTenant,
    what: str,
    error: type[Auth0WidgetError],
    named: str,
) -> None:
    _break(what)(hub)
    tenant.requests.clear()
    with pytest.raises(error) as refusal:
        log_in()
    assert type(refusal.value) is error
    assert named in refusal.value.next_step
    assert tenant.requests["/userinfo"] == 0


def test_a_token_that_has_ended_is_no_session(log_in: Callable[..., Session], hub: Hub) -> None:
    hub.auth_states[ADA]["token_response"]["expires_in"] = 1
    with time_machine.travel(time.time() + 2, tick=False), pytest.raises(HubNotRenewedError):
        log_in()


@pytest.mark.parametrize("asked", [{}, {"audience": API}])
def test_a_token_for_another_api_is_refused(
    log_in: Callable[..., Session], hub: Hub, tenant: LocalTenant, asked: dict[str, str]
) -> None:
    hub.log_in(tenant, **asked)
    with pytest.raises(HubAudienceError, match="extra_authorize_params"):
        log_in(audience="https://other.example.com/")


def test_a_token_that_only_the_api_can_verify_is_told_as_that(
    log_in: Callable[..., Session], hub: Hub, tenant: LocalTenant
) -> None:
    tenant._context.settings.apis.append(
        Api("urn:hs256", "Shared secret", signing_algorithm="HS256")
    )
    hub.log_in(tenant, audience="urn:hs256")
    with pytest.raises(HubAudienceError, match="RS256"):
        log_in(audience="urn:hs256")


@pytest.mark.usefixtures("hub")
def test_a_hub_that_is_down_is_trouble_that_passes(
    log_in: Callable[..., Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTERHUB_API_URL", "http://127.0.0.1:9/hub/api")
    with pytest.raises(TenantDownError, match=r"JupyterHub at 127\.0\.0\.1:9 could not be reached"):
        log_in()


@pytest.mark.parametrize("missing", ["API_URL", "API_TOKEN", "USER"])
def test_without_a_hub_it_is_refused_at_once(
    hub: Hub, tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.delenv(f"JUPYTERHUB_{missing}")
    with pytest.raises(NoHubError):
        LoginWidget(domain=tenant.url, client_id=tenant.client_id, flow="hub")
    assert hub.requests == []


ANOTHER_PAGE = "page-1111-1111-1111"


class Card:
    """A page that shows the widget, on a server of the hub."""

    def __init__(self, tenant: LocalTenant) -> None:
        self.sent: list[Any] = []
        settings = Settings.resolve(domain=tenant.url, client_id=tenant.client_id, flow="hub")
        self.login = Login(settings, lambda login: flow_of(login, print))
        self.bridge = Bridge(Display(login=self.login, send=self.sent.append, storage="memory"))

    def send(
        self, kind: str, page: str = PAGE, connection: str | None = None, **fields: Any
    ) -> None:
        if kind == "hello":
            fields |= ABLE
        self.bridge.receive({"type": kind, "page": page, **fields}, connection)

    @property
    def state(self) -> Any:
        return self.state_of(PAGE)

    def state_of(self, page: str) -> Any:
        sent = [message for message in self.sent if message["type"] == "state"]
        return [message for message in sent if message["to"] == page][-1]


@pytest.fixture
def new_card(hub: Hub, tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch) -> Iterator[Card]:
    """A card that no page shows yet."""
    assert hub.auth_states
    monkeypatch.setattr(background, "_start", lambda work, **_: work())
    card = Card(tenant)
    yield card
    card.bridge.close()
    card.login._current._timer.stop()


@pytest.fixture
def card(new_card: Card) -> Card:
    new_card.send("hello", origin=ORIGIN)
    new_card.send("stored_record", record=None)
    return new_card


def test_the_card_shows_who_is_there_without_a_click(card: Card) -> None:
    assert card.state["status"] == "authenticated"
    assert card.state["card"]["email"] == ADA


def test_nothing_is_stored_in_the_browser_nor_taken_from_it(card: Card) -> None:
    assert [message for message in card.sent if message["type"] == "store"] == []
    before = card.login.session
    card.send("stored_record", record='{"version": 1}')
    assert card.login.session is before
    assert card.state["problem"] is None


@pytest.mark.parametrize("page_first", [True, False])
def test_run_all_shows_the_card_to_whoever_runs_the_cell_that_waits(
    new_card: Card, monkeypatch: pytest.MonkeyPatch, *, page_first: bool
) -> None:
    waiting: list[Callable[[], object]] = []
    monkeypatch.setattr(background, "_start", lambda work, **_: waiting.append(work))

    def hello(page: str, connection: str) -> None:
        new_card.send("hello", page, connection, origin=ORIGIN)
        new_card.send("stored_record", page, connection, record=None)

    with new_card.login.waiters.wait(print, connection="mine"):
        if page_first:
            hello(PAGE, "mine")
        while waiting:
            waiting.pop(0)()
    if not page_first:
        hello(PAGE, "mine")
    hello(ANOTHER_PAGE, "another")
    while waiting:
        waiting.pop(0)()
    assert new_card.state["card"]["email"] == ADA
    assert new_card.state_of(ANOTHER_PAGE)["card"] is None
    assert [message for message in new_card.sent if message["type"] == "store"] == []


def test_a_cell_that_need_not_wait_shows_the_card_in_its_page_too(card: Card) -> None:
    card.send("hello", ANOTHER_PAGE, "another", origin=ORIGIN)
    card.send("stored_record", ANOTHER_PAGE, "another", record=None)
    assert card.state_of(ANOTHER_PAGE)["card"] is None
    card.login.starting_cells.add("another")
    assert card.state_of(ANOTHER_PAGE)["card"]["email"] == ADA
    assert card.state["card"]["email"] == ADA


def test_no_window_can_be_opened(card: Card) -> None:
    urls = {message["authorize_url"] for message in card.sent if message["type"] == "ready"}
    assert urls == {None}


@pytest.mark.parametrize("click", [{"kind": "window_blocked"}, {"kind": "use_code"}])
def test_whoever_has_logged_out_logs_in_again_with_a_click(
    card: Card, click: dict[str, str]
) -> None:
    card.send("log_out")
    assert card.state["status"] == "logged_out"
    card.send("hello", origin=ORIGIN)
    assert card.login.session is None, "and not by itself"
    card.send(**click)
    assert card.state["status"] == "authenticated"
    assert card.state["card"]["email"] == ADA


def test_a_hub_that_refuses_is_told_in_the_card(hub: Hub, tenant: LocalTenant) -> None:
    hub.auth_states.clear()
    card = Card(tenant)
    card.send("hello", origin=ORIGIN)
    deadline = time.monotonic() + 30
    while card.login.problem is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert card.state["problem"]["code"] == "hub_auth_state"
    card.bridge.close()


def test_a_token_response_of_the_tenant_is_what_these_tests_keep(tenant: LocalTenant) -> None:
    assert {"access_token", "id_token", "expires_in"} <= set(token_response(tenant))
