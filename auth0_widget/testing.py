"""Fixtures for people who test notebooks, and libraries that take a session.

A pytest plugin: installing ``auth0-widget[test]`` is enough. Nothing in it is a mock: a local
tenant runs, the login uses the real protocol, and tests get a real session.
"""

from __future__ import annotations

import datetime as dt
import os
import threading
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auth0_widget.local_tenant import LocalTenant
    from auth0_widget.login.login import Login
    from auth0_widget.session.session import Session

# The origin of a page that is allowed at the tenant and never opened.
_ORIGIN = "http://127.0.0.1:8888"


@pytest.fixture
def local_tenant(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalTenant]:
    """A local tenant of this test's own, which every `LoginWidget` made without arguments uses.

    ``AUTH0_DOMAIN`` and ``AUTH0_CLIENT_ID`` point to it, and no other ``AUTH0_`` variable is set.
    Requests to it use no proxy. ``local_tenant.fail("token", "rate_limited")`` makes its next token
    request fail; ``local_tenant.requests["/oauth/token"]`` counts its token requests. Its users are
    Ada, Grace and Alan.
    """
    # Only here: pytest loads this module in every run where the package is installed.
    from auth0_widget.local_tenant import LocalTenant  # noqa: PLC0415
    from auth0_widget.notebook.front_ends import shared_logins  # noqa: PLC0415

    for variable in [name for name in os.environ if name.startswith("AUTH0_")]:
        monkeypatch.delenv(variable)
    with LocalTenant(origins=[_ORIGIN]) as tenant, shared_logins():
        for variable, value in tenant.environment.items():
            monkeypatch.setenv(variable, value)
        yield tenant


@pytest.fixture
def login_as(local_tenant: LocalTenant) -> Iterator[Callable[..., Session]]:
    """Log somebody in and get the session: ``login_as("grace@example.com")``.

    The whole protocol runs, without a browser: authorization request, login and consent pages, code
    exchange, verification, profile. ``LoginWidget()`` has the session too.

    Arguments: the user's e-mail address, and ``audience``, ``scope`` and ``organization`` as
    `LoginWidget` has them. ``accept=False`` declines on the consent page, and raises
    `LoginDeniedError`.
    """
    from auth0_widget.config import Settings  # noqa: PLC0415 - only where it is used
    from auth0_widget.login.registry import shared_login  # noqa: PLC0415
    from auth0_widget.oauth.authorization_request import AuthorizationRequest  # noqa: PLC0415
    from auth0_widget.session.factory import session_from_response  # noqa: PLC0415

    logins: set[Login] = set()

    def log_in(
        email: str = "ada@example.com",
        *,
        audience: str | None = None,
        scope: str | None = None,
        organization: str | None = None,
        accept: bool = True,
    ) -> Session:
        settings = Settings.resolve(audience=audience, scope=scope, organization=organization)
        login = shared_login(settings, threading.main_thread())
        logins.add(login)
        request = AuthorizationRequest(_ORIGIN, response_mode="web_message")
        attempt = login.start()
        response = local_tenant.sign_in(request.url(login.tenant), email, accept=accept)
        session = session_from_response(login.tenant, login.jwks, request, response)
        login.complete(attempt, session)
        return login.session or session.public

    yield log_in
    for login in logins:
        # Ended first, so that nothing is left to be revoked at a tenant that is about to stop.
        if login.managed_session is not None:
            login.managed_session.end()
        login.logout()
        login.tenant.close()


@pytest.fixture
def logged_in_session(login_as: Callable[..., Session]) -> Session:
    """A session of Ada Lovelace, ada@example.com; the fixture `login_as` has other people's."""
    return login_as("ada@example.com")


@pytest.fixture
def time_travel() -> Iterator[Callable[..., None]]:
    """Move this process, the local tenant included, into the future: ``time_travel(hours=25)``.

    The arguments are those of ``datetime.timedelta``; several calls add up. The clock goes on from
    there, and is restored after the test.
    """
    import time_machine  # noqa: PLC0415 - of the extra; and only where it is used

    now = dt.datetime.now(tz=dt.timezone.utc)
    with time_machine.travel(now, tick=True) as traveller:

        def travel(**duration: float) -> None:
            traveller.shift(dt.timedelta(**duration))

        yield travel
