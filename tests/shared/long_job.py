"""A job of twelve hours in a few seconds: ``make long-job`` prints the results of twenty.

The job calls an API that checks its tokens, with ``session.auth``. Its clock is simulated: it moves
between two calls, on the way to the API, while a caller waits for the next renewal, and while the
tenant does not respond. Three in a hundred of the tenant's responses are a 5xx, a 429, a time-out
or a cut connection; the tenant restarts once; the browser is closed after a minute.
"""

from __future__ import annotations

import argparse
import dataclasses
import logging
import os
import random
import sys
import threading
import time
from contextlib import ExitStack
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import httpx
import jwt
import time_machine
from kernel import ORIGIN, Kernel

from auth0_widget.config import Settings
from auth0_widget.errors import Auth0WidgetError, TenantTimeoutError
from auth0_widget.local_tenant import Api, LocalTenant
from auth0_widget.local_tenant.failure_kinds import Details, Kind
from auth0_widget.local_tenant.failures import Failure
from auth0_widget.oauth import transport
from auth0_widget.session import renewal, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Request

    from auth0_widget.session.session import Session

HOURS = 12
LIFETIME = 300  # seconds, of an access token
OVERLAP = 30  # seconds, in which the refresh token that was just replaced is taken again
MAX_RATIO = 1.1  # of the token requests to the least possible number of them
TROUBLE = 0.03  # of the tenant's responses
OFTEN = 0.99  # of the calls come soon after the one before
RESTART = 30  # seconds for which the tenant is away
TIMEOUT = 10  # seconds after which a request that is without a response is given up

KINDS: tuple[Kind, ...] = (
    "server_error", "bad_gateway", "unavailable", "rate_limited", "no_answer", "cut", "cut_body",
    "answer_lost",
)  # fmt: skip


class Clock:
    """The clock of the whole process, in place of the module ``time`` where code would sleep.

    Attributes:
        alarms: Time → what happens then.
    """

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self._traveller = traveller
        self.alarms: list[tuple[float, Callable[[], object]]] = []

    def time(self) -> float:
        """The time of day."""
        return time.time()

    monotonic = time

    def sleep(self, seconds: float) -> None:
        """Move the clock forward, and run the alarms that are due."""
        end = time.time() + seconds
        while due := [alarm for alarm in self.alarms if alarm[0] <= end]:
            alarm = min(due, key=lambda one: one[0])
            self.alarms.remove(alarm)
            self._traveller.move_to(max(alarm[0], time.time()))
            alarm[1]()
        self._traveller.move_to(max(end, time.time()))


class Trouble(Failure):
    """Makes some of the tenant's responses fail, each with a random kind of failure.

    Attributes:
        met: How many have failed.
    """

    def __init__(self, chance: random.Random) -> None:
        super().__init__("", "cut", Details(), left=None)
        self._chance = chance
        self.met = 0

    def is_for(self, request: Request) -> bool:
        """Whether this request is to fail, at random."""
        if request.method == "GET" or self._chance.random() >= TROUBLE:
            return False
        self.kind = self._chance.choice(KINDS)
        self.details = Details(retry_after=self._chance.choice((1, 5, 30)))
        self.met += 1
        return True


class CheckingApi(httpx.BaseTransport):
    """An API that counts the expired tokens that it receives."""

    def __init__(self, clock: Clock, chance: random.Random) -> None:
        self._clock, self._chance = clock, chance
        self.calls = self.expired = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Respond, after the time that a request takes."""
        self._clock.sleep(self._chance.uniform(0.02, 2.0))
        token = request.headers["Authorization"].removeprefix("Bearer ")
        claims = jwt.decode(token, options={"verify_signature": False})
        self.calls += 1
        if claims["exp"] > time.time():
            return httpx.Response(200)
        self.expired += 1
        return httpx.Response(401)


@dataclasses.dataclass
class Row:
    """The result of one job. Times are in seconds."""

    seed: int
    calls: int = 0
    failed: int = 0
    expired: int = 0
    trouble: int = 0
    token_requests: int = 0
    least_possible: int = 0
    longest_call: float = 0.0

    @property
    def ratio(self) -> float:
        """The token requests divided by the least possible number."""
        return self.token_requests / self.least_possible


def least_possible(calls: list[float], refused: int) -> int:
    """The least number of token requests with which each call has a valid token.

    One whenever the last token has expired, and one more for each request that has failed.
    """
    needed, end = 0, float("-inf")
    for call in calls:
        if call >= end:
            needed, end = needed + 1, call + LIFETIME
    return needed - 1 + refused  # the login has given the first


def run(seed: int, hours: float = HOURS) -> Row:
    """One job.

    Args:
        seed: The seed of all random numbers.
        hours: The length of the job.
    """
    chance, bad_luck = random.Random(seed), random.Random(-seed - 1)
    random.seed(seed)  # what renewals leave to chance
    row, calls = Row(seed), []
    with ExitStack() as stack:
        clock = Clock(stack.enter_context(time_machine.travel(1_800_000_000, tick=False)))
        for module in (renewal, tokens):
            stack.enter_context(patch.object(module, "time", clock))
        stack.enter_context(patch.object(transport, "DEADLINE", 1.0))
        stack.enter_context(_time_outs_take_time(clock))
        api = Api("https://notes.example.com/", "Notes", {}, token_lifetime=LIFETIME)
        tenant = stack.enter_context(LocalTenant(origins=[ORIGIN], apis=[api]))
        tenant.application.refresh_token_overlap = OVERLAP
        settings = Settings.resolve(
            domain=tenant.url, client_id=tenant.client_id, audience=api.identifier
        )
        kernel = Kernel(tenant, settings, "memory")
        stack.callback(kernel.close)
        session = _log_in(kernel)
        trouble = Trouble(bad_luck)
        tenant._context.failures.add(trouble)
        tenant.requests.clear()
        checking = CheckingApi(clock, chance)
        began = time.time()
        some_time = began + chance.uniform(0.1, 0.9) * hours * 3600
        clock.alarms.append((some_time, lambda: _restart_at_the_end(session, tenant, clock)))
        # After a minute the browser is closed, and exchanges no more messages.
        clock.alarms.append((began + 60, kernel.bridge.close))
        with httpx.Client(transport=checking) as client:
            while time.time() < began + hours * 3600:
                calls.append(time.time())
                try:
                    response = client.get(api.identifier, auth=session.auth)
                    row.failed += response.status_code != httpx.codes.OK
                except Auth0WidgetError:
                    row.failed += 1
                row.longest_call = max(row.longest_call, time.time() - calls[-1])
                _wait_for_the_background(session)
                # Usually the next call follows soon; sometimes the job computes for a while.
                clock.sleep(chance.uniform(1, 30 if chance.random() < OFTEN else 900))
        row.calls, row.expired = checking.calls, checking.expired
        row.trouble = trouble.met
        row.token_requests = tenant.requests["/oauth/token"]
        row.least_possible = least_possible(calls, trouble.met)
    return row


def _log_in(kernel: Kernel) -> Session:
    changed = threading.Event()
    kernel.login.listen(changed.set)
    response = kernel.tenant.sign_in(kernel.open())
    kernel.receive("authorization_response", response=response)
    session = kernel.login.session
    while session is None:  # another thread exchanges the code
        changed.wait()
        changed.clear()
        session = kernel.login.session
    return session


def _time_outs_take_time(clock: Clock) -> Any:
    ask_once = transport.Transport._request_once

    def taking_time(self: Any, *arguments: Any) -> Any:
        try:
            return ask_once(self, *arguments)
        except TenantTimeoutError:
            clock.sleep(TIMEOUT)
            raise

    return patch.object(transport.Transport, "_request_once", taking_time)


def _restart_at_the_end(session: Session, tenant: LocalTenant, clock: Clock) -> None:
    """Restart the tenant at the worst moment: while the access token expires."""
    away = session.expires_at - RESTART / 3
    clock.alarms += [(away, tenant.stop), (away + RESTART, tenant.start)]


def _wait_for_the_background(session: Session) -> None:
    """Wait until background requests are done, because the simulated clock is much faster."""
    series = session._managed._renewal._series
    if series is not None:
        series.done.wait()


def _table(rows: Iterator[Row]) -> Iterator[str]:
    yield (
        "| seed | API calls | failed | with an expired token | responses that failed"
        " | token requests | least possible | ratio | longest call |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for row in rows:
        yield (
            f"| {row.seed} | {row.calls} | {row.failed} | {row.expired} | {row.trouble} "
            f"| {row.token_requests} | {row.least_possible} | {row.ratio:.3f} "
            f"| {row.longest_call:.0f} s |"
        )


def main() -> int:
    """Print the table. The exit status says whether a job failed or sent too many requests."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seeds", type=int, default=20)
    logging.getLogger("auth0_widget").setLevel(logging.ERROR)  # there is trouble, on purpose
    rows: list[Row] = []

    def each() -> Iterator[Row]:
        for seed in range(arguments.parse_args().seeds):
            rows.append(run(seed))
            yield rows[-1]

    with TemporaryDirectory() as folder:  # the keys of these tenants are nobody else's business
        os.environ.update(XDG_CACHE_HOME=folder, XDG_DATA_HOME=folder)
        for line in _table(each()):
            print(line, flush=True)  # noqa: T201 - a command's output
    return int(any(row.failed or row.expired or row.ratio > MAX_RATIO for row in rows))


if __name__ == "__main__":
    sys.exit(main())
