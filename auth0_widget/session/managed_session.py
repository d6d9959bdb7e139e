"""What the kernel knows about one login of one person, and how its tokens stay fresh.

Users have a `Session`, which shows what is theirs. What the login, the pages and the flows do with
it is here.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, NoReturn

from auth0_widget.base.forks import is_forked, new_locks_after_fork
from auth0_widget.base.redaction import PrivateMapping, Secret, Unexportable
from auth0_widget.errors import (
    Auth0WidgetError,
    ForkedProcessError,
    RenewalRefusedError,
    SessionEndedError,
    SessionExpiredError,
    TokenRequestError,
)
from auth0_widget.oauth.revocation import revoke_in_background
from auth0_widget.session.no_renewal import SENTENCES
from auth0_widget.session.record import Record
from auth0_widget.session.refresh_tokens import (
    Refreshed,
    RefreshTokenKeeper,
    RefreshTokens,
    Resource,
    exchange,
)
from auth0_widget.session.renewal import Renewal
from auth0_widget.session.session import Session
from auth0_widget.session.tokens import Tokens
from auth0_widget.session.user import User

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from auth0_widget.oauth.client import Tenant
    from auth0_widget.oauth.jwks import JwksCache
    from auth0_widget.session.no_renewal import NoRenewal


class ManagedSession(Unexportable):
    """One login of one person, as its login manages it. Safe to use from several threads.

    Attributes:
        public: The session as users have it.
        settings: The tenant and the application.
        session_id: Names the session, so that kernels know whether they hold the same one.
        logged_in_at: When the person logged in, in seconds since 1970.
        on_change: Called when it has new tokens, or has come to its end.
        others: Sessions of the same login for other APIs; see `api_session`.
    """

    def __init__(  # noqa: PLR0913 - a session is made of this
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
        self._tenant = tenant
        self._jwks = jwks
        self._tokens = tokens
        self._profile = profile
        self._user = User(tokens.claims["sub"], profile)
        self._refresh_tokens = RefreshTokens(refresh_token)
        self._restored = restored
        self._exchanging = threading.Lock()
        self._resource: Resource | None = None
        self.others: dict[Resource, ManagedSession] = {}
        self._ended: type[Auth0WidgetError] | None = None
        self._ended_message: str | None = None
        self._state = threading.RLock()
        self._renewal = Renewal(self._renew_once, lambda: self.on_change(self))
        self.settings = tenant.settings
        self.session_id = session_id
        self.logged_in_at = logged_in_at
        self.on_change: Callable[[ManagedSession], None] = lambda _: None
        self.public = Session(self)
        new_locks_after_fork(self)

    @property
    def tokens(self) -> Tokens:
        """The tokens as they are.

        Raises:
            SessionEndedError: The person logged out, or somebody else logged in.
        """
        with self._state:
            self._check_alive()
            return self._tokens

    @property
    def user(self) -> User:
        """The person. Raises `SessionEndedError` as `tokens` does."""
        self._check_alive()
        return self._user

    @property
    def profile(self) -> Mapping[str, Any]:
        """What ``/userinfo`` said about the person. Raises `SessionEndedError` as `tokens` does."""
        self._check_alive()
        return self._profile

    @property
    def subject(self) -> str:
        """Whose session it is, as the tenant names them; empty once it has ended."""
        return self._user.sub

    @property
    def renewable(self) -> bool:
        """Whether this process may renew it; a forked child may not."""
        return (
            self._refresh_tokens.can_renew
            and self._ended is None
            and time.time() < self._tokens.session_ends_at
            and not is_forked(self)
        )

    @property
    def no_renewal(self) -> NoRenewal | None:
        """Why this process cannot renew it; None where it can, or where its time is over."""
        tokens = self._refresh_tokens
        if tokens.current is not None:
            return "forked" if is_forked(self) else None
        if tokens.refusal is not None:
            return "refused"
        if self._restored:
            return "restored"
        requested = "offline_access" in self.settings.scope.split()
        return "not_granted" if requested else "not_requested"

    @property
    def ends_at(self) -> float:
        """When it ends, in seconds since 1970; infinite while it renews itself without an end."""
        tokens = self._tokens
        return tokens.session_ends_at if self.renewable else tokens.expires_at

    @property
    def active(self) -> bool:
        """Whether it can be used now, or after a renewal."""
        return self._ended is None and (self.renewable or not self._tokens.are_over)

    @property
    def renewal_problem(self) -> Auth0WidgetError | None:
        """Why the last renewal failed, where another will be tried; else None."""
        return self._renewal.problem if self.renewable else None

    @property
    def summary(self) -> str:
        """Whether it lives and for how long, without anything personal."""
        if self._ended is not None:
            return "ended"
        minutes = max(0, int(self._tokens.expires_at - time.time()) // 60)
        why_not = self.no_renewal
        renewal = ", renews itself" if why_not is None else f", not renewed: {SENTENCES[why_not]}"
        problem = self.renewal_problem
        if problem is not None:
            renewal = f"; renewing it failed ({problem.code}) and is tried again"
        return f"access token good for {minutes // 60} h {minutes % 60} min{renewal}"

    def renew(self, *, patient: bool = False) -> None:
        """Get new tokens now; see `Session.renew`.

        Args:
            patient: Whether to ask a tenant that is in trouble again, for up to a minute.
        """
        self.renew_unless_changed(self.tokens, patient=patient)

    def renew_unless_changed(self, seen: Tokens, *, patient: bool) -> None:
        """Renew the tokens, unless another thread has done so since they were these.

        Raises as `Session.renew` does.
        """
        if is_forked(self):
            raise ForkedProcessError
        self._renewal.renew(lambda: self._tokens is seen, patient=patient)
        self._check_alive()  # a logout ends the waiting

    def ready_access_token(self) -> Secret | None:
        """The access token, where it is good and it is not yet time to renew it."""
        tokens = self._tokens
        return tokens.access_token if tokens.are_fresh else None  # they are not once it has ended

    def fresh_access_token(self, rejected: Secret | None = None) -> Secret:
        """An access token that is good now, and is not the one an API has just rejected."""
        ready = self.ready_access_token() if rejected is None else None
        if ready is not None:
            return ready
        tokens = self.tokens
        if tokens.access_token == rejected:
            self.renew_unless_changed(tokens, patient=False)
        elif self.renewable and not tokens.are_fresh:
            if tokens.are_nearly_over:
                try:
                    self.renew_unless_changed(tokens, patient=True)
                except Auth0WidgetError:
                    # A refusal is told below, once the access token is over.
                    if self.tokens.are_over and self._refresh_tokens.refusal is None:
                        raise
            else:
                self._renewal.renew_in_background(lambda: self._tokens is tokens)
        tokens = self.tokens
        if tokens.are_over:
            self.on_change(self)  # so that the card shows it, too
            self._raise_expired()
        return tokens.access_token

    def end(
        self, error: type[Auth0WidgetError] = SessionEndedError, message: str | None = None
    ) -> list[Secret]:
        """Forget everything; later uses raise the error. Returns the refresh tokens to revoke."""
        with self._state:
            for other in self.others.values():
                other.end(error, message)
            to_revoke = self._refresh_tokens.forget()
            if is_forked(self):
                to_revoke = []  # its parent's: not this process's to revoke
            if self._ended is None:
                self._ended, self._ended_message = error, message
                nobody = PrivateMapping({})
                gone = Secret("")
                self._tokens = Tokens(gone, nobody, gone, 0, "", 0)
                self._profile, self._user = nobody, User("", nobody)
        return to_revoke

    def adopt(self, other: ManagedSession) -> None:
        """Take over the tokens of another session of the same person, where they last longer."""
        with self._state:
            self._check_alive()
            if self._refresh_tokens.take_over(other._refresh_tokens):
                self._renewal.start_anew()
            if other._tokens.expires_at > self._tokens.expires_at:
                self._tokens, self._restored = other._tokens, other._restored
                self._profile, self._user = other._profile, other._user
            self.session_id, self.logged_in_at = other.session_id, other.logged_in_at

    @property
    def refresh_token(self) -> Secret | None:
        """The refresh token that this process holds, to be handed to a keeper."""
        return self._refresh_tokens.current

    def leave_refresh_token_to(
        self, keeper: RefreshTokenKeeper | None, handed_over: Secret | None = None
    ) -> None:
        """Have a keeper renew the session from now on; None where it can no longer.

        Args:
            keeper: Who keeps the refresh token.
            handed_over: What was given to it, to be forgotten here. If the session has another by
                now, that stays.
        """
        with self._state:
            self._check_alive()
            if self._refresh_tokens.current == handed_over:
                self._refresh_tokens.current, self._refresh_tokens.keeper = None, keeper
                self._renewal.start_anew()

    def revoke_at_the_end(self, other: ManagedSession) -> None:
        """End a session of the same person that is not needed; revoke its refresh token later."""
        with self._state:
            self._check_alive()
            self._refresh_tokens.superseded += other.end()

    def to_record(self) -> Record:
        """What the browser is to remember: everything but the refresh token."""
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

    def _check_alive(self) -> None:
        if self._ended is not None:
            raise self._ended(self._ended_message)

    def _raise_expired(self) -> NoReturn:
        if is_forked(self):
            raise ForkedProcessError
        if time.time() >= self._tokens.session_ends_at:
            raise SessionExpiredError(
                "The time that the identity provider allows for this session is over "
                "(session_expiry)."
            )
        refusal = self._refresh_tokens.refusal
        if refusal is not None:
            raise RenewalRefusedError(
                f"{RenewalRefusedError.default_message.rstrip('.')} ({refusal.error})."
            )
        why_not = self.no_renewal
        raise SessionExpiredError(
            f"This session has expired and cannot be renewed: {SENTENCES[why_not]}."
            if why_not is not None
            else None
        )

    def _renew_once(self) -> None:
        """Ask the tenant once for new tokens, while no other session has the refresh token."""
        with self._exchanging:
            self._exchange()

    def _exchange(self) -> None:
        with self._state:
            before, refresh_token = self._tokens, self._refresh_tokens.current
            keeper = self._refresh_tokens.keeper
        if time.time() >= before.session_ends_at:
            self._raise_expired()
        if refresh_token is None:
            self._renew_elsewhere(keeper, before)
            return
        try:
            refreshed = exchange(self._tenant, self._jwks, refresh_token, before, self._resource)
        except TokenRequestError as refusal:
            if self._is_of_this_api(refusal):
                raise
            if self._stop_renewing(refresh_token, refusal):
                raise
            return
        self._store(refresh_token, refreshed)
        if refreshed.error is not None:
            raise refreshed.error

    def _is_of_this_api(self, refusal: TokenRequestError) -> bool:
        """Whether it is about one of several APIs, and not about the refresh token."""
        return self._resource is not None and refusal.error != "invalid_grant"

    def _renew_elsewhere(self, keeper: RefreshTokenKeeper | None, before: Tokens) -> None:
        """Have whoever keeps the refresh token renew."""
        if keeper is None:
            self._raise_expired()
        try:
            tokens = keeper.renew(self.session_id, before, self._resource)
        except TokenRequestError as refusal:
            if self._is_of_this_api(refusal):
                raise
            with self._state:
                if self._refresh_tokens.keeper is keeper:
                    self._refresh_tokens.keeper, self._refresh_tokens.refusal = None, refusal
            self.on_change(self)
            raise
        with self._state:
            self._check_alive()
            if tokens.saved_at > self._tokens.saved_at:
                self._tokens = tokens

    def _store(self, used: Secret, refreshed: Refreshed) -> None:
        """Keep what a renewal gave; a logout or a login that came meanwhile wins."""
        successor = refreshed.refresh_token
        with self._state:
            if self._refresh_tokens.current is used:
                self._refresh_tokens.current = successor
                self._tokens = refreshed.tokens or self._tokens
                return
            ended = self._ended is not None
            if not ended and successor is not used:
                # A login of the same person has brought another: see `adopt`.
                self._refresh_tokens.superseded.append(successor)
        if ended and successor is not used:
            revoke_in_background(self._tenant, successor)
        self._check_alive()

    def _stop_renewing(self, used: Secret, refusal: TokenRequestError) -> bool:
        """Give up a refresh token that the tenant refused. The access token is as good as before.

        Returns whether it was given up: a login that came meanwhile has brought another.
        """
        with self._state:
            if self._refresh_tokens.current is not used:
                self._check_alive()
                return False
            self._refresh_tokens.current, self._refresh_tokens.refusal = None, refusal
        self.on_change(self)
        return True
