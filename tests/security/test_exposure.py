"""Threats 1, 3 and 29: a notebook shows, stores and logs nothing secret or personal."""
# ruff: noqa: PLR0917 - a test asks for the fixtures it needs

from __future__ import annotations

import copy
import json
import logging
import pickle
import pprint
import traceback
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import IPython
import pytest
import requests as requests_library
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.ultratb import VerboseTB
from kernel import ORIGIN, PAGE, Kernel
from lifetimes import end_in

from auth0_widget import LoginWidget
from auth0_widget.errors import Auth0WidgetError, SecretExposureError
from auth0_widget.notebook import widget
from auth0_widget.oauth import transport
from auth0_widget.oauth.authorization_request import AuthorizationRequest, code_from_response
from auth0_widget.pages.parsing import parse_message
from auth0_widget.session.factory import (
    fetch_profile,
    session_from_record,
    session_from_tokens,
)
from auth0_widget.session.record import RecordFormat

from .hostile import HostileServer, respond

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auth0_widget.base.redaction import Secret
    from auth0_widget.local_tenant import LocalTenant
    from auth0_widget.session.managed_session import ManagedSession
    from auth0_widget.session.session import Session


@dataclass(repr=False)  # verbose tracebacks show the tests' own variables too
class Visit:
    """A login, and everything about it that may not be seen anywhere.

    Attributes:
        canaries: What it is → the text.
    """

    kernel: Kernel
    session: Session
    request: AuthorizationRequest
    code: Secret
    canaries: dict[str, str]

    def assert_unseen(self, text: str) -> None:
        """None of it is in the text."""
        assert [name for name, canary in self.canaries.items() if canary in text] == []


@pytest.fixture
def visit(kernel: Kernel, tenant: LocalTenant) -> Visit:
    session = kernel.log_in()
    request = AuthorizationRequest(ORIGIN, response_mode="web_message")
    response = tenant.sign_in(request.url(kernel.login.tenant))
    code = code_from_response(response, kernel.settings.issuer)
    refresh_token = session._managed._refresh_tokens.current
    assert refresh_token is not None
    canaries = {
        "access token": session.access_token,
        "ID token": session.id_token,
        "payload": session.id_token.split(".")[1],
        "refresh token": refresh_token.reveal(),
        "code": code.reveal(),
        "verifier": request.verifier.reveal(),
        "state": request.state.reveal(),
        "nonce": request.nonce.reveal(),
        "e-mail": "ada@example.com",
        "name": "Ada Lovelace",
        "sub": session.user.sub,
    }
    return Visit(kernel, session, request, code, canaries)


def _things(visit: Visit) -> dict[str, Any]:
    session, kernel = visit.session, visit.kernel
    tokens = session._managed._tokens
    message = {
        "type": "authorization_response",
        "page": PAGE,
        "response": {"code": visit.code.reveal()},
    }
    return {
        "session": session,
        "user": session.user,
        "profile": session.profile,
        "claims": session.claims,
        "auth": session.auth,
        "tokens": tokens,
        "login": kernel.login,
        "bridge": kernel.bridge,
        "page": kernel.bridge._pages,
        "tenant": kernel.login.tenant,
        "request": visit.request,
        "code": visit.code,
        "record": session._managed.to_record(),
        "stored": kernel.login.record_format.parse(kernel.stored()),
        "answer": parse_message(message),
        "seen": parse_message({"type": "stored_record", "page": PAGE, "record": kernel.stored()}),
    }


@pytest.mark.parametrize(
    "show",
    [repr, str, "{}".format, "{!r}".format, "%s".__mod__, pprint.pformat, lambda x: repr([x]),
     lambda x: repr({"x": x}), lambda x: repr(dir(x)), lambda x: repr((x, x))],
    ids=["repr", "str", "format", "format repr", "percent", "pprint", "list", "dict", "dir",
         "tuple"],
)  # fmt: skip
def test_threat_03_showing_a_thing(visit: Visit, shown: Any, show: Callable[[Any], str]) -> None:
    for thing in _things(visit).values():
        visit.assert_unseen(show((thing,) if show == "%s".__mod__ else thing))
    shown("nothing seen")


def test_threat_03_a_thing_as_the_last_line_of_a_cell(visit: Visit, shown: Any) -> None:
    formatter = InteractiveShell.instance().display_formatter
    assert formatter is not None
    for thing in _things(visit).values():
        data, metadata = formatter.format(thing)
        assert data
        visit.assert_unseen(repr(data) + repr(metadata))
    shown("nothing seen in any format")


def test_threat_03_after_its_end_a_session_shows_as_little(visit: Visit, shown: Any) -> None:
    visit.kernel.login.logout()
    visit.assert_unseen(repr(visit.session))
    shown("nothing seen")


def _renew(visit: Visit) -> None:
    visit.session.renew()


def _use_expired(visit: Visit) -> None:
    end_in(visit.session, 0)
    _ = visit.session.access_token


def _exchange(visit: Visit) -> Any:
    return visit.kernel.login.tenant.authorization_code_grant(
        code=visit.code, verifier=visit.request.verifier, redirect_uri=ORIGIN
    )


def _establish(visit: Visit) -> ManagedSession:
    login, response = visit.kernel.login, _exchange(visit)
    visit.canaries["later access token"] = response.access_token.reveal()
    return session_from_tokens(
        login.tenant, login.jwks, response, nonce=visit.request.nonce.reveal()
    )


def _userinfo(visit: Visit) -> None:
    fetch_profile(
        visit.kernel.login.tenant, visit.session._managed._tokens.access_token, "auth0|eve"
    )


def _revoke(visit: Visit) -> None:
    assert visit.session._managed._refresh_tokens.current is not None
    visit.kernel.login.tenant.revoke(visit.session._managed._refresh_tokens.current)


def _restore(visit: Visit) -> None:
    login = visit.kernel.login
    record = RecordFormat(login.record_identity, b"another key").parse(visit.kernel.stored())
    session_from_record(login.tenant, login.jwks, record)  # type: ignore[arg-type]


def _fail_login(visit: Visit) -> None:
    kernel = visit.kernel
    kernel.login.logout()
    visit.canaries.pop("state")
    response = kernel.tenant.sign_in(kernel.open())
    visit.canaries["this code"] = response["code"]
    kernel.receive("authorization_response", response=response)
    assert kernel.login.problem is not None
    raise kernel.login.problem


ATTEMPTS = {
    "/oauth/token": [_renew, _use_expired, _exchange, _establish, _fail_login],
    "/userinfo": [_userinfo, _restore],
    "/oauth/revoke": [_revoke],
}
FAILURES = {
    "down": (503, "{}"),
    "refused": (403, '{"error": "invalid_grant", "error_description": "ada@example.com no"}'),
    "nonsense": (200, "<html>"),
    "large": (200, "x" * 70_000),
    "redirect": (302, ""),
}


@pytest.mark.parametrize(
    ("path", "attempt", "failure"),
    [
        pytest.param(path, attempt, failure, id=f"{attempt.__name__[1:]}-{path}-{failure}")
        for path, attempts in ATTEMPTS.items()
        for attempt in attempts
        for failure in FAILURES
        if not (path == "/oauth/revoke" and failure == "nonsense")  # its body is of no interest
    ],
)
def test_threat_03_a_failure_in_a_cell(
    visit: Visit, tenant: LocalTenant, shown: Any, path: str, attempt: Any, failure: str
) -> None:
    status, body = FAILURES[failure]
    tenant.fail_next(path, status, body=body, times=99)
    _assert_nothing_leaks(visit, attempt, shown)


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "auth0|eve"},
        {"aud": "another"},
        {"exp": 1},
        {"iat": 1 << 39},
        {"nonce": "x", "azp": 1},
    ],
    ids=str,
)
@pytest.mark.parametrize("attempt", [_renew, _establish, _fail_login])
def test_threat_03_a_refused_id_token_in_a_cell(
    visit: Visit, tenant: LocalTenant, shown: Any, claims: Any, attempt: Any
) -> None:
    tenant.mutate_id_token = lambda given: given | claims
    _assert_nothing_leaks(visit, attempt, shown)


def _assert_nothing_leaks(visit: Visit, attempt: Any, shown: Any) -> None:
    with pytest.raises(Auth0WidgetError) as failure:
        attempt(visit)
    error = failure.value
    shown(f"`{error.code}`")
    visit.assert_unseen(str(error) + repr(error) + repr(vars(error)))
    visit.assert_unseen("".join(traceback.format_exception(error)))
    visit.assert_unseen(_verbose(error))
    # A debugger sees more than a traceback prints: every variable, and chained errors too.
    chain: list[BaseException] = [error]
    while (inner := chain[-1].__cause__ or chain[-1].__context__) is not None:
        chain.append(inner)
    for link in chain:
        for frame, _ in traceback.walk_tb(link.__traceback__):
            if frame.f_code.co_filename != __file__ and "/tests/" not in frame.f_code.co_filename:
                visit.assert_unseen(repr(frame.f_locals))


@pytest.mark.parametrize(
    "attempt", [_renew, _use_expired, _establish, _userinfo, _revoke, _restore]
)
def test_threat_03_stop_while_the_tenant_is_asked(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, shown: Any, attempt: Any
) -> None:
    class Interrupted(Future[Any]):
        def result(self, *_: Any) -> Any:
            raise KeyboardInterrupt

    monkeypatch.setattr(transport, "Future", Interrupted)
    with pytest.raises(KeyboardInterrupt) as stopped:
        attempt(visit)
    visit.assert_unseen(_verbose(stopped.value))
    shown("nothing seen")


def _verbose(error: BaseException) -> str:
    """The output of ``%xmode Verbose``."""
    # Python 3.10 has IPython 8, which calls it a colour scheme.
    is_new = IPython.version_info >= (9,)
    plain: dict[str, Any] = {"theme_name": "nocolor"} if is_new else {"color_scheme": "NoColor"}
    lines = VerboseTB(include_vars=True, **plain).structured_traceback(
        type(error), error, error.__traceback__, None, 9
    )
    return "\n".join(map(str, lines))


API_FAILURES = ("cut", "slow", "status")


@pytest.fixture
def dead() -> str:
    """An address at which no server listens."""
    with HostileServer() as server:
        return server.url


def _cut(handler: Any) -> None:
    handler.close_connection = True


@pytest.mark.parametrize(
    ("library", "case"),
    # Over plain http the standard library writes the request before it connects, so requests
    # and a dead server on this machine are left out (docs/security.md, limits).
    [(httpx, "dead"), *((lib, case) for lib in (httpx, requests_library) for case in API_FAILURES)],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_threat_03_an_api_that_fails_in_a_cell(
    visit: Visit, hostile: HostileServer, dead: str, shown: Any, library: Any, case: str
) -> None:

    def _slow(_: object) -> None:
        hostile.stopping.wait()

    hostile.responders = {
        "/cut": _cut,
        "/slow": _slow,
        "/status": respond(500),
    }
    url = dead if case == "dead" else f"{hostile.url}/{case}"
    auth = visit.session.auth_for(url)
    with pytest.raises((httpx.HTTPError, requests_library.RequestException)) as failure:
        library.get(url, auth=auth, timeout=0.3).raise_for_status()
    text = _verbose(failure.value)
    visit.assert_unseen(text)
    visit.assert_unseen("".join(traceback.format_exception(failure.value)))
    shown("nothing seen")


def test_threat_03_an_address_that_is_refused_in_a_cell(visit: Visit, shown: Any) -> None:
    for library in (httpx, requests_library):
        with pytest.raises(Auth0WidgetError) as failure:
            library.get("https://evil.com", auth=visit.session.auth)
        visit.assert_unseen(_verbose(failure.value))
        shown(f"`{failure.value.code}`")


def test_threat_03_a_cell_of_a_real_shell(
    visit: Visit, tenant: LocalTenant, shown: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = InteractiveShell.instance()
    shell.user_ns["session"] = visit.session
    tenant.fail_next("/oauth/token", 403)
    shell.run_line_magic("xmode", "Verbose")
    shell.run_cell("session")
    shell.run_cell("token = session.renew()")
    said = "".join(capsys.readouterr())
    assert "token_request_failed" in said or "TokenRequestError" in said
    visit.assert_unseen(said)
    shown("nothing seen")


def test_threat_03_logs_of_everybody_at_debug(
    new_kernel: Callable[..., Kernel],
    tenant: LocalTenant,
    hostile: HostileServer,
    caplog: pytest.LogCaptureFixture,
    shown: Any,
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "auth0_widget", "urllib3"):
        caplog.set_level(logging.DEBUG, logger=name)
    kernel = new_kernel()
    url = kernel.open()
    response = tenant.sign_in(url)
    caplog.clear()  # the person's own browser is not ours
    kernel.receive("authorization_response", response=response)
    session = kernel.login.session
    assert session is not None
    secrets = [response["code"], response["state"], session.access_token, session.id_token]
    assert session._managed._refresh_tokens.current is not None
    secrets.append(session._managed._refresh_tokens.current.reveal())
    hostile.responders["/"] = respond(200)
    httpx.get(hostile.url, auth=session.auth_for(hostile.url))
    requests_library.get(hostile.url, auth=session.auth_for(hostile.url))
    for text in ("", "{}", kernel.tamper(kernel.stored(), id_token="x")):
        kernel.find(text)
    session.renew()
    secrets += [
        session.access_token,
        session._managed._refresh_tokens.current.reveal(),
        "ada@",
        "Lovelace",
    ]
    kernel.receive("authorization_response", response=response)
    kernel.login.logout()
    kernel.find("nonsense")
    assert "httpcore" in {record.name.partition(".")[0] for record in caplog.records}
    logged = caplog.text + repr([vars(record) for record in caplog.records])
    assert [secret for secret in secrets if secret in logged] == []
    shown("nothing logged")


@pytest.fixture
def shown_widget(
    new_kernel: Callable[..., Kernel], tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[LoginWidget, Kernel]]:
    """A widget that shows the login of a kernel."""
    kernel = new_kernel()
    monkeypatch.setattr(widget, "shared_login", lambda *_: kernel.login)
    login = LoginWidget(domain=tenant.url, client_id=tenant.client_id)
    yield login, kernel
    login.close()


def test_threat_01_the_widget_s_saved_state(
    shown_widget: tuple[LoginWidget, Kernel], shown: Any
) -> None:
    login, kernel = shown_widget
    session = kernel.log_in()
    assert login.session is session
    state = repr(login.get_state()) + repr(login.trait_values())
    bundle = repr(login._repr_mimebundle_()) + repr(login)
    canaries = [session.access_token, session.id_token, "ada@", "Lovelace", session.user.sub]
    assert session._managed._refresh_tokens.current is not None
    canaries.append(session._managed._refresh_tokens.current.reveal())
    assert [canary for canary in canaries if canary in state + bundle] == []
    login.close()
    # The layout, a widget of its own, is closed as well and has no name any more.
    state = repr(login.get_state(set(login.keys) - {"layout"}))
    assert [canary for canary in canaries if canary in state] == []
    shown("nothing saved")


def test_threat_01_no_synced_trait_is_ours(
    shown_widget: tuple[LoginWidget, Kernel], shown: Any
) -> None:
    login, _ = shown_widget
    inherited = set(login.traits(sync=True)) - {"_esm", "_css"}
    parent = set(LoginWidget.__mro__[1].class_traits(sync=True))
    assert inherited <= parent | {"_anywidget_id"}
    shown("no trait of ours is synced")


EXPORTS: dict[str, Callable[[object], object]] = {
    "pickle": pickle.dumps,
    "pickle 0": lambda thing: pickle.dumps(thing, protocol=0),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "in a list": lambda thing: copy.deepcopy([thing]),
}


@pytest.mark.parametrize("how", EXPORTS)
@pytest.mark.parametrize("name", ["session", "user", "profile", "claims", "code"])
def test_threat_29_a_copy(visit: Visit, refused: Any, how: str, name: str) -> None:
    with refused(SecretExposureError) as cannot_wait_error:
        EXPORTS[how](_things(visit)[name])
    visit.assert_unseen(str(cannot_wait_error.value))


@pytest.mark.parametrize("how", ["pickle", "deepcopy"])
@pytest.mark.parametrize("name", ["auth", "login", "record", "request", "answer", "tokens"])
def test_threat_29_a_copy_of_what_holds_secrets(
    visit: Visit, shown: Any, how: str, name: str
) -> None:
    with pytest.raises(TypeError) as cannot_wait_error:
        EXPORTS[how](_things(visit)[name])
    visit.assert_unseen(str(cannot_wait_error.value))
    shown(f"`{SecretExposureError.code}` or TypeError")


@pytest.mark.parametrize("name", ["session", "user", "profile", "claims", "code", "record"])
def test_threat_29_json(visit: Visit, shown: Any, name: str) -> None:
    with pytest.raises(TypeError) as cannot_wait_error:
        json.dumps({"thing": _things(visit)[name]})
    visit.assert_unseen(str(cannot_wait_error.value))
    shown("TypeError")
