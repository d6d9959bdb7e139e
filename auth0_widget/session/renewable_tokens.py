"""The tokens of one session, and their renewal. The person is in `managed_session`."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, NoReturn

from auth0_widget.base.forks import is_forked, new_locks_after_fork
from auth0_widget.base.redaction import Unexportable, safe_text
from auth0_widget.errors import (
    Auth0WidgetError,
    ForkedProcessError,
    RateLimitError,
    RenewalRefusedError,
    SessionExpiredError,
    TokenRequestError,
)
from auth0_widget.oauth.granted import joined_scopes, missing_scopes
from auth0_widget.oauth.revocation import revoke_in_background
from auth0_widget.session.expiry_policy import ExpiryPolicy
from auth0_widget.session.no_renewal import NO_RENEWAL_SENTENCES
from auth0_widget.session.refresh_tokens import (
    Refreshed,
    RefreshTokenHolder,
    RefreshTokens,
    Resource,
    concerns_only,
    exchange,
)
from auth0_widget.session.renewal import Renewal

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.base.redaction import Secret
    from auth0_widget.oauth.client import Tenant
    from auth0_widget.oauth.jwks import JwksCache
    from auth0_widget.session.no_renewal import NoRenewal
    from auth0_widget.session.refresh_tokens import KeptBy
    from auth0_widget.session.tokens import Tokens

log = logging.getLogger(__name__)


class RenewableTokens(Unexportable):
    """The tokens of a session, renewed when they are used. Safe to use from several threads.

    Attributes:
        settings: The settings of the login.
        session_id: Identifies the session, so that kernels know whether they have the same one.
        requested_scope: The scopes that were requested, and those that the tenant has granted at
            some time, separated by spaces.
        expiry_policy: What happens once the session has expired.
        expired_next_step: What the person can do then. None for the default of the error.
    """

    expired_next_step: str | None = None

    def __init__(  # noqa: PLR0913 - a session has as many parts
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
        self._lock = threading.RLock()
        self._renewal = Renewal(self._renew_once, self.notify_changed)
        self.expiry_policy = ExpiryPolicy()
        self.settings = tenant.settings
        self.requested_scope = joined_scopes(self.settings.scope, tokens.scope)
        self.session_id = session_id
        new_locks_after_fork(self)

    def notify_changed(self) -> None:
        """Called after the tokens have been renewed, have expired or cannot be renewed any more."""

    def wait_for_login(self, is_needed: Callable[[], bool]) -> bool:  # noqa: ARG002 - for subclasses
        """Called when callers need a login. Returns whether it is over, see `ExpiryPolicy.wait`."""
        return False

    @property
    def tokens(self) -> Tokens:
        """The present tokens. They are not renewed first.

        Raises:
            SessionEndedError: The person logged out, or somebody else logged in.
        """
        with self._lock:
            self._check_alive()
            return self._tokens

    @property
    def renewable(self) -> bool:
        """Whether this process can renew the tokens. A forked child process cannot."""
        return (
            self._refresh_tokens.can_renew
            and self._ended is None
            and time.time() < self._tokens.session_ends_at
            and not is_forked(self)
        )

    @property
    def replaceable(self) -> bool:
        """Whether a rejected access token can be replaced by a new one.

        A renewal brings a new one, unless the tenant has said not to ask again yet. So does a login
        for which callers wait.
        """
        return (self.renewable and not self._renewal.seconds_until_allowed) or (
            self.expiry_policy.action == "wait" and self._rejection_is_plausible
        )

    @property
    def access_token_expired(self) -> bool:
        """Whether the access token has expired by the clock of this machine."""
        return self._tokens.expired

    @property
    def _rejection_is_plausible(self) -> bool:
        """Whether an API may rightly reject the access token although it has not expired here.

        The clock of the API may be a few seconds ahead, or the tenant may have revoked the grant.
        """
        return self._tokens.nearly_expired or self._refresh_tokens.refusal is not None

    @property
    def refresh_token_logged_in_at(self) -> float | None:
        """When the person logged in to get the refresh token, in seconds since 1970; or None."""
        return self._refresh_tokens.logged_in_at if self._refresh_tokens.can_renew else None

    @property
    def kept_by(self) -> KeptBy | None:
        """Where the refresh token is. None if this process has it, or if there is none."""
        tokens = self._refresh_tokens
        if tokens.current is not None or tokens.holder is None:
            return None
        return tokens.holder.place

    @property
    def no_renewal(self) -> NoRenewal | None:
        """Why this process cannot renew the tokens. None if it can, or if the tenant ended them."""
        tokens = self._refresh_tokens
        if self.renewable:
            return None
        if tokens.can_renew:
            return "forked" if is_forked(self) else None
        if tokens.refusal is not None:
            return "refused"
        if tokens.lost:
            return "lost"
        if self._restored:
            return "restored"
        requested = "offline_access" in self.settings.scope.split()
        return "not_granted" if requested else "not_requested"

    @property
    def ends_at(self) -> float:
        """When the session ends, in seconds since 1970; infinite if renewals have no limit."""
        tokens = self._tokens
        return tokens.session_ends_at if self.renewable else tokens.expires_at

    @property
    def active(self) -> bool:
        """Whether the session can be used, perhaps after a renewal."""
        return self._ended is None and (self.renewable or not self._tokens.expired)

    @property
    def renewal_problem(self) -> Auth0WidgetError | None:
        """Why the last renewal failed, if it will be tried again; else None."""
        return self._renewal.problem if self.renewable else None

    def renew(self, *, retry: bool = False) -> None:
        """Get new tokens now; see `Session.renew`.

        Args:
            retry: Whether to try again for up to a minute, if the failure may pass.
        """
        self.renew_unless_changed(self.tokens, retry=retry)

    def renew_unless_changed(self, seen: Tokens, *, retry: bool) -> None:
        """Renew the tokens, unless another thread has replaced ``seen`` already.

        Raises the same errors as `Session.renew`.
        """
        if is_forked(self):
            raise ForkedProcessError
        self._renewal.renew(lambda: self._tokens is seen, retry=retry)
        self._check_alive()  # there may have been a logout meanwhile

    def cached_access_token(self) -> Secret | None:
        """The access token, or None if it is due for renewal. Sends no request."""
        tokens = self._tokens
        return None if tokens.due_for_renewal else tokens.access_token

    def valid_access_token(self, rejected: Secret | None = None) -> Secret:
        """A valid access token, renewed first if need be.

        Args:
            rejected: An access token that an API has rejected. It is not returned again.
        """
        ready = self.cached_access_token() if rejected is None else None
        if ready is not None:
            return ready
        try:
            return self._renewed_access_token(rejected)
        except SessionExpiredError:
            tokens = self._tokens

            def login_is_needed() -> bool:
                # Asked again and again: the clock may have been wrong, and then be corrected.
                return (
                    self._tokens is tokens
                    and not self.renewable
                    and (
                        tokens.expired
                        or (tokens.access_token == rejected and self._rejection_is_plausible)
                    )
                )

            # Only once: a login may bring no new token for the API of this session.
            if not login_is_needed() or not self.wait_for_login(login_is_needed):
                raise
        return self._renewed_access_token(rejected)

    def _renewed_access_token(self, rejected: Secret | None) -> Secret:
        tokens = self.tokens
        if tokens.access_token == rejected:
            if self.renewable and (left := self._renewal.seconds_until_allowed):
                raise RateLimitError(retry_after=left)
            try:
                self.renew_unless_changed(tokens, retry=False)
            except TokenRequestError:
                if self._refresh_tokens.refusal is None:
                    raise
                self._raise_expired()
        elif self.renewable and tokens.due_for_renewal:
            if tokens.nearly_expired:
                try:
                    self.renew_unless_changed(tokens, retry=True)
                except Auth0WidgetError:
                    # If the tenant refused, the error is raised below, once the token has expired.
                    if self.tokens.expired and self._refresh_tokens.refusal is None:
                        raise
            else:
                self._renewal.renew_in_background(lambda: self._tokens is tokens)
        tokens = self.tokens
        if tokens.expired:
            self.notify_changed()  # so that the card shows the expiry, too
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
            said = ": ".join(filter(None, (refusal.error, refusal.error_description)))
            raise RenewalRefusedError(
                f"{RenewalRefusedError.default_message.rstrip('.')} ({said}).",
                next_step=self.expired_next_step,
            )
        why_not = self.no_renewal
        raise SessionExpiredError(
            f"This session has expired and cannot be renewed: {NO_RENEWAL_SENTENCES[why_not]}."
            if why_not is not None
            else None,
            next_step=self.expired_next_step,
        )

    def _renew_once(self) -> None:
        """Request new tokens once, while no other session uses the same refresh token."""
        with self._exchanging:
            self._exchange()

    def _exchange(self) -> None:
        with self._lock:
            before, refresh_token = self._tokens, self._refresh_tokens.current
            holder = self._refresh_tokens.holder
        if time.time() >= before.session_ends_at:
            self._raise_expired()
        if refresh_token is None:
            self._renew_by_holder(holder, before)
            return
        try:
            refreshed = exchange(self._tenant, self._jwks, refresh_token, before, self._resource)
        except TokenRequestError as refusal:
            if concerns_only(self._resource, refusal):
                raise
            if self._drop_refresh_token(refresh_token, refusal):
                raise
            return
        self._store(refresh_token, refreshed)
        if refreshed.error is not None:
            raise refreshed.error

    def _renew_by_holder(self, holder: RefreshTokenHolder | None, before: Tokens) -> None:
        """Have the holder renew the tokens."""
        if holder is None:
            self._raise_expired()
        try:
            tokens = holder.renew(self.session_id, before, self._resource)
        except TokenRequestError as refusal:
            if concerns_only(self._resource, refusal):
                raise
            with self._lock:
                if self._refresh_tokens.holder is holder:
                    self._refresh_tokens.holder, self._refresh_tokens.refusal = None, refusal
            self.notify_changed()
            raise
        with self._lock:
            self._check_alive()
            # The clock may have been set back since the tokens before were issued.
            if self._tokens is before or tokens.saved_at > self._tokens.saved_at:
                self._replace_tokens(tokens)

    def _store(self, used: Secret, refreshed: Refreshed) -> None:
        """Store the new tokens, unless there has been a logout or another login meanwhile."""
        successor = refreshed.refresh_token
        with self._lock:
            if self._refresh_tokens.current is used:
                self._refresh_tokens.current = successor
                if refreshed.tokens is not None:
                    self._replace_tokens(refreshed.tokens)
                return
            ended = self._ended is not None
            if not ended and successor is not used:
                # `adopt` has replaced it by the refresh token of a newer login.
                self._refresh_tokens.superseded.append(successor)
        if ended and successor is not used:
            revoke_in_background(self._tenant, successor)
        self._check_alive()

    def _replace_tokens(self, tokens: Tokens) -> None:
        """Use the tokens of a renewal. The tenant may have granted fewer scopes than before."""
        if missing := missing_scopes(tokens.scope, self._tokens.scope):
            log.warning(
                "a renewal brought fewer scopes than before; missing: %s", safe_text(missing)
            )
        self.requested_scope = joined_scopes(self.requested_scope, tokens.scope)
        self._tokens = tokens

    def _drop_refresh_token(self, used: Secret, refusal: TokenRequestError) -> bool:
        """Forget a refresh token that the tenant refused. The access token stays valid.

        Returns:
            Whether it was the current one. If not, a newer login has brought another.
        """
        with self._lock:
            if self._refresh_tokens.current is not used:
                self._check_alive()
                return False
            self._refresh_tokens.current, self._refresh_tokens.refusal = None, refusal
        self.notify_changed()
        return True
