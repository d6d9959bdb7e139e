"""The failures that tests have set with ``LocalTenant.fail``, by endpoint."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auth0_widget.local_tenant.failure_kinds import PROCESSED_FIRST, Kind, refusal, substitute
from auth0_widget.local_tenant.held_connections import HeldConnection, cut, half
from auth0_widget.local_tenant.model import DEVICE_CODE

if TYPE_CHECKING:
    from flask import Request
    from werkzeug.wrappers import Response

    from auth0_widget.local_tenant.failure_kinds import Details

ENDPOINTS = {
    "authorize": "/authorize",
    "token": "/oauth/token",
    "device_code": "/oauth/device/code",
    "revoke": "/oauth/revoke",
    "userinfo": "/userinfo",
    "jwks": "/.well-known/jwks.json",
    "configuration": "/.well-known/openid-configuration",
    "logout": "/v2/logout",
}
"""The name of an endpoint in tests → its path."""

# The short name of a grant type.
_GRANTS = {"device_code": DEVICE_CODE}


@dataclass(eq=False)
class Failure:
    """One failure, as ``LocalTenant.fail`` returns it.

    Attributes:
        path: The endpoint that fails.
        kind: How it fails.
        grant: The only ``grant_type`` that fails, or None.
        left: How many more requests will fail; None means all.
        requests: How many requests have failed.
    """

    path: str
    kind: Kind
    details: Details
    grant: str | None = None
    left: int | None = 1
    requests: int = 0
    _connection: HeldConnection = field(default_factory=HeldConnection, repr=False)

    def is_for(self, request: Request) -> bool:
        """Whether this request is to fail."""
        if self.path != request.path or self.left == 0:
            return False
        return self.grant is None or self.grant == _grant_type(request)

    def count(self) -> None:
        """Count a request that fails."""
        self.requests += 1
        if self.left is not None:
            self.left -= 1

    def clear(self) -> None:
        """Let no more requests fail, and cut the connections of clients that still wait."""
        self.left = 0
        self._connection.cut_off()

    # For tests, with the kinds that keep a client waiting

    def wait_for_request(self, timeout: float = 30.0) -> None:
        """Return once a request has come that ``no_answer`` or ``slow`` keeps waiting.

        Args:
            timeout: Seconds after which a test that is wrong ends.

        Raises:
            TimeoutError: None came.
        """
        if not self._connection.arrived.wait(timeout):
            message = f"no request came to {self.path}"
            raise TimeoutError(message)

    def drip(self, size: int = 1) -> None:
        """Send this many more bytes of a ``slow`` response."""
        self._connection.let_through(size)

    def release(self) -> None:
        """Respond to the clients that wait, and to all later ones without delay."""
        self._connection.open()

    # For the tenant

    def substitute(self, request: Request, now: int) -> Response | None:
        """The response in place of the tenant's own; None where the request is to be processed.

        With ``no_answer``, this returns when the test releases the request.
        """
        if self.kind == "cut":
            return cut(request)
        if self.kind == "no_answer":
            return None if self._connection.wait() else cut(request)
        if self.kind in PROCESSED_FIRST or self.refusal is not None:
            return None
        return substitute(self.kind, self.details, now)

    @property
    def refusal(self) -> tuple[str, str] | None:
        """The error and the description for ``/authorize``, if it is to refuse; else None."""
        return refusal(self.kind, self.details) if self.path == ENDPOINTS["authorize"] else None

    def cut_off(self) -> None:
        """Cut the connections of clients that wait, because the tenant stops."""
        self._connection.cut_off()

    def resume(self) -> None:
        """Keep clients waiting again, because the tenant has started again."""
        self._connection = HeldConnection()

    def damage(self, request: Request, response: Response) -> None:
        """Damage the tenant's own response before it is sent."""
        data = response.get_data()
        if self.kind == "answer_lost":
            response.response = cut(request).response
        elif self.kind == "cut_json":
            response.set_data(half(data))
        elif self.kind == "cut_body":
            # An incomplete message: the body is shorter than Content-Length (RFC 9112, 8).
            response.response = iter([half(data)])
            response.headers["Content-Length"] = str(max(len(data), 2))
        elif self.kind == "slow":
            response.response = self._connection.drip(data)
            response.headers["Content-Length"] = str(len(data))


@dataclass
class Failures:
    """The failures of one tenant. To each request, the first one that matches applies."""

    _ordered: list[Failure] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, failure: Failure) -> Failure:
        """Add a failure."""
        with self._lock:
            self._ordered.append(failure)
        return failure

    def next(self, request: Request) -> Failure | None:
        """The failure of this request, or None."""
        with self._lock:
            for failure in self._ordered:
                if failure.is_for(request):
                    failure.count()
                    return failure
        return None

    def clear(self) -> None:
        """Remove all failures, and cut the connections of clients that wait."""
        with self._lock:
            ordered, self._ordered = self._ordered, []
        for failure in ordered:
            failure.clear()

    def cut_off(self) -> None:
        """Cut the connections of clients that wait, so that the tenant can stop."""
        with self._lock:
            for failure in self._ordered:
                failure.cut_off()

    def resume(self) -> None:
        """Keep clients waiting again, after `cut_off`."""
        with self._lock:
            for failure in self._ordered:
                failure.resume()


def path_of(endpoint: str) -> str:
    """The path of an endpoint, by its name or as it is.

    Raises:
        ValueError: There is no endpoint of this name.
    """
    if endpoint.startswith("/"):
        return endpoint
    if endpoint not in ENDPOINTS:
        message = f"no endpoint is called {endpoint!r}; there are {', '.join(ENDPOINTS)}"
        raise ValueError(message)
    return ENDPOINTS[endpoint]


def grant_of(name: str | None) -> str | None:
    """The grant type with this name. ``device_code`` is short for that of RFC 8628."""
    return None if name is None else _GRANTS.get(name, name)


def _grant_type(request: Request) -> str | None:
    body = request.get_json(silent=True) if request.is_json else None
    return body.get("grant_type") if isinstance(body, dict) else request.values.get("grant_type")
