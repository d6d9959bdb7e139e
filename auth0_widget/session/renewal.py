"""Decides when the tokens of a session are renewed, and when a failed renewal is tried again.

One thread sends the requests to the tenant. Callers whose access token has expired wait for that
thread, and all of them get the same outcome. While the access token is valid, nobody waits: after a
failed renewal, the next one starts when a caller needs a token and the delay is over. The delay
grows with each failure, and is never shorter than ``Retry-After``.
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
    ConnectionCutError,
    RateLimitError,
    TenantTimeoutError,
    UnexpectedError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

RENEW_BEFORE = 1 / 20
"""How long before its expiry an access token is renewed, as a fraction of its lifetime."""

RENEW_BEFORE_AT_MOST = 600.0
"""The maximum of that time, in seconds."""

RENEWAL_TIMEOUT = 60.0
"""Seconds for which a failing renewal is tried again while a caller waits."""

MAX_REQUESTS = 8
"""The maximum number of requests to the tenant in that time."""

LONGEST_BACKGROUND_RETRY_AFTER = 300.0
"""Seconds. While the access token is valid, a longer ``Retry-After`` is cut to this."""

_FIRST_DELAY = 1.0  # seconds between the first two requests for a waiting caller; doubles
_FIRST_BACKGROUND_DELAY = 5.0  # seconds until the next one in the background; doubles
_MAX_DELAY, _MAX_BACKGROUND_DELAY = 16.0, 60.0

RESPONSE_LOST = (ConnectionCutError, TenantTimeoutError)
"""After these errors the tenant may have sent a response that was lost."""


def renewal_time(saved_at: float, expires_at: float) -> float:
    """When to renew an access token, in seconds since 1970.

    It is a random time, between half and all of `RENEW_BEFORE` before the expiry, so that kernels
    that started together do not send their requests together.

    Args:
        saved_at: When the kernel got the token, in seconds since 1970.
        expires_at: When it expires, in seconds since 1970.
    """
    before = min(max(0.0, expires_at - saved_at) * RENEW_BEFORE, RENEW_BEFORE_AT_MOST)
    return expires_at - before * random.uniform(0.5, 1.0)  # noqa: S311 - no secret


@dataclass(eq=False, slots=True)
class _Series:
    """A series of requests for new tokens. It ends with the first that succeeds.

    Attributes:
        retry: Whether to try again after a failure, because a caller waits.
        done: Set when the series has ended.
        error: Why it failed, or None.
    """

    retry: bool
    done: threading.Event = field(default_factory=threading.Event)
    error: Auth0WidgetError | None = None


class Renewal:
    """Renews the tokens of one session. Safe to use from several threads.

    Args:
        ask: Sends one request to the tenant, and stores the new tokens.
        changed: Called after a successful renewal, and after the first failed one.

    Attributes:
        problem: Why the last request failed, if another one will be sent; else None.
    """

    def __init__(self, ask: Callable[[], None], changed: Callable[[], None]) -> None:
        self._ask = ask
        self._changed = changed
        self._lock = threading.Lock()
        self._series: _Series | None = None
        self._failures = 0
        self._retry_at = 0.0  # of the monotonic clock
        self.problem: Auth0WidgetError | None = None
        new_locks_after_fork(self)

    def renew(self, is_due: Callable[[], bool], *, retry: bool) -> None:
        """Renew the tokens, and wait until that is done.

        Args:
            is_due: Returns whether the tokens still have to be renewed.
            retry: Whether to try again for up to a minute, if the failure may pass.

        Raises:
            Auth0WidgetError: The renewal failed.
        """
        if retry and (left := self.seconds_until_allowed) > RENEWAL_TIMEOUT:
            raise RateLimitError(retry_after=left)
        while (series := self._join(is_due, retry=retry)) is not None:
            series.done.wait()
            if series.error is None:
                return
            if series.retry or not retry:
                raise series.error.with_traceback(None)

    def renew_in_background(self, is_due: Callable[[], bool]) -> None:
        """Start to renew the tokens, unless there is still a delay. Returns at once."""
        if time.monotonic() >= self._retry_at:
            self._join(is_due, retry=False)

    def forget_failures(self) -> None:
        """Forget earlier failures and the delay that followed them."""
        with self._lock:
            self._failures, self._retry_at, self.problem = 0, 0.0, None

    def _join(self, is_due: Callable[[], bool], *, retry: bool) -> _Series | None:
        """The series that is under way, or a new one. None if there is nothing to renew."""
        new: _Series | None = None
        try:
            with self._lock:
                if self._series is not None:
                    self._series.retry |= retry
                    return self._series
                if not is_due():
                    return None
                new = self._series = _Series(retry)
            series = new
            in_background(lambda: self._work(series), lambda error: self._end(series, error))
        except BaseException:
            if new is not None:
                self._end(new, UnexpectedError())  # an interrupt, before the thread started
            raise
        return series

    @property
    def seconds_until_allowed(self) -> float:
        """Seconds until the time in the tenant's ``Retry-After``; 0 if there is none."""
        named = isinstance(self.problem, RateLimitError) and self.problem.retry_after
        return max(0.0, self._retry_at - time.monotonic()) if named else 0.0

    def _work(self, series: _Series) -> None:
        give_up_at = time.monotonic() + RENEWAL_TIMEOUT
        if series.retry and (left := self.seconds_until_allowed) > 0:
            time.sleep(left)
        for number in range(1, MAX_REQUESTS + 1):
            try:
                self._ask()
            except Auth0WidgetError as error:
                delay = _delay(error, number)
                if not self._should_retry(series, error, number, give_up_at - delay):
                    raise
            else:
                self.forget_failures()
                self._changed()
                self._end(series, None)
                return
            time.sleep(delay)

    def _should_retry(
        self, series: _Series, error: Auth0WidgetError, number: int, latest: float
    ) -> bool:
        """Store a failure. Returns whether to send another request.

        Args:
            series: The series.
            error: Why its last request failed.
            number: How many requests it has sent.
            latest: When the next delay has to start at the latest, by the monotonic clock.
        """
        log.info("a renewal failed with %s", error.code)
        if not error.passing or error.needs_correction:
            self.forget_failures()
            return False
        # The frames of these hold secrets.
        error.__traceback__ = error.__cause__ = error.__context__ = None
        with self._lock:
            began = self.problem is None
            self._failures += 1
            self._retry_at = time.monotonic() + _background_delay(error, self._failures)
            self.problem = error
            retries = (
                number < MAX_REQUESTS
                and time.monotonic() <= latest
                and (series.retry or (number == 1 and isinstance(error, RESPONSE_LOST)))
            )
            if not retries:
                self._series = None  # a caller that comes now starts a new series
        if began:
            self._changed()
        return retries

    def _end(self, series: _Series, error: Auth0WidgetError | None) -> None:
        with self._lock:
            series.error = error
            if self._series is series:
                self._series = None
        series.done.set()


def _delay(error: Auth0WidgetError, number: int) -> float:
    """Seconds until the next request of a series that has sent ``number`` requests."""
    if number == 1 and isinstance(error, RESPONSE_LOST):
        # The lost response may have had the next refresh token in it. Within the rotation overlap
        # period, which is only a few seconds, the tenant accepts the same refresh token once more
        # (Auth0, "Configure Refresh Token Rotation"; RFC 9700, 4.14.2).
        return 0.0
    delay = min(_FIRST_DELAY * 2 ** (number - 1), _MAX_DELAY)
    return max(_jitter(delay), _retry_after(error))


def _background_delay(error: Auth0WidgetError, failures: int) -> float:
    """Seconds until the next series, while the access token is valid."""
    pause = min(_FIRST_BACKGROUND_DELAY * 2 ** min(failures - 1, 8), _MAX_BACKGROUND_DELAY)
    return max(_jitter(pause), min(_retry_after(error), LONGEST_BACKGROUND_RETRY_AFTER))


def _retry_after(error: Auth0WidgetError) -> float:
    return (error.retry_after if isinstance(error, RateLimitError) else None) or 0.0


def _jitter(seconds: float) -> float:
    """A random part of a delay, so that kernels with the same failure do not retry together."""
    return seconds * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
