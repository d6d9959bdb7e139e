"""LocalTenant: start it, stop it, configure it, break it on purpose."""

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
from auth0_widget.local_tenant.proxies import past_proxies
from auth0_widget.local_tenant.serving import Service
from auth0_widget.local_tenant.settings import Lifetimes, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from flask import Flask

    from auth0_widget.local_tenant.model import Api, Application, Organization, User
    from auth0_widget.local_tenant.traffic import Requests

log = logging.getLogger("auth0_widget.local_tenant")


class LocalTenant(Controls, Failing, Service):
    """An Auth0 stand-in on 127.0.0.1, for development and tests; never for real accounts.

    Everything is kept in memory. Several tenants can run side by side in one process::

        with LocalTenant(origins=["http://localhost:8888"]) as tenant:
            login = LoginWidget(domain=tenant.url, client_id=tenant.client_id)

    Args:
        port: TCP port; 0 lets the system choose. A tenant that is stopped and started again comes
            back on the port it had, with its state.
        origins: Web origins of the default application, see ``allow_origin``.
        users: Who can log in; default three invented people.
        password: Everybody's password, shown on the login page.
        applications: The first is the default application. Default: a notebook (public client)
            and an unattended job (client credentials).
        apis: Audiences; default one, ``https://notes.example.com/``.
        organizations: Organizations that the authorize parameter ``organization`` may name.
        lifetimes: Lifetimes of codes, tokens and sessions; Auth0's defaults.
        logout_urls: Allowed Logout URLs of the tenant, for logout without a client id.
        auto_approve: The e-mail address of a user who approves every device login at once, so
            that notebooks run unattended; see the property of this name.
        revocation_deletes_grant: Auth0's tenant setting Refresh Token Revocation Deletes Grant:
            revoking one refresh token revokes all of the same user, application and audience.
        confirms_non_verifiable_callbacks: Auth0's Non-Verifiable Callback URI End-User
            Confirmation: whether a login that would show no page shows one where its answer goes to
            this machine. It can be set for an application too.
        rate_limits: Whether a free tenant's rate limits hold: 300 requests a minute in all, 30 a
            second at ``/oauth/token``, 5 a minute at ``/userinfo`` for each user.
        clock: Seconds since the epoch; everything the tenant does goes by it. By default the
            process's, frozen or not.
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
                # Looked up each time: freezegun puts another function in its place.
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
        """Free the port and join the threads; the state stays. Twice is once."""
        # Their threads are joined, so nobody may go on waiting for an answer.
        self._context.failures.hang_up()
        super().stop()

    def __repr__(self) -> str:
        """The address and whether anybody answers there."""
        state = "running" if self._serving else "stopped"
        return f"<LocalTenant {self._context.settings.url or 'not yet started'} {state}>"

    # What it is

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``, which ``LoginWidget`` takes as its domain.

        Raises:
            RuntimeError: The tenant was never started, so it has no port yet.
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
        """The variables by which programs find the tenant, past the proxies of this process."""
        variables = {"AUTH0_DOMAIN": self.url, "AUTH0_CLIENT_ID": self.client_id}
        return variables | past_proxies(os.environ)

    @property
    def application(self) -> Application:
        """The default application: the first one."""
        return self._context.settings.applications[0]

    @property
    def client_id(self) -> str:
        """The client id of the default application."""
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
        """How long things live that are made from now on; may be replaced while it runs."""
        return self._context.settings.lifetimes

    @lifetimes.setter
    def lifetimes(self, lifetimes: Lifetimes) -> None:
        self._context.settings.lifetimes = lifetimes

    @property
    def revocation_deletes_grant(self) -> bool:
        """Whether revoking a refresh token ends all of its user, application and audience."""
        return self._context.settings.revocation_deletes_grant

    @revocation_deletes_grant.setter
    def revocation_deletes_grant(self, value: bool) -> None:
        self._context.settings.revocation_deletes_grant = value

    @property
    def confirms_non_verifiable_callbacks(self) -> bool:
        """Whether a silent login asks for one click where its answer goes to this machine."""
        return self._context.settings.confirms_non_verifiable_callbacks

    @confirms_non_verifiable_callbacks.setter
    def confirms_non_verifiable_callbacks(self, value: bool) -> None:
        self._context.settings.confirms_non_verifiable_callbacks = value

    @property
    def users(self) -> list[User]:
        """Who can log in; may be changed while the tenant runs."""
        return self._context.settings.users

    @property
    def password(self) -> str:
        """Everybody's password."""
        return self._context.settings.password

    @property
    def requests(self) -> Requests:
        """What was asked of the tenant: counts by path, a log, and ``clear()``."""
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
