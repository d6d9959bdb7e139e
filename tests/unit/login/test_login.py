"""One login: its status, and its session (`login.current_session`)."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from auth0_widget.base import background
from auth0_widget.config import Settings
from auth0_widget.errors import CellCannotWaitError, PopupClosedError, SessionEndedError
from auth0_widget.flows.on_demand import OnDemandFlow
from auth0_widget.local_tenant import LocalTenant
from auth0_widget.login.login import Login
from auth0_widget.login.registry import shared_login
from auth0_widget.oauth.authorization_request import AuthorizationRequest
from auth0_widget.session.factory import session_from_record, session_from_response
from auth0_widget.session.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auth0_widget.login.login_flow import LoginFlow
    from auth0_widget.session.managed_session import ManagedSession
    from auth0_widget.session.session import Session

ORIGIN = "http://localhost:8888"
ADA, GRACE = "ada@example.com", "grace@example.com"
WITHOUT_RENEWAL = "openid profile email"  # that is, without offline_access


@pytest.fixture(scope="module")
def tenant() -> Iterator[LocalTenant]:
    with LocalTenant(origins=[ORIGIN]) as tenant:
        yield tenant


@pytest.fixture
def new_login(
    tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Login]]:
    """A kernel's login: ``new_login(scope=…)``."""
    monkeypatch.setattr(background, "_start", lambda work, **_: work())
    made: list[Login] = []

    def make(**changed: Any) -> Login:
        settings = Settings.resolve(domain=tenant.url, client_id=tenant.client_id, **changed)
        made.append(Login(settings))
        return made[-1]

    yield make
    for login in made:
        login._current._timer.stop()
        login.tenant.close()


@pytest.fixture
def login(new_login: Callable[..., Login]) -> Login:
    return new_login()


@pytest.fixture
def told(login: Login) -> list[object]:
    """What on_login and on_logout were called with, in order."""
    calls: list[object] = []
    login.session_events.on_login(lambda session: calls.append(session.user.name))
    login.session_events.on_logout(lambda: calls.append("logout"))
    return calls


def _session(login: Login, tenant: LocalTenant, email: str = ADA) -> ManagedSession:
    request = AuthorizationRequest(ORIGIN)
    response = tenant.sign_in(request.url(login.tenant), email)
    return session_from_response(login.tenant, login.jwks, request, response)


def _log_in(login: Login, tenant: LocalTenant, email: str = ADA) -> Session:
    login.complete(login.start(), _session(login, tenant, email))
    assert login.session is not None
    return login.session


def _record(session: Session, login: Login) -> Record:
    text = login.record_format.dump(session._managed.to_record())
    record = login.record_format.parse(text)
    assert isinstance(record, Record)
    return record


def test_on_login_is_called_once_for_a_login_and_not_for_a_renewal(
    login: Login, tenant: LocalTenant, told: list[object]
) -> None:
    session = _log_in(login, tenant)
    session.renew()
    assert told == ["Ada Lovelace"]


def test_on_login_is_called_once_for_a_session_from_the_browser(
    new_login: Callable[..., Login], login: Login, tenant: LocalTenant, told: list[object]
) -> None:
    record = _record(_log_in(new_login(), tenant), login)
    for _ in range(3):
        login.adopt_restored(session_from_record(login.tenant, login.jwks, record), sealed=True)
    assert told == ["Ada Lovelace"]


def test_the_same_person_again_is_the_same_session(
    login: Login, tenant: LocalTenant, told: list[object]
) -> None:
    session = _log_in(login, tenant)
    assert _log_in(login, tenant) is session
    assert told == ["Ada Lovelace"]


@pytest.mark.parametrize("lasts", [600, 10**6])
def test_the_session_gets_the_tokens_of_the_same_person_s_newer_login(
    login: Login, tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch, lasts: int
) -> None:
    session = _log_in(login, tenant)
    before = session.access_token
    changed = {"/oauth/token": lambda response: response | {"expires_in": lasts}}
    monkeypatch.setattr(tenant, "mutate_response", changed)
    _log_in(login, tenant)
    assert session.access_token != before
    assert session.expires_at == pytest.approx(time.time() + lasts, abs=5)


def test_on_logout_is_called_once(login: Login, tenant: LocalTenant, told: list[object]) -> None:
    _log_in(login, tenant)
    login.logout()
    login.logout()
    assert told == ["Ada Lovelace", "logout"]


def test_another_person_is_a_logout_and_a_login(
    login: Login, tenant: LocalTenant, told: list[object]
) -> None:
    ada = _log_in(login, tenant)
    _log_in(login, tenant, GRACE)
    assert told == ["Ada Lovelace", "logout", "Grace Hopper"]
    with pytest.raises(SessionEndedError, match="somebody else"):
        _ = ada.access_token


def test_expiry_is_not_a_logout(new_login: Callable[..., Login], tenant: LocalTenant) -> None:
    login = new_login(scope=WITHOUT_RENEWAL)
    calls: list[str] = []
    login.session_events.on_logout(lambda: calls.append("logout"))
    session = _log_in(login, tenant)
    with time_machine.travel(session.expires_at + 1):
        login._session_changed(session._managed)
        assert login.status == "expired"
        assert login.session is None
    assert calls == []


def test_to_look_at_the_session_changes_nothing_and_tells_nobody(
    new_login: Callable[..., Login], tenant: LocalTenant
) -> None:
    login = new_login(scope=WITHOUT_RENEWAL)
    session = _log_in(login, tenant)
    told: list[object] = []
    login.listen(lambda: told.append(login.status))
    login._current._timer.stop()
    with time_machine.travel(session.expires_at + 1):
        assert login.session is None
        assert login.began_at is None
        assert told == []
        login.expire_if_over()
        login.expire_if_over()
    assert told == ["expired"]


def test_a_login_has_its_flow_before_anybody_sees_it(settings: Settings) -> None:
    seen: list[Login] = []
    flows: list[LoginFlow] = []

    def flow_of(login: Login) -> LoginFlow:
        seen.append(login)
        flows.append(OnDemandFlow(login, lambda _login, _pause: pytest.fail("no cell waits")))
        return flows[-1]

    kernel = threading.current_thread()
    logins = [shared_login(settings, kernel, flow_of) for _ in range(2)]
    assert logins[0] is logins[1]
    assert logins[0].flow is flows[0]
    assert seen == logins[:1], "and only one"
    logins[0].tenant.close()


def test_a_reminder_that_comes_early_ends_nothing(
    new_login: Callable[..., Login], tenant: LocalTenant
) -> None:
    login = new_login(scope=WITHOUT_RENEWAL)
    session = _log_in(login, tenant)
    login._session_changed(session._managed)
    assert (login.status, login.session) == ("authenticated", session)


def test_a_logout_leaves_no_timer(new_login: Callable[..., Login], tenant: LocalTenant) -> None:
    login = new_login(scope=WITHOUT_RENEWAL)
    _log_in(login, tenant)
    stopped = login._current._timer._stopped
    assert stopped is not None
    login.logout()
    assert stopped.is_set()
    assert not login._current._timer.running


def test_a_session_that_renews_itself_has_no_end_to_watch_for(
    login: Login, tenant: LocalTenant
) -> None:
    session = _log_in(login, tenant)
    assert session.renewable
    assert not login._current._timer.running
    with time_machine.travel(time.time() + 30 * 86400):
        assert login.session is session


def test_a_second_login_that_fails_leaves_the_session_alone(
    login: Login, tenant: LocalTenant
) -> None:
    session = _log_in(login, tenant)
    login.fail(login.start(), PopupClosedError())
    assert (login.status, login.session) == ("authenticated", session)


def test_a_failure_is_forgotten_when_the_next_login_starts(login: Login) -> None:
    login.fail(login.start(), PopupClosedError())
    assert isinstance(login.problem, PopupClosedError)
    login.start()
    assert login.problem is None


def test_a_logout_forgets_an_earlier_failure(login: Login) -> None:
    login.fail(login.start(), PopupClosedError())
    login.logout()
    assert login.problem is None


def test_a_refusal_is_told_and_nothing_else_changes(login: Login, tenant: LocalTenant) -> None:
    login.report_cannot_wait(CellCannotWaitError())
    assert isinstance(login.problem, CellCannotWaitError)
    assert login.status == "logged_out"
    _log_in(login, tenant)
    assert login.problem is None
    login.report_cannot_wait(CellCannotWaitError())
    assert login.problem is None


def test_a_callback_that_fails_ends_nothing(login: Login, tenant: LocalTenant) -> None:
    def broken(_session: Session) -> None:
        raise RuntimeError

    login.session_events.on_login(broken)
    assert _log_in(login, tenant).active


def test_a_login_costs_one_token_one_profile_and_the_keys_once(
    new_login: Callable[..., Login], tenant: LocalTenant
) -> None:
    cold, warm = new_login(), new_login()
    for login, keys in ((cold, 1), (warm, 0)):
        tenant.requests.clear()
        _log_in(login, tenant)
        asked = {
            path: tenant.requests[path]
            for path in ("/oauth/token", "/userinfo", "/.well-known/jwks.json")
        }
        assert asked == {"/oauth/token": 1, "/userinfo": 1, "/.well-known/jwks.json": keys}
