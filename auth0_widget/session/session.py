"""What the kernel knows about one login of one person, and how its tokens stay fresh."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, NoReturn

from auth0_widget.base.background import run_uninterrupted
from auth0_widget.base.forks import is_forked, new_locks_after_fork
from auth0_widget.base.redaction import PrivateMapping, Secret, Unexportable
from auth0_widget.errors import (
    Auth0WidgetError,
    ForkedProcessError,
    IdTokenKeyError,
    RateLimitError,
    SessionEndedError,
    SessionExpiredError,
    TokenRequestError,
)
from auth0_widget.oauth.id_token import verify_id_token
from auth0_widget.oauth.revocation import revoke_later
from auth0_widget.session.record import Record
from auth0_widget.session.request_auth import SessionAuth
from auth0_widget.session.tokens import Tokens, tokens_from_response
from auth0_widget.session.user import User

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auth0_widget.oauth.client import Tenant
    from auth0_widget.oauth.jwks import JwksCache

RENEW_BEFORE = 60.0
"""Seconds before its end at which an access token is renewed; less for one that lives shortly."""

RETRY_AFTER = 5.0
"""Seconds after a renewal that failed in which the old access token is used without another try."""


class Session(Unexportable):
    """One login of one person. Safe to use from several threads.

    Tokens renew inside it for as long as the tenant allows. Once the person logs out, or somebody
    else logs in, every use of it raises `SessionEndedError`: it never speaks for anybody else.
    """

    def __init__(  # noqa: PLR0913 - a session is made of this; users never make one
        self,
        tenant: Tenant,
        keys: JwksCache,
        *,
        tokens: Tokens,
        profile: PrivateMapping,
        refresh_token: Secret | None,
        session_id: str,
        logged_in_at: float,
    ) -> None:
        self._tenant = tenant
        self._keys = keys
        self._tokens = tokens
        self._profile = profile
        self._user = User(tokens.claims["sub"], profile)
        self._refresh_token = refresh_token
        self._superseded: list[Secret] = []
        self._refusal: TokenRequestError | None = None
        self._retry_at = 0.0
        self._ended: type[Auth0WidgetError] | None = None
        self._ended_message: str | None = None
        self._state = threading.RLock()
        self._renewal = threading.Lock()
        self.session_id = session_id
        self.logged_in_at = logged_in_at
        self.on_change: Callable[[Session], None] = lambda _: None
        new_locks_after_fork(self)

    @property
    def user(self) -> User:
        """Name, nickname, e-mail, picture and subject of the person."""
        self._check_alive()
        return self._user

    @property
    def subject(self) -> str:
        """Whose session it is, as the tenant names them; empty once it has ended."""
        return self._user.sub

    @property
    def profile(self) -> Mapping[str, Any]:
        """What ``/userinfo`` said about the person (OpenID Connect Core 5.3)."""
        self._check_alive()
        return self._profile

    @property
    def claims(self) -> Mapping[str, Any]:
        """The verified claims of the latest ID token."""
        return self._live().claims

    @property
    def id_token(self) -> str:
        """The latest ID token, as the tenant signed it. A secret: do not print it."""
        return self._live().id_token.reveal()

    @property
    def access_token(self) -> str:
        """An access token that is good now, renewed first if need be. A secret: do not print it.

        Raises:
            SessionEndedError: The person logged out, or somebody else logged in.
            SessionExpiredError: It has expired and cannot be renewed.
            UnreachableError: It must be renewed and the tenant could not be asked.
        """
        return self.fresh_access_token().reveal()

    @property
    def scope(self) -> str:
        """The scopes that were granted, separated by spaces."""
        return self._live().scope

    @property
    def expires_at(self) -> float:
        """When the access token ends, in seconds since 1970; a renewal moves it."""
        return self._live().expires_at

    @property
    def renewable(self) -> bool:
        """Whether this kernel holds a refresh token for the session.

        A forked child never does: with rotation its renewal would end its parent's session.
        """
        return (
            self._refresh_token is not None
            and self._ended is None
            and time.time() < self._tokens.session_ends_at
            and not is_forked(self)
        )

    @property
    def ends_at(self) -> float:
        """When it ends, in seconds since 1970; infinite while it renews itself without an end."""
        tokens = self._tokens
        return tokens.session_ends_at if self.renewable else tokens.expires_at

    @property
    def active(self) -> bool:
        """Whether the session can be used now, or after a renewal."""
        return self._ended is None and (self.renewable or time.time() < self._tokens.expires_at)

    @property
    def auth(self) -> SessionAuth:
        """For ``httpx.get(url, auth=session.auth)`` and ``requests.get(url, auth=session.auth)``.

        The token goes to the API named by the audience and to the tenant, and nowhere else.
        """
        settings = self._tenant.settings
        return SessionAuth(self, [settings.origin, settings.audience or ""])

    def auth_for(self, url: str) -> SessionAuth:
        """Like `auth`, for one more host that may have the access token.

        Args:
            url: Any URL of that host; https, or this machine.

        Raises:
            UntrustedUrlError: The URL is neither https nor loopback.
        """
        return self.auth.allowing(url)

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
        self._renew_unless_changed(self._live())

    def fresh_access_token(self, rejected: Secret | None = None) -> Secret:
        """An access token that is good now, and is not the one an API has just rejected."""
        tokens = self._live()
        if tokens.access_token == rejected:
            self._renew_unless_changed(tokens)
        elif self.renewable and self._should_renew(tokens):
            try:
                self._renew_unless_changed(tokens)
            except Auth0WidgetError as error:
                # While the old access token is good, the failure is not the caller's problem. A
                # refusal is told below, once it is over.
                wait = error.retry_after if isinstance(error, RateLimitError) else None
                self._retry_at = time.time() + max(wait or 0.0, RETRY_AFTER)
                if time.time() >= tokens.expires_at and self._refusal is None:
                    raise
        tokens = self._live()
        if time.time() >= tokens.expires_at:
            self.on_change(self)  # whoever notices first tells the login, and so the card
            self._raise_expired()
        return tokens.access_token

    def _should_renew(self, tokens: Tokens) -> bool:
        now = time.time()
        early = min(RENEW_BEFORE, (tokens.expires_at - tokens.saved_at) / 4)
        return now >= tokens.expires_at or (
            now >= tokens.expires_at - early and now >= self._retry_at
        )

    def _raise_expired(self) -> NoReturn:
        if is_forked(self):
            raise ForkedProcessError
        if time.time() >= self._tokens.session_ends_at:
            raise SessionExpiredError(
                "The time that the identity provider allows for this session is over "
                "(session_expiry)."
            )
        if self._refusal is not None:
            raise SessionExpiredError(
                f"This session has expired, and the tenant no longer renews it "
                f"({self._refusal.error})."
            )
        raise SessionExpiredError

    def end(
        self, error: type[Auth0WidgetError] = SessionEndedError, message: str | None = None
    ) -> list[Secret]:
        """Forget everything; later uses raise the error. Gives the refresh tokens to be revoked."""
        with self._state:
            to_revoke = [*self._superseded]
            if self._refresh_token is not None:
                to_revoke.append(self._refresh_token)
            self._refresh_token, self._superseded = None, []
            if is_forked(self):
                to_revoke = []  # its parent's: not this process's to revoke
            if self._ended is None:
                self._ended, self._ended_message = error, message
                nobody = PrivateMapping({})
                gone = Secret("")
                self._tokens = Tokens(gone, nobody, gone, 0, "", 0)
                self._profile, self._user = nobody, User("", nobody)
        return to_revoke

    def adopt(self, other: Session) -> None:
        """Take over the tokens of another session of the same person, where they last longer.

        The refresh token that has become superfluous is kept, to be revoked when this session ends:
        where a tenant has *Refresh Token Revocation Deletes Grant* on, revoking one takes along all
        of the same person, application and audience, the new one too (Auth0, "Revoke Refresh
        Tokens").
        """
        with self._state:
            self._check_alive()
            self._superseded += other._superseded
            if other._refresh_token is not None:
                if self._refresh_token is not None:
                    self._superseded.append(self._refresh_token)
                self._refresh_token = other._refresh_token
                self._refusal, self._retry_at = None, 0.0
            if other._tokens.expires_at > self._tokens.expires_at:
                self._tokens = other._tokens
                self._profile, self._user = other._profile, other._user
            self.session_id, self.logged_in_at = other.session_id, other.logged_in_at

    def revoke_at_the_end(self, other: Session) -> None:
        """End a session of the same person that is not needed; revoke its refresh token later."""
        with self._state:
            self._check_alive()
            self._superseded += other.end()

    def to_record(self) -> Record:
        """What the browser is to remember: everything but the refresh token."""
        tokens = self._live()
        return Record(
            session_id=self.session_id,
            logged_in_at=self.logged_in_at,
            saved_at=tokens.saved_at,
            id_token=tokens.id_token,
            access_token=tokens.access_token,
            access_token_expires_at=tokens.expires_at,
            scope=tokens.scope,
            profile=self._profile,
        )

    def __repr__(self) -> str:
        """Whether it lives and for how long; who it is stays out of the notebook."""
        if self._ended is not None:
            return "<Session: ended>"
        minutes = max(0, int(self._tokens.expires_at - time.time()) // 60)
        renewal = ", renews itself" if self.renewable else ""
        return f"<Session: access token good for {minutes // 60} h {minutes % 60} min{renewal}>"

    def _check_alive(self) -> None:
        if self._ended is not None:
            raise self._ended(self._ended_message)

    def _live(self) -> Tokens:
        with self._state:
            self._check_alive()
            return self._tokens

    def _renew_unless_changed(self, seen: Tokens) -> None:
        """Single flight: whoever comes second finds the tokens already changed."""
        if is_forked(self):
            raise ForkedProcessError

        def work() -> None:
            with self._renewal:
                if self._live() is not seen:
                    return
                self._renew()
            self.on_change(self)

        # Its answer may hold the only refresh token that is still good.
        run_uninterrupted(work)

    def _renew(self) -> None:
        with self._state:
            before, refresh_token = self._tokens, self._refresh_token
        if refresh_token is None or time.time() >= before.session_ends_at:
            self._raise_expired()
        try:
            answer = self._tenant.refresh_token_grant(refresh_token)
        except TokenRequestError as error:
            if self._stop_renewing(refresh_token, error):
                raise
            return
        successor = answer.refresh_token or refresh_token
        id_token, claims = before.id_token, before.claims
        if answer.id_token is not None:
            id_token = answer.id_token
            try:
                claims = verify_id_token(
                    id_token,
                    settings=self._tenant.settings,
                    keys=self._keys,
                    nonce=None,
                    subject=before.claims["sub"],
                )
            except Auth0WidgetError as error:
                if not error.passing and not isinstance(error, IdTokenKeyError):
                    raise
                # It could not be judged now. The old refresh token is used up all the same.
                self._store_renewed(refresh_token, successor)
                raise
        tokens = tokens_from_response(
            answer,
            id_token,
            claims,
            scope=before.scope,
            session_ends_at=before.session_ends_at,
        )
        self._store_renewed(refresh_token, successor, tokens)

    def _store_renewed(self, used: Secret, successor: Secret, tokens: Tokens | None = None) -> None:
        """Keep what a renewal gave; a logout or a login that came meanwhile wins."""
        with self._state:
            if self._refresh_token is used:
                self._refresh_token, self._tokens = successor, tokens or self._tokens
                return
            ended = self._ended is not None
            if not ended and successor is not used:
                # A login of the same person has brought another: see `adopt`.
                self._superseded.append(successor)
        if ended and successor is not used:
            revoke_later(self._tenant, successor)
        self._check_alive()

    def _stop_renewing(self, used: Secret, refusal: TokenRequestError) -> bool:
        """Give up a refresh token that the tenant refused. The access token is as good as before.

        Returns whether it was given up: a login that came meanwhile has brought another.
        """
        with self._state:
            if self._refresh_token is not used:
                self._check_alive()
                return False
            self._refresh_token, self._refusal = None, refusal
        self.on_change(self)
        return True
