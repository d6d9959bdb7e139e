"""When the tokens of a session are renewed, and what is done where the tenant gives none.

One thread asks the tenant. Callers whose access token is over wait for it, and all of them get its
outcome. While the access token is good nobody waits: a renewal that fails is tried again later,
when a caller needs a token and the time named by ``Retry-After``, or a growing delay, is over.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auth0_widget.base.background import in_background
from auth0_widget.base.forks import new_locks_after_fork
from auth0_widget.errors import (
    Auth0WidgetError,
    CertificateError,
    ConfigurationError,
    ConnectionCutError,
    RateLimitError,
    TenantTimeoutError,
    UnexpectedError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

RENEW_BEFORE = 1 / 20
"""How long before its end an access token is renewed, as a part of its life."""

RENEW_BEFORE_AT_MOST = 600.0
"""Seconds; the same for a token that lives long."""

RENEWAL_TIMEOUT = 60.0
"""Seconds for which a caller whose access token is over waits for a renewal that fails."""

MAX_REQUESTS = 8
"""Requests to the tenant within that time at most."""

RETRY_AFTER_CAP = 300.0
"""Seconds; a tenant that names a later time in ``Retry-After`` is asked again after these."""

_FIRST_DELAY = 1.0  # seconds before the second request of a waiting caller, then twice as long
_FIRST_BACKGROUND_DELAY = (
    5.0  # seconds before the next try while the access token is good, likewise
)
_MAX_DELAY, _MAX_BACKGROUND_DELAY = 16.0, 60.0

# The tenant may have done its work, and its response is lost: with it, perhaps, the refresh token
# that takes the place of the one that was sent. Within the tenant's rotation overlap period the
# same one gives another (Auth0, "Configure Refresh Token Rotation"; RFC 9700, 4.14.2).
_RESPONSE_LOST = (ConnectionCutError, TenantTimeoutError)


def renewal_time(saved_at: float, expires_at: float) -> float:
    """When to renew an access token, in seconds since 1970.

    The time is random within the second half of `RENEW_BEFORE`, so that kernels that started at the
    same moment do not ask the tenant at the same moment.

    Args:
        saved_at: When the token came, in seconds since 1970.
        expires_at: When it expires, in seconds since 1970.
    """
    before = min(max(0.0, expires_at - saved_at) * RENEW_BEFORE, RENEW_BEFORE_AT_MOST)
    return expires_at - before * random.uniform(0.5, 1.0)  # noqa: S311 - no secret


@dataclass(eq=False, slots=True)
class _Attempt:
    """One thread's work at a renewal.

    Attributes:
        retry: Whether a caller waits for it, so that it does not give up at the first failure.
        over: Set when it has ended.
        error: Why it failed, or None.
    """

    retry: bool
    over: threading.Event = field(default_factory=threading.Event)
    error: Auth0WidgetError | None = None


class Renewal:
    """Renews the tokens of one session. Safe to use from several threads.

    Args:
        ask: Asks the tenant once, and keeps what it gives.
        changed: Called after a renewal, and when renewals begin to fail.

    Attributes:
        problem: Why the last request failed, where it did and another will be made; or None.
    """

    def __init__(self, ask: Callable[[], None], changed: Callable[[], None]) -> None:
        self._ask = ask
        self._changed = changed
        self._lock = threading.Lock()
        self._attempt: _Attempt | None = None
        self._failures = 0
        self._retry_at = 0.0  # of the monotonic clock
        self.problem: Auth0WidgetError | None = None
        new_locks_after_fork(self)

    def renew(self, is_due: Callable[[], bool], *, retry: bool) -> None:
        """Have the tokens renewed, and wait until that is done.

        Args:
            is_due: Whether nobody else has renewed them meanwhile.
            retry: Whether to ask the tenant again where that may help, for up to a minute.

        Raises:
            Auth0WidgetError: It failed.
        """
        if retry and (left := self._seconds_until_allowed()) > RENEWAL_TIMEOUT:
            raise RateLimitError(retry_after=left)
        while (attempt := self._join(is_due, retry=retry)) is not None:
            attempt.over.wait()
            if attempt.error is None:
                return
            if attempt.retry or not retry:
                raise attempt.error.with_traceback(None)

    def renew_in_background(self, is_due: Callable[[], bool]) -> None:
        """Have the tokens renewed, unless it is too soon after a failure. Returns at once."""
        if time.monotonic() >= self._retry_at:
            self._join(is_due, retry=False)

    def forget_failures(self) -> None:
        """Forget earlier failures: the session has other refresh tokens now."""
        with self._lock:
            self._failures, self._retry_at, self.problem = 0, 0.0, None

    def _join(self, is_due: Callable[[], bool], *, retry: bool) -> _Attempt | None:
        """The attempt that is under way, or a new one; None where nothing is to be renewed."""
        new: _Attempt | None = None
        try:
            with self._lock:
                if self._attempt is not None:
                    self._attempt.retry |= retry
                    return self._attempt
                if not is_due():
                    return None
                new = self._attempt = _Attempt(retry)
            attempt = new
            in_background(lambda: self._work(attempt), lambda error: self._end(attempt, error))
        except BaseException:
            if new is not None:
                self._end(new, UnexpectedError())  # Stop came before there was a thread
            raise
        return attempt

    def _seconds_until_allowed(self) -> float:
        """Seconds until the time that the tenant has named in ``Retry-After``."""
        named = isinstance(self.problem, RateLimitError) and self.problem.retry_after
        return max(0.0, self._retry_at - time.monotonic()) if named else 0.0

    def _work(self, attempt: _Attempt) -> None:
        give_up_at = time.monotonic() + RENEWAL_TIMEOUT
        if attempt.retry and (left := self._seconds_until_allowed()) > 0:
            time.sleep(left)
        for number in range(1, MAX_REQUESTS + 1):
            try:
                self._ask()
            except Auth0WidgetError as error:
                delay = _delay(error, number)
                if not self._should_retry(attempt, error, number, give_up_at - delay):
                    raise
            else:
                self.forget_failures()
                self._changed()
                self._end(attempt, None)
                return
            time.sleep(delay)

    def _should_retry(
        self, attempt: _Attempt, error: Auth0WidgetError, number: int, latest: float
    ) -> bool:
        """Note a failure. Returns whether to ask again, now that there is time until ``latest``."""
        log.info("a renewal failed with %s", error.code)
        if not _may_succeed_later(error):
            self.forget_failures()
            return False
        error.__traceback__ = error.__cause__ = error.__context__ = None  # they hold secrets
        with self._lock:
            began = self.problem is None
            self._failures += 1
            self._retry_at = time.monotonic() + _background_delay(error, self._failures)
            self.problem = error
            retries = (
                number < MAX_REQUESTS
                and time.monotonic() <= latest
                and (attempt.retry or (number == 1 and isinstance(error, _RESPONSE_LOST)))
            )
            if not retries:
                self._attempt = None  # whoever comes now does not wait for this one in vain
        if began:
            self._changed()
        return retries

    def _end(self, attempt: _Attempt, error: Auth0WidgetError | None) -> None:
        with self._lock:
            attempt.error = error
            if self._attempt is attempt:
                self._attempt = None
        attempt.over.set()


def _may_succeed_later(error: Auth0WidgetError) -> bool:
    """Whether the same request may succeed within a minute."""
    return error.passing and not isinstance(error, (ConfigurationError, CertificateError))


def _delay(error: Auth0WidgetError, number: int) -> float:
    """Seconds until the next request of an attempt that has made so many."""
    if number == 1 and isinstance(error, _RESPONSE_LOST):
        return 0.0  # the overlap period is a few seconds
    delay = min(_FIRST_DELAY * 2 ** (number - 1), _MAX_DELAY)
    return max(_jitter(delay), _retry_after(error))


def _background_delay(error: Auth0WidgetError, failures: int) -> float:
    """Seconds until the next attempt, while the access token is good."""
    pause = min(_FIRST_BACKGROUND_DELAY * 2 ** min(failures - 1, 8), _MAX_BACKGROUND_DELAY)
    return max(_jitter(pause), min(_retry_after(error), RETRY_AFTER_CAP))


def _retry_after(error: Auth0WidgetError) -> float:
    return (error.retry_after if isinstance(error, RateLimitError) else None) or 0.0


def _jitter(seconds: float) -> float:
    """So that the kernels that met the same failure do not all come back at the same moment."""
    return seconds * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
