"""The requests that the tenant has received."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Request


class Requests:
    """Counts of requests by path. Query strings and bodies are not kept.

    ``requests["/oauth/token"]`` and ``requests.total`` do not count CORS preflights, which browsers
    send by themselves; ``requests.log`` contains them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._log: list[tuple[str, str]] = []

    def __getitem__(self, path: str) -> int:
        """The number of requests to this path."""
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
        """Forget all requests so far."""
        with self._lock:
            self._log.clear()

    def record(self, request: Request) -> None:
        """Count one request."""
        with self._lock:
            self._log.append((request.method, request.path))
