"""LocalTenant: start it, stop it, configure it, break it on purpose."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from auth0_widget.local_tenant import settings as defaults
from auth0_widget.local_tenant.application import build
from auth0_widget.local_tenant.context import Context, MutateIdToken, MutateResponse
from auth0_widget.local_tenant.ledger import Authorization
from auth0_widget.local_tenant.person import Person
from auth0_widget.local_tenant.scopes import granted_scope
from auth0_widget.local_tenant.serving import HOST, Serving, listen
from auth0_widget.local_tenant.settings import Lifetimes, Settings
from auth0_widget.local_tenant.traffic import Failure, Requests

if TYPE_CHECKING:
    from types import TracebackType

    from auth0_widget.local_tenant.model import Api, Application, Organization, User

log = logging.getLogger("auth0_widget.local_tenant")


class LocalTenant:
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
        clock: Seconds since the epoch; everything the tenant does goes by it.
    """

    def __init__(  # noqa: PLR0913 - each one is a setting of a tenant
        self,
        *,
        port: int = 0,
        origins: Sequence[str] = (),
        users: Iterable[User] | None = None,
        password: str = "local-tenant",  # noqa: S107 - public on purpose: the login page shows it
        applications: Iterable[Application] | None = None,
        apis: Iterable[Api] | None = None,
        organizations: Iterable[Organization] = (),
        lifetimes: Lifetimes | None = None,
        logout_urls: Iterable[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._port = port
        self._serving: Serving | None = None
        self._context = Context.of(
            Settings(
                clock=clock,
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
        self._app = build(self._context)

    # Running

    def start(self) -> LocalTenant:
        """Listen and answer, in a thread of its own.

        Raises:
            OSError: The port is taken.
        """
        if self._serving is None:
            listener = listen(self._port)
            self._port = listener.getsockname()[1]
            self._context.settings.url = f"http://{HOST}:{self._port}"
            self._context.sessions.port = self._port
            self._serving = Serving(self._app, listener)
            log.warning(
                "Local tenant for development at %s: invented people, a public password, "
                "never for real accounts.",
                self.url,
            )
        return self

    def stop(self) -> None:
        """Free the port and join the threads; the state stays. Twice is once."""
        if self._serving is not None:
            self._serving.stop()
            self._serving = None

    def __enter__(self) -> LocalTenant:
        return self.start()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
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

    # Breaking it on purpose

    @property
    def mutate_id_token(self) -> MutateIdToken | None:
        """Called with the claims of each ID token; its answer is signed instead.

        If it answers with a string, that is handed out as the ID token, see ``sign``.
        """
        return self._context.hooks.id_token

    @mutate_id_token.setter
    def mutate_id_token(self, hook: MutateIdToken | None) -> None:
        self._context.hooks.id_token = hook

    @property
    def mutate_response(self) -> dict[str, MutateResponse]:
        """Path → a function that changes the JSON object answered there.

        ``/authorize`` stands for the authorization response (code, state), which is no JSON.
        """
        return self._context.hooks.response

    @mutate_response.setter
    def mutate_response(self, hooks: Mapping[str, MutateResponse]) -> None:
        self._context.hooks.response = dict(hooks)

    def fail_next(
        self,
        path: str,
        status: int,
        *,
        body: str | bytes | None = None,
        content_type: str = "application/json",
        times: int = 1,
    ) -> None:
        """Let the next requests to a path fail, without doing anything.

        Args:
            path: Such as ``/oauth/token``.
            status: HTTP status of the answer.
            body: What to answer; by default an error in Auth0's shape.
            content_type: Of the body.
            times: How many requests.
        """
        if body is None:
            body = f'{{"error": "server_error", "error_description": "ordered failure {status}"}}'
        self._context.failures.add(path, Failure(status, body, content_type), times)

    def rotate_keys(self, *, keep_old: bool = True) -> None:
        """Sign with a new key from now on; without ``keep_old`` only that one is published."""
        self._context.keys.rotate(keep_old=keep_old)

    def sign(
        self,
        claims: Mapping[str, Any],
        *,
        headers: Mapping[str, Any] | None = None,
        key: Any = None,  # noqa: ANN401 - a private key of the cryptography package, or bytes
        algorithm: str = "RS256",
    ) -> str:
        """A JWT with any content, signed with the tenant's current key unless told otherwise.

        Args:
            claims: The payload, as it is.
            headers: Merged over ``alg``, ``typ`` and ``kid``; None removes one.
            key: Another private key, or bytes for HMAC.
            algorithm: How to sign; any spelling of "none" leaves the signature empty.
        """
        return self._context.keys.sign(claims, headers=headers, key=key, algorithm=algorithm)

    # Playing the person

    def sign_in(
        self, authorize_url: str, email: str = "ada@example.com", *, accept: bool = True
    ) -> dict[str, Any]:
        """Open an authorize URL as this person, log in and consent; over HTTP, no browser needed.

        Args:
            authorize_url: The whole URL, as a browser would open it.
            email: Who logs in.
            accept: False declines on the consent page.

        Returns:
            The authorization response: ``code`` and ``state``, or ``error`` and so on.

        Raises:
            RuntimeError: The tenant showed an error page instead of answering the application.
        """
        with Person(self.url, email, self.password, accept=accept) as person:
            return person.authorize(authorize_url)

    def approve_device(
        self, user_code: str, email: str = "ada@example.com", *, accept: bool = True
    ) -> None:
        """Type a device's code at ``/activate`` as this person, log in and confirm.

        Raises:
            RuntimeError: The code is unknown or its time is over.
        """
        with Person(self.url, email, self.password, accept=accept) as person:
            person.activate(user_code)

    def issue_code(  # noqa: PLR0913 - the parameters of an authorization request
        self,
        email: str = "ada@example.com",
        *,
        nonce: str | None,
        code_challenge: str | None,
        redirect_uri: str,
        scope: str,
        audience: str | None = None,
        max_age: int | None = None,
        organization: str | None = None,
    ) -> str:
        """A valid authorization code of the default application, as if this person had logged in.

        Raises:
            ValueError: There is no such user, API or organization.
        """
        settings = self._context.settings
        user, api = settings.user(email), settings.api(audience)
        known = settings.organization(organization) if organization else None
        if user is None or (audience and api is None) or (organization and known is None):
            message = "no such user, audience or organization in this tenant"
            raise ValueError(message)
        session = self._context.sessions.start(user)
        authorization = Authorization(
            client=self.application,
            user=user,
            audience=audience,
            scope=granted_scope(scope, self.application, api),
            session_id=session.id,
            nonce=nonce,
            auth_time=None if max_age is None else session.auth_time,
            organization=known,
            created_at=settings.now(),
        )
        return self._context.ledger.add_code(authorization, redirect_uri, code_challenge).value
