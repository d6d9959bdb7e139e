from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

from auth0_widget.errors import LoginTimeoutError, PopupClosedError
from auth0_widget.login import Login
from auth0_widget.waiting import wait_async, wait_blocking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auth0_widget.config import Settings


@pytest.fixture
def login(settings: Settings) -> Iterator[Login]:
    login = Login(settings)
    yield login
    login.tenant.close()


def _fail_from_another_thread(login: Login) -> PopupClosedError:
    error = PopupClosedError()
    threading.Thread(target=lambda: login.fail(login.start(), error)).start()
    return error


def _when_waiting(login: Login, action: Any) -> None:
    """Do it once somebody waits."""
    stop = login.listen(lambda: login.waiting and (stop(), action()))


def test_await_gives_what_another_thread_delivers(login: Login) -> None:
    async def cell() -> Any:
        waiting = asyncio.ensure_future(wait_async(login))
        await asyncio.sleep(0)
        assert login.waiting
        error = _fail_from_another_thread(login)
        assert await waiting is error

    asyncio.run(cell())
    assert not login.waiting


def test_an_interrupted_await_waits_no_longer(login: Login) -> None:
    async def cell() -> None:
        waiting = asyncio.ensure_future(wait_async(login))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(cell())
    assert not login.waiting


def test_a_blocking_wait_gives_what_another_thread_delivers(login: Login) -> None:
    errors: list[PopupClosedError] = []
    _when_waiting(login, lambda: errors.append(_fail_from_another_thread(login)))
    assert wait_blocking(login) is errors[0]
    assert not login.waiting


def test_a_blocking_wait_ends_at_its_time_out(login: Login) -> None:
    assert isinstance(wait_blocking(login, timeout=0), LoginTimeoutError)
    assert not login.waiting


def test_an_earlier_failure_does_not_end_a_later_wait(login: Login) -> None:
    login.fail(login.start(), PopupClosedError())
    assert isinstance(wait_blocking(login, timeout=0), LoginTimeoutError)
