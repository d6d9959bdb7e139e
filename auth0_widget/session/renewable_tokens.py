"""The tokens of one login, and how they stay fresh. Whose they are is in `managed_session`."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, NoReturn

from auth0_widget.base.forks import is_forked, new_locks_after_fork
from auth0_widget.base.redaction import Unexportable
from auth0_widget.errors import (
    Auth0WidgetError,
    ForkedProcessError,
    RenewalRefusedError,
    SessionExpiredError,
    TokenRequestError,
)
from auth0_widget.oauth.revocation import revoke_in_background
from auth0_widget.session.expiry_policy import ExpiryPolicy
from auth0_widget.session.no_renewal import NO_RENEWAL_SENTENCES
from auth0_widget.session.refresh_tokens import (
    Refreshed,
    RefreshTokenKeeper,
    RefreshTokens,
    Resource,
    exchange,
)
from auth0_widget.session.renewal import Renewal

if TYPE_CHECKING:
    from auth0_widget.base.redaction import Secret
    from auth0_widget.oauth.client import Tenant
    from auth0_widget.oauth.jwks import JwksCache
    from auth0_widget.session.no_renewal import NoRenewal
    from auth0_widget.session.tokens import Tokens


class RenewableTokens(Unexportable):
    """An access token that is good whenever somebody asks. Safe to use from several threads.

    Attributes:
        settings: The tenant and the application.
        session_id: Names the session, so that kernels know whether they hold the same one.
        expiry_policy: What callers get once the session has expired.
    """

    def __init__(  # noqa: PLR0913 - they are made of this
        self,
        tenant: Tenant,
        jwks: JwksCache,
        *,
        tokens: Tokens,
        refresh_token: Secret | None,
        session_id: str,
        restored: bool,
    ) -> None:
        self._tenant = tenant
        self._jwks = jwks
        self._tokens = tokens
        self._refresh_tokens = RefreshTokens(refresh_token)
        self._restored = restored
        self._exchanging = threading.Lock()
        self._resource: Resource | None = None
        self._ended: type[Auth0WidgetError] | None = None
        self._ended_message: str | None = None
        self._state = threading.RLock()
        self._renewal = Renewal(self._renew_once, self.notify_changed)
        self.expiry_policy = ExpiryPolicy()
        self.settings = tenant.settings
        self.session_id = session_id
        new_locks_after_fork(self)

    def notify_changed(self) -> None:
        """Tell whoever listens that there are new tokens, or that their end has come."""

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
    def renewable(self) -> bool:
        """Whether this process may renew it; a forked child may not."""
        return (
            self._refresh_tokens.can_renew
            and self._ended is None
            and time.time() < self._tokens.session_ends_at
            and not is_forked(self)
        )

    @property
    def refresh_token_since(self) -> float | None:
        """When the person logged in for the refresh token, in seconds since 1970; or None."""
        return self._refresh_tokens.since if self._refresh_tokens.can_renew else None

    @property
    def is_renewed_by_keeper(self) -> bool:
        """Whether another process keeps its refresh token and renews it."""
        return self._refresh_tokens.current is None and self._refresh_tokens.keeper is not None

    @property
    def no_renewal(self) -> NoRenewal | None:
        """Why this process cannot renew it; None where it can, or where its time is over."""
        tokens = self._refresh_tokens
        if self.renewable:
            return None  # by a refresh token, or by asking for others without one
        if tokens.can_renew:
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
        return self._ended is None and (self.renewable or not self._tokens.expired)

    @property
    def renewal_problem(self) -> Auth0WidgetError | None:
        """Why the last renewal failed, where another will be tried; else None."""
        return self._renewal.problem if self.renewable else None

    def renew(self, *, retry: bool = False) -> None:
        """Get new tokens now; see `Session.renew`.

        Args:
            retry: Whether to ask a tenant that is in trouble again, for up to a minute.
        """
        self.renew_unless_changed(self.tokens, retry=retry)

    def renew_unless_changed(self, seen: Tokens, *, retry: bool) -> None:
        """Renew the tokens, unless another thread has done so since they were these.

        Raises as `Session.renew` does.
        """
        if is_forked(self):
            raise ForkedProcessError
        self._renewal.renew(lambda: self._tokens is seen, retry=retry)
        self._check_alive()  # a logout ends the waiting

    def cached_access_token(self) -> Secret | None:
        """The access token, where it is good and it is not yet time to renew it."""
        tokens = self._tokens
        return (
            None if tokens.due_for_renewal else tokens.access_token
        )  # due once the session has ended

    def valid_access_token(self, rejected: Secret | None = None) -> Secret:
        """An access token that is good now, and is not the one an API has just rejected."""
        ready = self.cached_access_token() if rejected is None else None
        if ready is not None:
            return ready
        try:
            return self._renewed_access_token(rejected)
        except SessionExpiredError:
            # Once: a login that does not help another API's token is not asked for again.
            if not self._tokens.expired or not self.expiry_policy.wait():
                raise
        return self._renewed_access_token(rejected)

    def _renewed_access_token(self, rejected: Secret | None) -> Secret:
        tokens = self.tokens
        if tokens.access_token == rejected:
            self.renew_unless_changed(tokens, retry=False)
        elif self.renewable and tokens.due_for_renewal:
            if tokens.nearly_expired:
                try:
                    self.renew_unless_changed(tokens, retry=True)
                except Auth0WidgetError:
                    # A refusal is told below, once the access token is over.
                    if self.tokens.expired and self._refresh_tokens.refusal is None:
                        raise
            else:
                self._renewal.renew_in_background(lambda: self._tokens is tokens)
        tokens = self.tokens
        if tokens.expired:
            self.notify_changed()  # so that the card shows it, too
            self._raise_expired()
        return tokens.access_token

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
            f"This session has expired and cannot be renewed: {NO_RENEWAL_SENTENCES[why_not]}."
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
            self._renew_by_keeper(keeper, before)
            return
        try:
            refreshed = exchange(self._tenant, self._jwks, refresh_token, before, self._resource)
        except TokenRequestError as refusal:
            if self._concerns_only_this_api(refusal):
                raise
            if self._drop_refresh_token(refresh_token, refusal):
                raise
            return
        self._store(refresh_token, refreshed)
        if refreshed.error is not None:
            raise refreshed.error

    def _concerns_only_this_api(self, refusal: TokenRequestError) -> bool:
        """Whether it is about one of several APIs, and not about the refresh token."""
        return self._resource is not None and refusal.error != "invalid_grant"

    def _renew_by_keeper(self, keeper: RefreshTokenKeeper | None, before: Tokens) -> None:
        """Have whoever keeps the refresh token renew."""
        if keeper is None:
            self._raise_expired()
        try:
            tokens = keeper.renew(self.session_id, before, self._resource)
        except TokenRequestError as refusal:
            if self._concerns_only_this_api(refusal):
                raise
            with self._state:
                if self._refresh_tokens.keeper is keeper:
                    self._refresh_tokens.keeper, self._refresh_tokens.refusal = None, refusal
            self.notify_changed()
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

    def _drop_refresh_token(self, used: Secret, refusal: TokenRequestError) -> bool:
        """Give up a refresh token that the tenant refused. The access token is as good as before.

        Returns whether it was given up: a login that came meanwhile has brought another.
        """
        with self._state:
            if self._refresh_tokens.current is not used:
                self._check_alive()
                return False
            self._refresh_tokens.current, self._refresh_tokens.refusal = None, refusal
        self.notify_changed()
        return True
