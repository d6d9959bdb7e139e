"""The session as users have it: who logged in, the tokens, and what signs requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from auth0_widget.base.redaction import Unexportable
from auth0_widget.config import OnExpiry, check_choice

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from auth0_widget.session.managed_session import ManagedSession
    from auth0_widget.session.request_auth import SessionAuth
    from auth0_widget.session.token_source import TokenSource
    from auth0_widget.session.user import User


class Session(Unexportable):
    """One login of one person. Safe to use from several threads.

    Tokens renew inside it for as long as the tenant allows. Once the person logs out, or somebody
    else logs in, every use of it raises `SessionEndedError`: it never speaks for anybody else.
    """

    __slots__ = ("__weakref__", "_managed")

    def __init__(self, managed: ManagedSession) -> None:
        self._managed = managed

    @property
    def user(self) -> User:
        """Name, nickname, e-mail, picture and subject of the person."""
        return self._managed.user

    @property
    def profile(self) -> Mapping[str, Any]:
        """What ``/userinfo`` said about the person (OpenID Connect Core 5.3)."""
        return self._managed.profile

    @property
    def claims(self) -> Mapping[str, Any]:
        """The verified claims of the latest ID token."""
        return self._managed.tokens.claims

    @property
    def id_token(self) -> str:
        """The latest ID token, as the tenant signed it. A secret: do not print it."""
        return self._managed.tokens.id_token.reveal()

    @property
    def access_token(self) -> str:
        """An access token that is good now, renewed first if need be. A secret: do not print it.

        Raises:
            SessionEndedError: The person logged out, or somebody else logged in.
            SessionExpiredError: It has expired and cannot be renewed.
            UnreachableError: It must be renewed and the tenant could not be asked.
        """
        return self._managed.valid_access_token().reveal()

    @property
    def scope(self) -> str:
        """The scopes that were granted, separated by spaces."""
        return self._managed.tokens.scope

    @property
    def missing_scope(self) -> str:
        """The scopes that were asked for and not granted, separated by spaces; mostly empty."""
        from auth0_widget.oauth.granted import missing_scopes  # noqa: PLC0415 - seldom needed

        return missing_scopes(self.scope, self._managed.settings.scope)

    @property
    def expires_at(self) -> float:
        """When the access token ends, in seconds since 1970; a renewal moves it."""
        return self._managed.tokens.expires_at

    @property
    def renewable(self) -> bool:
        """Whether this kernel holds a refresh token for the session.

        A forked child never does: with rotation its renewal would end its parent's session.
        """
        return self._managed.renewable

    @property
    def active(self) -> bool:
        """Whether the session can be used now, or after a renewal."""
        return self._managed.active

    @property
    def on_expiry(self) -> OnExpiry:
        """What happens once the session has expired in mid-job and nothing renews it.

        ``"raise"``, as it is by default: `SessionExpiredError`. ``"wait"``: the card and the cell
        ask for another login, and requests with `auth` wait for it and go on as the same person.
        """
        return self._managed.expiry_policy.action

    @on_expiry.setter
    def on_expiry(self, policy: OnExpiry) -> None:
        check_choice("on_expiry", policy, OnExpiry)
        self._managed.expiry_policy.action = policy

    @property
    def wait_at_most(self) -> float:
        """How many seconds ``on_expiry = "wait"`` waits, by default eight hours."""
        return self._managed.expiry_policy.wait_at_most

    @wait_at_most.setter
    def wait_at_most(self, seconds: float) -> None:
        self._managed.expiry_policy.wait_at_most = seconds

    @property
    def auth(self) -> SessionAuth:
        """For ``httpx.get(url, auth=session.auth)`` and ``requests.get(url, auth=session.auth)``.

        The token goes to the API named by the audience and to the tenant, and nowhere else.
        """
        from auth0_widget.session.request_auth import SessionAuth  # noqa: PLC0415 - it loads httpx

        return SessionAuth(self._managed, self._urls)

    def auth_for(self, url: str) -> SessionAuth:
        """Like `auth`, for one more host that may have the access token.

        Args:
            url: Any URL of that host; https, or this machine.

        Raises:
            UntrustedUrlError: The URL is neither https nor loopback.
        """
        return self.auth.allowing(url)

    def for_audience(self, audience: str, scope: str | None = None) -> Session:
        """The same login with an access token for another API, and its own hosts and end.

        The tenant is asked once for the same audience and scopes, and whenever that token ends. It
        may refuse: Auth0 gives access tokens for the APIs that the application's refresh token
        policies name (Auth0 docs, "Multi-Resource Refresh Token"). `LoginWidget.request` asks the
        person where the tenant needs them.

        Args:
            audience: The API's identifier.
            scope: Scopes of it, separated by spaces; by default all that the tenant grants.

        Raises:
            InvalidSettingError: The audience or the scope is malformed.
            AudienceNotGrantedError: The tenant gives this session no access token for that API, or
                there is no refresh token to ask with.
            ScopeNotGrantedError: It gives one, but not with all the scopes.
            MfaRequiredError: It gives one only to somebody who shows a second factor.
            TokenRequestError: It refuses for another reason.
            UnreachableError: It could not be asked.
            SessionEndedError: The person logged out, or somebody else logged in.
        """
        from auth0_widget.session.api_session import session_for  # noqa: PLC0415 - as above
        from auth0_widget.session.refresh_tokens import Resource  # noqa: PLC0415 - as above

        return session_for(self._managed, Resource(audience, scope)).public

    def token_source(self, client: Any = None) -> TokenSource:  # noqa: ANN401 - Dask is no dependency of ours
        """The access token for other processes, which ask this one for the next.

        It pickles, as a session does not: into the workers of a Dask cluster, joblib's and those of
        `multiprocessing`. There is no refresh token in it, and it is of no use without this kernel
        once its token has ended.

        Args:
            client: The ``distributed.Client`` of a Dask cluster whose workers may ask; by default
                the one that this kernel uses, if any.
        """
        from auth0_widget.session.token_source import token_source  # noqa: PLC0415 - as above

        return token_source(self._managed, self._urls, client)

    def token_provider(self) -> Callable[[], str]:
        """A function that returns an access token that is good now, for libraries that take one.

        As ``azure_ad_token_provider`` and ``api_key`` of openai, or what azure-identity's
        ``get_bearer_token_provider`` returns. Nothing checks to which host the library sends the
        token, nor that it prints none: where it takes an httpx client, give it one with `auth`.
        """
        return lambda: self.access_token

    def async_token_provider(self) -> Callable[[], Awaitable[str]]:
        """The same as `token_provider`, for libraries that await the function's result."""
        import anyio.to_thread  # noqa: PLC0415 - as above

        async def provide() -> str:
            token = await anyio.to_thread.run_sync(self._managed.valid_access_token)
            return token.reveal()

        return provide

    def renew(self) -> None:
        """Get new tokens now (RFC 6749, 6).

        Raises:
            SessionEndedError: The person logged out, or somebody else logged in.
            SessionExpiredError: There is no refresh token.
            TokenRequestError: The tenant refused. The session goes on until its access token ends.
            ForkedProcessError: This is a forked child of the process that logged in.
            UnreachableError: The tenant could not be asked; the session is as it was.
            IdTokenError: The tenant answered for somebody else. What it sent is dropped; whether it
                renews once more is its decision.
        """
        self._managed.renew()

    @property
    def _urls(self) -> tuple[str, ...]:
        settings = self._managed.settings
        return settings.origin, settings.audience or ""

    def __repr__(self) -> str:
        """Whether it lives and for how long; who it is stays out of the notebook."""
        return f"<Session: {self._managed.summary}>"


def managed_session_of(session: Session) -> ManagedSession:
    """What the login manages behind a session that users have."""
    return session._managed  # noqa: SLF001 - the two are one
