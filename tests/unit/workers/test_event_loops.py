"""Threads, and the event loops that httpx knows: the kernel's own process needs no pickle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import httpx
import pytest
from lifetimes import end_in

from auth0_widget.local_tenant import NotesApi

if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant
    from auth0_widget.session.session import Session


@pytest.fixture
def session(new_kernel: Callable[..., Kernel]) -> Session:
    scope = "openid offline_access read:notes"
    session: Session = new_kernel(audience="https://notes.example.com/", scope=scope).log_in()
    return session


@pytest.mark.parametrize("of", ["session", "source"])
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_tasks_of_an_event_loop_share_one_renewal(
    session: Session, tenant: LocalTenant, backend: str, of: str
) -> None:
    auth: Any = session if of == "session" else session.token_source()
    end_in(session, -1)
    tenant.requests.clear()
    statuses: list[int] = []

    async def call(client: httpx.AsyncClient, url: str) -> None:
        response = await client.get(f"{url}/notes", auth=auth.auth_for(url), timeout=60)
        statuses.append(response.status_code)

    async def main(url: str) -> None:
        async with (
            httpx.AsyncClient(trust_env=False) as client,
            anyio.create_task_group() as tasks,
        ):
            for _ in range(10):
                tasks.start_soon(call, client, url)

    with NotesApi(tenant.url) as api:
        anyio.run(main, api.url, backend=backend)
    assert statuses == [200] * 10
    assert tenant.requests["/oauth/token"] == 1


def test_a_token_provider_gives_a_token_that_is_good_now(
    session: Session, tenant: LocalTenant
) -> None:
    provide, provide_async = session.token_provider(), session.async_token_provider()
    before = provide()
    assert before == anyio.run(provide_async) == session.access_token
    end_in(session, -1)
    tenant.requests.clear()
    assert anyio.run(provide_async) == provide() != before
    assert tenant.requests["/oauth/token"] == 1
