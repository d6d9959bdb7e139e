"""The session as the login, the pages and the flows use it.

Users get a `Session`, which offers only what is meant for them.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING
from weakref import WeakSet

from auth0_widget.base.forks import is_forked
from auth0_widget.base.redaction import PrivateMapping, Secret, safe_text
from auth0_widget.errors import Auth0WidgetError, SessionEndedError
from auth0_widget.oauth.granted import joined_scopes, missing_scopes
from auth0_widget.session.no_renewal import NO_RENEWAL_SENTENCES
from auth0_widget.session.record import Record
from auth0_widget.session.renewable_tokens import RenewableTokens
from auth0_widget.session.session import Session
from auth0_widget.session.tokens import Tokens
from auth0_widget.session.user import User

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from auth0_widget.oauth.client import Tenant
    from auth0_widget.oauth.jwks import JwksCache
    from auth0_widget.session.refresh_tokens import RefreshTokenHolder, Resource

log = logging.getLogger(__name__)


class ManagedSession(RenewableTokens):
    """One login of one person. Safe to use from several threads.

    Attributes:
        public: The session that users get.
        logged_in_at: When the person logged in, in seconds since 1970.
        api_sessions: The sessions of the same login for other APIs, see `api_session`.
        stored_in_browsers: Whether browsers store a record of the session.
        profile_note: Why the profile is that of the ID token; None if the tenant gave it, or if
            the session was restored.
    """

    stored_in_browsers = True
    profile_note: str | None = None

    def __init__(  # noqa: PLR0913 - a session has as many parts
        self,
        tenant: Tenant,
        jwks: JwksCache,
        *,
        tokens: Tokens,
        profile: PrivateMapping,
        refresh_token: Secret | None,
        session_id: str,
        logged_in_at: float,
        restored: bool = False,
    ) -> None:
        super().__init__(
            tenant,
            jwks,
            tokens=tokens,
            refresh_token=refresh_token,
            session_id=session_id,
            restored=restored,
        )
        self._profile = profile
        self._user = User(tokens.claims["sub"], profile)
        self.api_sessions: dict[Resource, ManagedSession] = {}
        # A login may replace one of these in `api_sessions`. It ends with this one, too.
        self._sharing: WeakSet[ManagedSession] = WeakSet()
        self.logged_in_at = self._refresh_tokens.logged_in_at = logged_in_at
        self._on_change: Callable[[ManagedSession], object] = lambda _: None
        self.public = Session(self)

    def notify_changed(self) -> None:
        """Notify the login, and through it the card, of new tokens or of the end of the session."""
        self._on_change(self)

    def wait_for_login(self, is_needed: Callable[[], bool]) -> bool:
        """Wait until the same person has logged in again, see `ExpiryPolicy.wait`."""
        return self.expiry_policy.wait(self, is_needed)

    def set_listener(self, listener: Callable[[ManagedSession], object]) -> None:
        """Have a function called after new tokens, the expiry or the end of this session."""
        self._on_change = listener

    def add_sharing(self, session: ManagedSession) -> None:
        """Add a session that shares the refresh token of this one. It ends with this one."""
        self._sharing.add(session)

    def add_api_session(self, resource: Resource, session: ManagedSession) -> None:
        """Add a session for another API. It ends with this one, and has the same expiry policy."""
        session.expiry_policy = self.expiry_policy
        session.expired_next_step = (
            f"Use `await login.request(audience={resource.audience!r})` to log in for it again."
        )
        self.api_sessions[resource] = session

    @property
    def user(self) -> User:
        """The person. Raises `SessionEndedError` as `tokens` does."""
        self._check_alive()
        return self._user

    @property
    def profile(self) -> Mapping[str, Any]:
        """What ``/userinfo`` returned or, if that failed, what the ID token says about the person.

        Raises `SessionEndedError` as `tokens` does.
        """
        self._check_alive()
        return self._profile

    @property
    def subject(self) -> str:
        """The ``sub`` of the person; empty once the session has ended."""
        return self._user.sub

    @property
    def summary(self) -> str:
        """Whether the session has ended, or else how long it lasts. Contains nothing personal."""
        if self._ended is not None:
            return "ended"
        minutes = max(0, int(self._tokens.expires_at - time.time()) // 60)
        why_not = self.no_renewal
        renewal = (
            ", renews itself"
            if why_not is None
            else f", not renewed: {NO_RENEWAL_SENTENCES[why_not]}"
        )
        problem = self.renewal_problem
        if problem is not None:
            renewal = f"; renewing it failed ({problem.code}) and is tried again"
        if self._tokens.expired:
            return f"access token expired{renewal}"
        return f"access token good for {minutes // 60} h {minutes % 60} min{renewal}"

    def end(
        self, error: type[Auth0WidgetError] = SessionEndedError, message: str | None = None
    ) -> list[Secret]:
        """Forget all tokens. Every later use raises the error.

        Returns:
            The refresh tokens, which the caller has to revoke.
        """
        with self._lock:
            to_revoke = self._refresh_tokens.forget()
            for other in {*self.api_sessions.values(), *self._sharing}:
                to_revoke += other.end(error, message)
            if is_forked(self):
                to_revoke = []  # they belong to the parent process, which may still use them
            if self._ended is None:
                self._ended, self._ended_message = error, message
                empty, no_token = PrivateMapping({}), Secret("")
                self._tokens = Tokens(no_token, empty, no_token, 0, "", 0)
                self._profile, self._user = empty, User("", empty)
        return to_revoke

    def adopt(self, other: ManagedSession) -> None:
        """Take over the tokens of a newer login of the same person, or newer ones of this login."""
        with self._lock:
            self._check_alive()
            same_login = self.session_id == other.session_id
            was_active = self.active
            if same_login and other.kept_by is not None:
                # The keeper has this token: it sends the record before it replies to `Keep`.
                self._refresh_tokens.current = None
            if self._refresh_tokens.take_over(other._refresh_tokens):
                self._renewal.forget_failures()
            if not same_login or other._tokens.expires_at > self._tokens.expires_at:
                lost = missing_scopes(other._tokens.scope, self._tokens.scope)
                if lost:
                    log.warning(
                        "a login brought fewer scopes than before; missing: %s", safe_text(lost)
                    )
                before = self.requested_scope if same_login else lost if not was_active else ""
                self.requested_scope = joined_scopes(before, other.requested_scope)
                self._tokens, self._restored = other._tokens, other._restored
                self._profile, self._user = other._profile, other._user
                if not same_login:
                    self.profile_note = other.profile_note
            self.session_id, self.logged_in_at = other.session_id, other.logged_in_at

    @property
    def refresh_token(self) -> Secret | None:
        """The refresh token, or None if this process has none."""
        return self._refresh_tokens.current

    def set_holder(
        self, holder: RefreshTokenHolder | None, handed_over: Secret | None = None
    ) -> None:
        """Have a holder renew this session from now on.

        Args:
            holder: What has the refresh token; None if the present holder no longer has it.
            handed_over: The refresh token that the holder was given. This process forgets it. If
                this process has got a newer one meanwhile, nothing is changed.
        """
        with self._lock:
            self._check_alive()
            tokens = self._refresh_tokens
            if tokens.current == handed_over:
                tokens.lost = tokens.holder is not None and holder is None
                tokens.current, tokens.holder = None, holder
                self._renewal.forget_failures()

    def return_refresh_token(self, refresh_token: Secret) -> None:
        """Have this process keep the refresh token again, because its holder cannot."""
        with self._lock:
            self._check_alive()
            self._refresh_tokens.current, self._refresh_tokens.holder = refresh_token, None

    def end_duplicate(self, other: ManagedSession) -> None:
        """End another session of the same person, which is not needed.

        Its refresh token is revoked when this session ends, see `RefreshTokens.superseded`.
        """
        with self._lock:
            self._check_alive()
            self._refresh_tokens.superseded += other.end()

    def to_record(self) -> Record:
        """The record that browsers store: everything except the refresh token."""
        tokens = self.tokens
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
