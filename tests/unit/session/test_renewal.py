"""Many callers at the same moment; what one caller meets: test_managed_session.py."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest
from lifetimes import Clock, end_in

from auth0_widget.errors import (
    Auth0WidgetError,
    LoginCancelledError,
    TenantDownError,
    UnexpectedError,
)
from auth0_widget.session import renewal
from auth0_widget.session.renewal import Renewal

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget import Session
    from auth0_widget.local_tenant import LocalTenant
    from auth0_widget.local_tenant.failure_kinds import Kind

CALLERS = 50


@pytest.fixture
def session(
    login_as: Callable[..., Session], local_tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch
) -> Session:
    """A session whose access token is over, and that does not wait long to ask again."""
    monkeypatch.setattr(renewal, "time", Clock())
    local_tenant.application.refresh_token_overlap = 60
    session = login_as()
    end_in(session, -1)
    local_tenant.requests.clear()
    return session


def _use_in_threads_and_tasks(session: Session, url: str) -> list[int]:
    """The API's responses to 50 threads and 50 tasks, which all ask at the same moment."""
    ready = threading.Barrier(CALLERS + 1)

    def use(client: httpx.Client) -> int:
        ready.wait(60)
        return client.get(url, auth=session.auth).status_code

    async def use_in_tasks() -> list[int]:
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            ready.wait(60)
            tasks = [client.get(url, auth=session.auth) for _ in range(CALLERS)]
            return [response.status_code for response in await asyncio.gather(*tasks)]

    with httpx.Client(trust_env=False, timeout=60) as client, ThreadPoolExecutor(CALLERS) as pool:
        threads = [pool.submit(use, client) for _ in range(CALLERS)]
        statuses = asyncio.run(use_in_tasks())
        return statuses + [thread.result() for thread in threads]


@pytest.mark.parametrize(
    "failures",
    [(), ("answer_lost",), ("rate_limited", "unavailable"), ("cut", "cut_body", "captive_portal")],
    ids=" ".join,
)
def test_at_expiry_fifty_threads_and_fifty_tasks_are_served_by_one_renewal(
    session: Session, local_tenant: LocalTenant, failures: tuple[Kind, ...]
) -> None:
    for kind in failures:
        local_tenant.fail("token", kind)
    statuses = _use_in_threads_and_tasks(session, f"{local_tenant.url}/userinfo")
    assert statuses == [200] * 2 * CALLERS
    assert local_tenant.requests["/oauth/token"] == 1 + len(failures)


def test_where_the_tenant_stays_down_all_of_them_get_the_error(
    session: Session, local_tenant: LocalTenant
) -> None:
    local_tenant.fail("token", "unavailable", times=None)
    ready = threading.Barrier(CALLERS)

    def use() -> type[BaseException] | None:
        ready.wait(60)
        try:
            _ = session.access_token
        except Auth0WidgetError as error:
            return type(error)
        return None

    with ThreadPoolExecutor(CALLERS) as pool:
        outcomes = {thread.result() for thread in [pool.submit(use) for _ in range(CALLERS)]}
    assert outcomes == {TenantDownError}


def test_a_caller_who_cannot_wait_any_longer_hurries_up_the_attempt_in_the_background(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(renewal, "time", Clock())
    asked, go_on = threading.Semaphore(0), threading.Semaphore(0)
    failures = [TenantDownError(), TenantDownError()]

    def ask() -> None:
        asked.release()
        go_on.acquire()
        if failures:
            raise failures.pop()

    renewing = Renewal(ask, lambda: None)
    renewing.renew_in_background(lambda: True)
    asked.acquire()
    with ThreadPoolExecutor(1) as pool:
        caller = pool.submit(lambda: renewing.renew(lambda: True, retry=True))
        while not (renewing._series and renewing._series.retry):
            pass
        go_on.release(3)
        caller.result(60)
    assert renewing.problem is None


def test_an_error_that_nobody_foresaw_ends_the_waiting() -> None:
    def ask() -> None:
        raise RuntimeError

    renewing = Renewal(ask, lambda: None)
    for _ in range(2):
        with pytest.raises(UnexpectedError):
            renewing.renew(lambda: True, retry=True)


def test_what_another_request_does_not_change_is_told_at_once() -> None:
    asked: list[int] = []

    def ask() -> None:
        asked.append(1)
        raise LoginCancelledError

    renewing = Renewal(ask, lambda: None)
    with pytest.raises(LoginCancelledError):
        renewing.renew(lambda: True, retry=True)
    assert len(asked) == 1
    assert renewing.problem is None


def test_nobody_asks_for_what_another_has_renewed() -> None:
    renewing = Renewal(pytest.fail, lambda: None)
    renewing.renew(lambda: False, retry=True)
    renewing.renew_in_background(lambda: False)
