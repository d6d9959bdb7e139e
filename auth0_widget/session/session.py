"""The session that users get: the person, the tokens, and request auth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from auth0_widget.base.redaction import Unexportable
from auth0_widget.config import OnExpiry, check_choice, check_duration

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from auth0_widget.session.managed_session import ManagedSession
    from auth0_widget.session.request_auth import SessionAuth
    from auth0_widget.session.token_source import TokenSource
    from auth0_widget.session.user import User


class Session(Unexportable):
    """One login of one person. Safe to use from several threads.

    Its tokens are renewed for as long as the tenant allows. After the person has logged out, or
    another person has logged in, every use raises `SessionEndedError`. A session never has the
    tokens of another person.
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
        """What ``/userinfo`` returned about the person (OpenID Connect Core 5.3).

        If that request failed, it is what the ID token says about the person.
        """
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
        """A valid access token, renewed first if need be. A secret: do not print it.

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
        """The scopes that the session lacks, separated by spaces; usually empty.

        They were requested and not granted, or the latest renewal did not bring them again.
        """
        from auth0_widget.oauth.granted import missing_scopes  # noqa: PLC0415 - seldom needed

        return missing_scopes(self.scope, self._managed.requested_scope)

    @property
    def expires_at(self) -> float:
        """When the access token expires, in seconds since 1970. A renewal changes it."""
        return self._managed.tokens.expires_at

    @property
    def renewable(self) -> bool:
        """Whether this kernel can renew the session.

        A forked child process never can: with refresh token rotation, its renewal would end the
        session of its parent.
        """
        return self._managed.renewable

    @property
    def active(self) -> bool:
        """Whether the session can be used, perhaps after a renewal."""
        return self._managed.active

    @property
    def on_expiry(self) -> OnExpiry:
        """What happens if the session expires during a job and cannot be renewed.

        With ``"raise"``, the default, requests raise `SessionExpiredError`. With ``"wait"``, the
        card and the cell ask for another login with the same API and scopes, and requests with
        `auth` wait until the same person has logged in. Sessions of the same login for other APIs
        have the same setting.
        """
        return self._managed.expiry_policy.action

    @on_expiry.setter
    def on_expiry(self, policy: OnExpiry) -> None:
        check_choice("on_expiry", policy, OnExpiry)
        self._managed.expiry_policy.action = policy

    @property
    def wait_at_most(self) -> float:
        """How many seconds to wait with ``on_expiry = "wait"``. By default, eight hours."""
        return self._managed.expiry_policy.wait_at_most

    @wait_at_most.setter
    def wait_at_most(self, seconds: float) -> None:
        check_duration("wait_at_most", seconds)
        self._managed.expiry_policy.wait_at_most = seconds

    @property
    def auth(self) -> SessionAuth:
        """For ``httpx.get(url, auth=session.auth)`` and ``requests.get(url, auth=session.auth)``.

        The access token is sent only to the host of the audience and to the tenant.
        """
        from auth0_widget.session.request_auth import SessionAuth  # noqa: PLC0415 - it loads httpx

        return SessionAuth(self._managed, self._urls)

    def auth_for(self, url: str) -> SessionAuth:
        """Like `auth`, but the access token may be sent to one more host.

        Args:
            url: Any URL of that host, with https or on this machine.

        Raises:
            UntrustedUrlError: The URL is neither https nor loopback.
        """
        return self.auth.allowing(url)

    def for_audience(self, audience: str, scope: str | None = None) -> Session:
        """A session of the same login with an access token for another API.

        It has its own expiry and allowed hosts. Calls with the same arguments return the same
        session. The tenant may refuse: Auth0 issues access tokens for the APIs in the application's
        refresh token policies (Auth0 docs, "Multi-Resource Refresh Token"). If the tenant needs the
        person for this, use `LoginWidget.request`.

        Args:
            audience: The identifier of the API.
            scope: Scopes of the API, separated by spaces. By default, all that the tenant grants.

        Raises:
            InvalidSettingError: The audience or the scope is malformed.
            AudienceNotGrantedError: The tenant gives this session no access token for that API, or
                the session has no refresh token.
            ScopeNotGrantedError: The access token does not have all the scopes.
            MfaRequiredError: The tenant requires a second factor for that API.
            TokenRequestError: The tenant refused for another reason.
            UnreachableError: The tenant could not be asked.
            SessionEndedError: The person logged out, or somebody else logged in.
        """
        from auth0_widget.session.api_session import session_for  # noqa: PLC0415 - as above
        from auth0_widget.session.refresh_tokens import Resource  # noqa: PLC0415 - as above

        return session_for(self._managed, Resource(audience, scope)).public

    def token_source(self, client: Any = None) -> TokenSource:  # noqa: ANN401 - Dask is no dependency of ours
        """A source of access tokens for other processes.

        Unlike a session it can be pickled, for the workers of Dask, joblib and `multiprocessing`.
        It contains an access token and no refresh token. A worker asks this kernel for the next
        access token, so the source stops working when the kernel has ended and the access token has
        expired.

        Args:
            client: The ``distributed.Client`` of the Dask cluster whose workers may ask. By
                default, the one that this kernel uses, if any.
        """
        from auth0_widget.session.token_source import token_source  # noqa: PLC0415 - as above

        return token_source(self._managed, self._urls, client)

    def token_provider(self) -> Callable[[], str]:
        """A function that returns a valid access token, for libraries that take such a function.

        Examples are ``azure_ad_token_provider`` and ``api_key`` of openai. The function is like the
        one that azure-identity's ``get_bearer_token_provider`` returns. Nothing checks to which
        host the library sends the access token, or whether it prints it. If the library takes an
        httpx client, give it a client with `auth` instead.
        """
        return lambda: self.access_token

    def async_token_provider(self) -> Callable[[], Awaitable[str]]:
        """Like `token_provider`, for libraries that await the result of the function."""
        from auth0_widget.base.background import run_in_thread  # noqa: PLC0415 - as above

        async def provide() -> str:
            token = await run_in_thread(self._managed.valid_access_token)
            return token.reveal()

        return provide

    def renew(self) -> None:
        """Get new tokens now (RFC 6749, 6).

        Raises:
            SessionEndedError: The person logged out, or somebody else logged in.
            SessionExpiredError: There is no refresh token.
            TokenRequestError: The tenant refused. The session lasts until its access token expires.
            ForkedProcessError: This is a forked child of the process that logged in.
            UnreachableError: The tenant could not be asked. The session is unchanged.
            IdTokenError: The new ID token failed a check, for example because it is that of another
                person. The new tokens are dropped.
        """
        self._managed.renew()

    @property
    def _urls(self) -> tuple[str, ...]:
        settings = self._managed.settings
        return settings.origin, settings.audience or ""

    def __repr__(self) -> str:
        """Whether the session has ended, or how long it lasts. Contains nothing personal."""
        return f"<Session: {self._managed.summary}>"


def managed_session_of(session: Session) -> ManagedSession:
    """The `ManagedSession` of a `Session`."""
    return session._managed  # noqa: SLF001 - `Session` offers users only what is meant for them
