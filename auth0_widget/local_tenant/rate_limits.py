"""The rate limits of a free tenant at Auth0 (Auth0 docs, "Rate Limit Configurations: Free")."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auth0_widget.local_tenant.failure_kinds import rate_limited
from auth0_widget.local_tenant.failures import ENDPOINTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Request
    from werkzeug.wrappers import Response

    from auth0_widget.local_tenant.context import Context


@dataclass(frozen=True)
class Limit:
    """The limit of a token bucket: its size, and the requests a second with which it fills up."""

    size: int
    per_second: float


ALL = Limit(300, 300 / 60)
"""The limit of the whole Authentication API."""

USERINFO = Limit(10, 5 / 60)
"""The limit of ``/userinfo`` for each user: 5 a minute, with bursts of 10."""

PER_ENDPOINT: Mapping[str, Limit] = {
    ENDPOINTS["token"]: Limit(30, 30),
    ENDPOINTS["jwks"]: Limit(20, 20),
}
"""The endpoints that have a limit of their own for all clients."""


@dataclass
class Bucket:
    """How much of a limit is left."""

    limit: Limit
    left: float
    at: float

    def take(self, now: float) -> bool:
        """Take one request, if one is left."""
        self.left = min(self.limit.size, self.left + (now - self.at) * self.limit.per_second)
        self.at = now
        # The tolerance is for rounding errors: seconds times a rate are no whole numbers.
        if self.left < 1 - 1e-6:
            return False
        self.left -= 1
        return True

    def refusal(self) -> Response:
        """The response where no request is left."""
        until_next = max(0.0, (1 - self.left) / self.limit.per_second)
        until_full = (self.limit.size - self.left) / self.limit.per_second
        return rate_limited(
            self.limit.size, math.ceil(self.at + until_full), max(1, math.ceil(until_next - 1e-6))
        )


@dataclass
class RateLimits:
    """The buckets of one tenant."""

    _buckets: dict[str, Bucket] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def refuse(self, context: Context, request: Request) -> Response | None:
        """The response to a request that exceeds a limit, else None."""
        now = context.settings.clock()
        with self._lock:
            for name, limit in _limits_of(context, request).items():
                bucket = self._buckets.setdefault(name, Bucket(limit, limit.size, now))
                if not bucket.take(now):
                    return bucket.refusal()
        return None


def _limits_of(context: Context, request: Request) -> dict[str, Limit]:
    """The limits that apply to this request. The pages for the person have none."""
    if request.path not in ENDPOINTS.values():
        return {}
    limits = {"all": ALL}
    if request.path in PER_ENDPOINT:
        limits[request.path] = PER_ENDPOINT[request.path]
    if request.path == ENDPOINTS["userinfo"]:
        value = request.headers.get("Authorization", "").partition(" ")[2]
        token = context.ledger.access_tokens.get(value)
        if token is not None and token.authorization.user is not None:
            limits[f"/userinfo {token.authorization.user.sub}"] = USERINFO
    return limits
