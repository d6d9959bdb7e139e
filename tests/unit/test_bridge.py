"""What pages are told: how to show the widget, where to log in and out, and who it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from auth0_widget import bridge as bridge_module
from auth0_widget.authorize import AuthorizeOptions
from auth0_widget.bridge import Bridge
from auth0_widget.config import Settings
from auth0_widget.flows import popup
from auth0_widget.local_tenant import LocalTenant
from auth0_widget.login import Login

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ORIGIN = "http://localhost:8888"
PAGE, OTHER_PAGE = "page-0000-0000-0000", "page-1111-1111-1111"


class Widget:
    """A bridge to one login, and the pages at its other end."""

    def __init__(self, tenant: LocalTenant, login: Login, **options: Any) -> None:
        self._tenant = tenant
        self.login = login
        self.sent: list[Any] = []
        self.bridge = Bridge(login, "local", self.sent.append, **options)

    def receive(self, kind: str, page: str = PAGE, **fields: Any) -> None:
        self.bridge.receive({"type": kind, "page": page, **fields})

    def last(self, kind: str, page: str = PAGE) -> Any:
        return [each for each in self.sent if (each["type"], each["to"]) == (kind, page)][-1]

    def open(self, page: str = PAGE) -> str:
        self.receive("hello", page, origin=ORIGIN)
        self.receive("start", page)
        url: str = self.last("ready", page)["authorize_url"]
        return url

    def log_in(self) -> None:
        self.receive("answer", response=self._tenant.sign_in(self.open()))


@pytest.fixture(scope="module")
def tenant() -> Iterator[LocalTenant]:
    with LocalTenant(origins=[ORIGIN]) as tenant:
        yield tenant


@pytest.fixture
def new_widget(
    tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Widget]]:
    for module in (bridge_module, popup):  # what is done in the background is done at once
        monkeypatch.setattr(module, "in_background", lambda work: work())
    settings = Settings.resolve(
        domain=tenant.url, client_id=tenant.client_id, scope="openid profile email"
    )
    made: list[Widget] = []

    def make(**options: Any) -> Widget:
        made.append(Widget(tenant, Login(settings), **options))
        return made[-1]

    yield make
    tenant.mutate_id_token = None
    tenant.mutate_response = {}
    for widget in made:
        widget.bridge.close()
        widget.login.logout()
        widget.login.tenant.close()


def test_a_page_learns_how_much_to_show(new_widget: Callable[..., Widget]) -> None:
    for show in ("card", "button", "badge"):
        widget = new_widget(show=show)
        widget.receive("hello", origin=ORIGIN)
        assert widget.last("ready")["show"] == show


def test_the_tenant_s_own_session_ends_only_where_that_is_wanted(
    new_widget: Callable[..., Widget], tenant: LocalTenant
) -> None:
    widget = new_widget()
    widget.receive("hello", origin=ORIGIN)
    assert widget.last("ready")["logout_url"] is None
    widget = new_widget(end_auth0_session=True)
    widget.receive("hello", origin=ORIGIN)
    widget.receive("hello", OTHER_PAGE, origin="https://hub.example.com")
    for page, origin in ((PAGE, ORIGIN), (OTHER_PAGE, "https://hub.example.com")):
        url = urlsplit(widget.last("ready", page)["logout_url"])
        assert f"{url.scheme}://{url.netloc}{url.path}" == f"{tenant.url}/v2/logout"
        # The page's own origin and no other: an open redirect would begin here.
        assert dict(parse_qsl(url.query)) == {"client_id": tenant.client_id, "returnTo": origin}


def test_the_author_s_options_are_in_every_url(new_widget: Callable[..., Widget]) -> None:
    widget = new_widget(options=AuthorizeOptions.resolve({"login_hint": "ada@example.com"}))
    for _ in range(2):
        assert "login_hint=ada%40example.com" in widget.open()


def test_a_password_typed_too_long_ago_is_no_login(
    new_widget: Callable[..., Widget], tenant: LocalTenant
) -> None:
    widget = new_widget(options=AuthorizeOptions.resolve({}, max_age=60))
    tenant.mutate_id_token = lambda claims: claims | {"auth_time": claims["iat"] - 3600}
    widget.log_in()
    assert widget.last("state")["status"] == "error"
    tenant.mutate_id_token = None
    widget.log_in()
    assert widget.last("state")["status"] == "authenticated"


def test_a_session_that_is_over_leaves_who_it_was(
    new_widget: Callable[..., Widget], monkeypatch: pytest.MonkeyPatch
) -> None:
    widget = new_widget()
    widget.log_in()
    session = widget.login.session
    assert session is not None
    monkeypatch.setattr("time.time", lambda: session.expires_at + 1)
    assert widget.login.session is None
    state = widget.last("state")
    assert (state["status"], state["card"]["name"]) == ("expired", "Ada Lovelace")
    widget.receive("hello", OTHER_PAGE, origin=ORIGIN)
    widget.receive("record", OTHER_PAGE, record=None)
    assert widget.last("state", OTHER_PAGE)["card"] is None
    widget.receive("logout")
    assert widget.last("state")["card"] is None


def test_a_record_that_is_over_says_who_it_was_to_a_new_kernel(
    new_widget: Callable[..., Widget], monkeypatch: pytest.MonkeyPatch
) -> None:
    widget = new_widget()
    widget.log_in()
    record = widget.last("store")["record"]
    session = widget.login.session
    assert session is not None
    end = session.expires_at
    monkeypatch.setattr("time.time", lambda: end + 1)
    restarted = new_widget()
    restarted.receive("hello", origin=ORIGIN)
    restarted.receive("record", record=record)
    state = restarted.last("state")
    assert (state["status"], state["card"]["name"]) == ("expired", "Ada Lovelace")
    assert state["card"]["profile"] == {}
    assert restarted.last("store")["record"] == ""


def test_a_record_that_anybody_could_have_written_names_nobody(
    new_widget: Callable[..., Widget], monkeypatch: pytest.MonkeyPatch
) -> None:
    widget = new_widget()
    widget.log_in()
    forged = widget.last("store")["record"].replace("Ada Lovelace", "Somebody Else")
    session = widget.login.session
    assert session is not None
    end = session.expires_at
    monkeypatch.setattr("time.time", lambda: end + 1)
    restarted = new_widget()
    restarted.receive("hello", origin=ORIGIN)
    restarted.receive("record", record=forged)
    assert restarted.last("state")["card"] is None


def test_a_login_can_be_cancelled_by_a_page_that_has_no_window(
    new_widget: Callable[..., Widget],
) -> None:
    widget = new_widget()
    widget.open()
    widget.receive("hello", OTHER_PAGE, origin=ORIGIN)
    widget.receive("failed", OTHER_PAGE, reason="cancelled")
    state = widget.last("state")
    assert (state["status"], state["problem"]["code"]) == ("error", "login_cancelled")


def test_cancelling_when_nothing_is_under_way_changes_nothing(
    new_widget: Callable[..., Widget],
) -> None:
    widget = new_widget()
    widget.receive("hello", origin=ORIGIN)
    widget.receive("failed", reason="cancelled")
    assert widget.login.status == "logged_out"


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "javascript:alert(1)",
        "\\evil.example",
        "https://evil.example/path",
        "https://user@evil.example",
        "https://evil.example?x=1",
        "https://evil.example#",
        "null",
        "",
    ],
)
def test_a_logout_returns_to_an_origin_and_to_nothing_else(
    new_widget: Callable[..., Widget], target: str
) -> None:
    with pytest.raises(bridge_module.Auth0WidgetError, match="origin of a page"):
        new_widget().login.tenant.logout_url(target)
