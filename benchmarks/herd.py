"""A class of 300 presses Run All within a minute, at a tenant with a free tier's rate limits."""

from __future__ import annotations

import heapq
import statistics
import tempfile
import threading
import time
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import httpx
from kernel import ORIGIN, Kernel
from measure import Row, Table

from auth0_widget.config import Settings
from auth0_widget.local_tenant import LocalTenant
from auth0_widget.local_tenant.model import User
from auth0_widget.oauth.jwks import JwksCache

if TYPE_CHECKING:
    from auth0_widget.session.session import Session

CLASS = 300
MINUTE = 60.0
_caches: WeakKeyDictionary[JwksCache, str] = WeakKeyDictionary()

PATIENCE = 240.0
"""Seconds after which a person counts as not logged in."""


class Student:
    """Somebody of the class, and their kernel.

    Attributes:
        waited: Seconds from Run All to the session; None where there is none.
        errors: The codes of the errors that their cards showed.
        turned_away: How often the tenant's own page sent them away before they could log in.
    """

    def __init__(self, tenant: LocalTenant, email: str) -> None:
        self.tenant, self.email = tenant, email
        self.waited: float | None = None
        self.errors: list[str] = []
        self.turned_away = 0
        self.record = ""

    def run_all(self) -> None:
        """Log in, again and again if need be."""
        begun = time.monotonic()
        kernel = self._kernel()
        while time.monotonic() - begun < PATIENCE:
            try:
                response = self.tenant.sign_in(kernel.open(), self.email)
            except (RuntimeError, httpx.HTTPError):
                self.turned_away += 1
                time.sleep(5)
                continue
            outcome = _outcome(kernel, response)
            if isinstance(outcome, str):
                self.errors.append(outcome)
                time.sleep(5)
                continue
            self.waited = time.monotonic() - begun
            self.record = kernel.stored()
            break
        kernel.close()

    def restart(self) -> bool:
        """Run All once more, in a new kernel. Whether the session is back."""
        kernel = self._kernel()
        kernel.find(self.record)
        for _ in range(200):
            if kernel.login.session is not None:
                break
            time.sleep(0.01)
        kernel.close()
        return kernel.login.session is not None

    def _kernel(self) -> Kernel:
        settings = Settings.resolve(domain=self.tenant.url, client_id=self.tenant.client_id)
        kernel = Kernel(self.tenant, settings, "local")
        _caches[kernel.login.jwks] = self.email
        return kernel


def _outcome(kernel: Kernel, response: dict[str, str]) -> Session | str:
    """The session, or the code of the error that the card shows."""
    over = threading.Event()

    def look() -> None:
        if kernel.login.status != "logging_in":
            over.set()

    stop = kernel.login.listen(look)
    kernel.receive("authorization_response", response=response)
    over.wait(PATIENCE)
    stop()
    session = kernel.login.session
    return session if session is not None else kernel.problem or "nothing"


def measure(_runs: int) -> Table:
    """One class: its logins, its restarts, and what another client would have asked."""
    people = [User(f"student-{number}@example.com", f"Student {number}") for number in range(CLASS)]
    with tempfile.TemporaryDirectory() as folder:
        # Everybody has a home, and a cache, of their own.
        JwksCache._path = property(lambda self: Path(folder) / _caches.get(self, "all"))  # type: ignore[assignment] # noqa: SLF001
        with LocalTenant(origins=[ORIGIN], users=people, rate_limits=True) as tenant:
            students = [Student(tenant, person.email) for person in people]
            threads = []
            begun = time.monotonic()
            for number, student in enumerate(students):
                time.sleep(max(0.0, begun + number * MINUTE / CLASS - time.monotonic()))
                threads.append(threading.Thread(target=student.run_all, daemon=True))
                threads[-1].start()
            for thread in threads:
                thread.join()
            tenant.requests.clear()
            back = sum(student.restart() for student in students if student.record)
            asked = tenant.requests.total
    waits = [student.waited for student in students if student.waited is not None]
    errors = [code for student in students for code in student.errors]
    turned_away = sum(student.turned_away > 0 for student in students)
    refused, waited = _asks_on_each_load()
    return Table(
        "A class",
        f"{CLASS} people, each with a kernel and a home of their own, press Run All within a "
        "minute, type their password at once, and log in at the local tenant with the limits of "
        "Auth0's free tier (300 requests a minute in all, `/userinfo` 5 a minute for each "
        "person). Simulated kernels and people; the real protocol over HTTP. One class is one "
        "run. Who is sent away by the tenant's own login page (HTTP 429 from `/authorize`, "
        "before any code of ours is asked) tries again after 5 seconds. So does the client that "
        "asks `/userinfo`, with 300 people who load it three times within a minute; their time is "
        "simulated.",
        [
            Row("people who are logged in", [len(waits)], at_least=CLASS),
            Row("seconds they waited, median", [statistics.median(waits)] if waits else [], "s"),
            Row("seconds the slowest waited", [max(waits)] if waits else [], "s"),
            Row("errors in cards", [len(errors)], at_most=0, note=", ".join(sorted(set(errors)))),
            Row("people whom the tenant's own page sent away first", [turned_away]),
            Row("people whose session is back after a restart", [back], at_least=CLASS),
            Row("requests of all these restarts", [asked], at_most=0),
            Row("a client that asks `/userinfo` on each of three loads: loads refused", [refused]),
            Row("… seconds the slowest of these loads waited", [max(waited)], "s"),
        ],
    )


def _asks_on_each_load() -> tuple[int, list[float]]:
    """900 loads within a minute by a client that asks ``/userinfo`` each time.

    Returns how many are refused at first, and the seconds that each waits in all. By the tenant's
    own clock, which stands still between two requests.
    """
    now = time.time()
    people = [User(f"student-{number}@example.com", f"Student {number}") for number in range(CLASS)]
    tokens: dict[str, str] = {}
    refused, waited = 0, []
    with (
        LocalTenant(origins=[ORIGIN], users=people, clock=lambda: now) as tenant,
        httpx.Client(base_url=tenant.url, trust_env=False) as client,
    ):
        settings = Settings.resolve(domain=tenant.url, client_id=tenant.client_id)
        for person in people:
            kernel = Kernel(tenant, settings, "local")
            outcome = _outcome(kernel, tenant.sign_in(kernel.open(), person.email))
            if isinstance(outcome, str):
                raise TypeError(outcome)
            tokens[person.email] = outcome.access_token
            kernel.close()
        tenant._context.settings.rate_limits = True  # noqa: SLF001 - they logged in long ago
        begun = now
        loads = 3 * CLASS
        # When it asks next, and when it was loaded; by whom.
        planned = [
            (begun + n * MINUTE / loads, begun + n * MINUTE / loads, n) for n in range(loads)
        ]
        while planned:
            now, loaded, number = heapq.heappop(planned)
            token = tokens[people[number % CLASS].email]
            header = {"Authorization": f"Bearer {token}"}
            if client.get("/userinfo", headers=header).status_code == HTTPStatus.OK:
                waited.append(now - loaded)
                continue
            refused += now == loaded
            heapq.heappush(planned, (now + 5, loaded, number))
    return refused, waited
