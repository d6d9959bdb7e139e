"""Failures that tests order in advance, by endpoint and by name: ``LocalTenant.fail``."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auth0_widget.local_tenant.failure_kinds import AFTERWARDS, Kind, refusal, substitute
from auth0_widget.local_tenant.lines import Line, cut, half
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
"""What a test calls an endpoint → its path."""

# The grant type of the device flow is too long to be written by hand.
_GRANTS = {"device_code": DEVICE_CODE}


@dataclass(eq=False)
class Failure:
    """One ordered failure; what ``LocalTenant.fail`` answers with.

    Attributes:
        path: The endpoint that fails.
        kind: How it fails.
        grant: The only ``grant_type`` that fails, or None.
        left: How many requests are still to fail; None: all of them.
        requests: How many requests have failed so.
    """

    path: str
    kind: Kind
    details: Details
    grant: str | None = None
    left: int | None = 1
    requests: int = 0
    _line: Line = field(default_factory=Line, repr=False)

    def is_for(self, request: Request) -> bool:
        """Whether this request is one that shall fail."""
        if self.path != request.path or self.left == 0:
            return False
        return self.grant is None or self.grant == _grant_type(request)

    def count(self) -> None:
        """Use up one time."""
        self.requests += 1
        if self.left is not None:
            self.left -= 1

    def clear(self) -> None:
        """Let no more requests fail; those that wait for an answer are cut off."""
        self.left = 0
        self._line.hang_up()

    # What tests do with one that keeps its client waiting

    def wait_for_request(self, timeout: float = 30.0) -> None:
        """Return once a request has come that ``no_answer`` or ``slow`` keeps waiting.

        Args:
            timeout: Seconds. It is there so that a test that is wrong ends.

        Raises:
            TimeoutError: None came.
        """
        if not self._line.arrived.wait(timeout):
            message = f"no request came to {self.path}"
            raise TimeoutError(message)

    def drip(self, size: int = 1) -> None:
        """Let a ``slow`` answer go on by this many bytes."""
        self._line.let_through(size)

    def release(self) -> None:
        """Let what waits have its answer, and everything after it at once."""
        self._line.open()

    # What the tenant does with it

    def instead(self, request: Request, now: int) -> Response | None:
        """The answer in place of the tenant's own; None where the tenant does its work first.

        With ``no_answer`` it returns when the test releases it, and the tenant does its work then.
        """
        if self.kind == "cut":
            return cut(request)
        if self.kind == "no_answer":
            return None if self._line.wait() else cut(request)
        if self.kind in AFTERWARDS or self.refusal is not None:
            return None
        return substitute(self.kind, self.details, now)

    @property
    def refusal(self) -> tuple[str, str] | None:
        """Error and description that ``/authorize`` tells the application, if it is to refuse."""
        return refusal(self.kind, self.details) if self.path == ENDPOINTS["authorize"] else None

    def hang_up(self) -> None:
        """Cut off who waits, because the tenant stops."""
        self._line.hang_up()

    def resume(self) -> None:
        """Keep clients waiting again, because the tenant starts again."""
        self._line = Line()

    def spoil(self, request: Request, response: Response) -> None:
        """Change the tenant's own answer on its way out."""
        data = response.get_data()
        if self.kind == "answer_lost":
            response.response = cut(request).response
        elif self.kind == "cut_json":
            response.set_data(half(data))
        elif self.kind == "cut_body":
            # A length that is promised and not kept (RFC 9112, 8).
            response.response = iter([half(data)])
            response.headers["Content-Length"] = str(max(len(data), 2))
        elif self.kind == "slow":
            response.response = self._line.drip(data)
            response.headers["Content-Length"] = str(len(data))


@dataclass
class Failures:
    """The ordered failures of one tenant; for each request the first that is for it counts."""

    _ordered: list[Failure] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, failure: Failure) -> Failure:
        """Order a failure."""
        with self._lock:
            self._ordered.append(failure)
        return failure

    def next(self, request: Request) -> Failure | None:
        """The failure that is due for this request, or None."""
        with self._lock:
            for failure in self._ordered:
                if failure.is_for(request):
                    failure.count()
                    return failure
        return None

    def clear(self) -> None:
        """Let nothing fail any more, and cut off what waits."""
        with self._lock:
            ordered, self._ordered = self._ordered, []
        for failure in ordered:
            failure.clear()

    def hang_up(self) -> None:
        """Cut off who waits, so that the tenant can stop; what is ordered stays ordered."""
        with self._lock:
            for failure in self._ordered:
                failure.hang_up()

    def resume(self) -> None:
        """Keep clients waiting again, after ``hang_up``."""
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
    """The grant type of this name: ``device_code`` stands for the one of RFC 8628."""
    return None if name is None else _GRANTS.get(name, name)


def _grant_type(request: Request) -> str | None:
    body = request.get_json(silent=True) if request.is_json else None
    return body.get("grant_type") if isinstance(body, dict) else request.values.get("grant_type")
