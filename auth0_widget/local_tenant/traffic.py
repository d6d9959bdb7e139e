"""What was asked of the tenant, and failures that tests order in advance."""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from flask import Request


class Requests:
    """Counts of requests by path, without anything secret.

    ``requests["/oauth/token"]`` and ``requests.total`` leave out CORS preflights, which browsers
    send on their own; ``requests.log`` has them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._log: list[tuple[str, str]] = []

    def __getitem__(self, path: str) -> int:
        """How often this path was asked for."""
        return self.counts[path]

    @property
    def counts(self) -> Counter[str]:
        """Path → number of requests."""
        return Counter(path for method, path in self.log if method != "OPTIONS")

    @property
    def total(self) -> int:
        """The number of all requests."""
        return self.counts.total()

    @property
    def log(self) -> list[tuple[str, str]]:
        """(method, path) of each request in order, without query strings."""
        with self._lock:
            return list(self._log)

    def clear(self) -> None:
        """Begin counting anew."""
        with self._lock:
            self._log.clear()

    def record(self, request: Request) -> None:
        """Count one request."""
        with self._lock:
            self._log.append((request.method, request.path))


@dataclass(frozen=True)
class Failure:
    """An answer that stands in for the tenant's own."""

    status: int
    body: str | bytes
    content_type: str

    def response(self) -> Response:
        """The failure as an HTTP answer."""
        return Response(self.body, status=self.status, content_type=self.content_type)


@dataclass
class Failures:
    """Failures in the order they were asked for, by path."""

    _queues: dict[str, deque[Failure]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, path: str, failure: Failure, times: int) -> None:
        """Let the next ``times`` requests to this path fail."""
        with self._lock:
            self._queues.setdefault(path, deque()).extend([failure] * times)

    def next(self, request: Request) -> Response | None:
        """The failure that is due for this request, or None."""
        if request.method == "OPTIONS":
            return None
        with self._lock:
            queue = self._queues.get(request.path)
            return queue.popleft().response() if queue else None
