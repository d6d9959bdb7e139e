"""`LocalTenant`: its settings, and starting and stopping it."""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING, Any

from auth0_widget.local_tenant import settings as defaults
from auth0_widget.local_tenant.application import build
from auth0_widget.local_tenant.context import Context
from auth0_widget.local_tenant.controls import Controls
from auth0_widget.local_tenant.failing import Failing
from auth0_widget.local_tenant.proxies import no_proxy_variables
from auth0_widget.local_tenant.serving import Service
from auth0_widget.local_tenant.settings import Lifetimes, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from flask import Flask

    from auth0_widget.local_tenant.model import Api, Application, Organization, User
    from auth0_widget.local_tenant.request_log import Requests

log = logging.getLogger("auth0_widget.local_tenant")


class LocalTenant(Controls, Failing, Service):
    """A stand-in for Auth0 at 127.0.0.1, for development and tests; never for real accounts.

    Its state is kept in memory. Several tenants can run in one process::

        with LocalTenant(origins=["http://localhost:8888"]) as tenant:
            login = LoginWidget(domain=tenant.url, client_id=tenant.client_id)

    Args:
        port: TCP port; 0 lets the system choose. A tenant that is stopped and started again has the
            same port and the same state.
        origins: Web origins of the default application, see ``allow_origin``.
        users: The users; by default three invented people.
        password: Everybody's password, shown on the login page.
        applications: The first is the default application. Default: a notebook (public client)
            and an unattended job (client credentials).
        apis: Audiences; default one, ``https://notes.example.com/``.
        organizations: Organizations that the authorization parameter ``organization`` may name.
        lifetimes: Lifetimes of codes, tokens and sessions; Auth0's defaults.
        logout_urls: Allowed Logout URLs of the tenant, for logout without a client ID.
        auto_approve: The e-mail address of a user who approves every device login at once, so that
            notebooks run unattended; see the property of this name.
        revocation_deletes_grant: Auth0's tenant setting Refresh Token Revocation Deletes Grant:
            revoking one refresh token revokes all of the same user, application and audience.
        confirms_non_verifiable_callbacks: Auth0's Non-Verifiable Callback URI End-User
            Confirmation: whether the person must confirm a login that shows no other page and whose
            callback is on this machine. An application can override it.
        rate_limits: Whether a free tenant's rate limits apply: 300 requests a minute in all, 30 a
            second at ``/oauth/token``, 5 a minute at ``/userinfo`` for each user.
        clock: A function that returns the tenant's time, in seconds since 1970; by default that of
            the process, which a test may freeze.
    """

    def __init__(  # noqa: PLR0913 - each one is a setting of a tenant
        self,
        *,
        port: int = 0,
        origins: Sequence[str] = (),
        users: Iterable[User] | None = None,
        password: str = "development-only",  # noqa: S107 - public on purpose: the login page shows it
        applications: Iterable[Application] | None = None,
        apis: Iterable[Api] | None = None,
        organizations: Iterable[Organization] = (),
        lifetimes: Lifetimes | None = None,
        logout_urls: Iterable[str] = (),
        auto_approve: str | None = None,
        revocation_deletes_grant: bool = False,
        confirms_non_verifiable_callbacks: bool = True,
        rate_limits: bool = False,
        clock: Callable[[], float] | None = None,
    ) -> None:
        Service.__init__(self, port)
        self._context = Context.of(
            Settings(
                # Looked up at each call, because freezegun replaces time.time.
                clock=clock or (lambda: time.time()),  # noqa: PLW0108
                revocation_deletes_grant=revocation_deletes_grant,
                confirms_non_verifiable_callbacks=confirms_non_verifiable_callbacks,
                rate_limits=rate_limits,
                users=defaults.default_users() if users is None else list(users),
                password=password,
                applications=list(applications or defaults.default_applications()),
                apis=defaults.default_apis() if apis is None else list(apis),
                organizations=list(organizations),
                lifetimes=lifetimes or Lifetimes(),
                logout_urls=list(logout_urls),
            )
        )
        for origin in origins:
            self.allow_origin(origin)
        self.auto_approve = auto_approve
        self._app = build(self._context)

    def _application(self, url: str) -> Flask:
        self._context.settings.url = url
        self._context.sessions.port = self._port
        self._context.failures.resume()
        log.warning(
            "Local tenant for development at %s: invented people, a public password, "
            "never for real accounts.",
            url,
        )
        return self._app

    def stop(self) -> None:
        """Free the port and join the threads. The state is kept. A second call does nothing."""
        # Request threads are joined, so no client may be kept waiting.
        self._context.failures.cut_off()
        super().stop()

    def __repr__(self) -> str:
        """The URL, and whether the tenant runs."""
        state = "running" if self._serving else "stopped"
        return f"<LocalTenant {self._context.settings.url or 'not yet started'} {state}>"

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``, which ``LoginWidget`` takes as its domain.

        Raises:
            RuntimeError: The tenant has never been started, so it has no port yet.
        """
        if not self._context.settings.url:
            message = "the local tenant has no address before start()"
            raise RuntimeError(message)
        return self._context.settings.url

    @property
    def issuer(self) -> str:
        """The claim ``iss``: the URL with a slash at its end."""
        return f"{self.url}/"

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that lead programs to the tenant, without a proxy."""
        variables = {"AUTH0_DOMAIN": self.url, "AUTH0_CLIENT_ID": self.client_id}
        return variables | no_proxy_variables(os.environ)

    @property
    def application(self) -> Application:
        """The default application: the first one."""
        return self._context.settings.applications[0]

    @property
    def client_id(self) -> str:
        """The client ID of the default application."""
        return self.application.client_id

    @property
    def applications(self) -> list[Application]:
        """The registered applications; may be changed while the tenant runs."""
        return self._context.settings.applications

    @property
    def apis(self) -> list[Api]:
        """The registered APIs; may be changed while the tenant runs."""
        return self._context.settings.apis

    @property
    def organizations(self) -> list[Organization]:
        """The organizations; may be changed while the tenant runs."""
        return self._context.settings.organizations

    @property
    def lifetimes(self) -> Lifetimes:
        """The lifetimes of what is issued from now on; may be replaced while the tenant runs."""
        return self._context.settings.lifetimes

    @lifetimes.setter
    def lifetimes(self, lifetimes: Lifetimes) -> None:
        self._context.settings.lifetimes = lifetimes

    @property
    def revocation_deletes_grant(self) -> bool:
        """Whether revoking a refresh token revokes all of its user, application and audience."""
        return self._context.settings.revocation_deletes_grant

    @revocation_deletes_grant.setter
    def revocation_deletes_grant(self, value: bool) -> None:
        self._context.settings.revocation_deletes_grant = value

    @property
    def confirms_non_verifiable_callbacks(self) -> bool:
        """Whether the person must confirm a login without other pages to a callback on loopback."""
        return self._context.settings.confirms_non_verifiable_callbacks

    @confirms_non_verifiable_callbacks.setter
    def confirms_non_verifiable_callbacks(self, value: bool) -> None:
        self._context.settings.confirms_non_verifiable_callbacks = value

    @property
    def users(self) -> list[User]:
        """The users; may be changed while the tenant runs."""
        return self._context.settings.users

    @property
    def password(self) -> str:
        """Everybody's password."""
        return self._context.settings.password

    @property
    def requests(self) -> Requests:
        """The requests that the tenant has received: counts by path, a log, and ``clear()``."""
        return self._context.requests

    @property
    def jwks(self) -> dict[str, Any]:
        """The published key set."""
        return self._context.keys.jwks()

    def allow_origin(self, origin: str) -> None:
        """Let pages of this origin use the default application.

        It becomes one of its Allowed Callback URLs, Allowed Web Origins and Allowed Logout URLs.
        """
        self.application.allow_origin(origin.rstrip("/"))
