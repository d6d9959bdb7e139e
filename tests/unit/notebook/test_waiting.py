from __future__ import annotations

import asyncio
import signal
import threading
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from auth0_widget.errors import (
    CellCannotWaitError,
    KernelBlockedError,
    LoginTimeoutError,
    NoPageError,
    PopupClosedError,
)
from auth0_widget.login.login import Login
from auth0_widget.notebook import waiting
from auth0_widget.notebook.blocking import wait_blocking
from auth0_widget.notebook.waiting import wait_async

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from auth0_widget.config import Settings


@pytest.fixture
def login(settings: Settings) -> Iterator[Login]:
    login = Login(settings)
    yield login
    login.tenant.close()


class Pages:
    """Pages that show the widget: how many, and whether the kernel can hear them."""

    def __init__(self, *, shown: bool = True, heard: bool = True) -> None:
        self._shown, self._heard = shown, heard
        self.conditions: list[str] = []
        self.no_page: str | None = None

    def probe(self) -> bool:
        return self._shown

    def start_silent_login(self, *_: object) -> None:
        return None

    def heard_since(self, _moment: float) -> bool:
        return self._heard


# Seconds after which a wait that has lost its guard ends, so that its test fails.
LIMIT = 10.0


def _wait(login: Login, pages: Pages | None = None, timeout: float = LIMIT) -> Any:
    return wait_blocking(login, pages or Pages(), timeout, pytest.fail)


def _wait_async(login: Login, pages: Pages | None = None, **options: Any) -> Any:
    return wait_async(login, pages or Pages(), pytest.fail, **options)


def _run(cell: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(cell, LIMIT))


def _fail_from_another_thread(login: Login) -> PopupClosedError:
    error = PopupClosedError()
    threading.Thread(target=lambda: login.fail(login.start(), error)).start()
    return error


def _when_waiting(login: Login, action: Any) -> None:
    """Do it once somebody waits."""
    stop = login.listen(lambda: login.has_waiters and (stop(), action()))


def test_await_gives_what_another_thread_delivers(login: Login) -> None:
    async def run() -> Any:
        cell = asyncio.ensure_future(_wait_async(login))
        await asyncio.sleep(0)
        assert login.has_waiters
        error = _fail_from_another_thread(login)
        assert await cell is error

    asyncio.run(run())
    assert not login.has_waiters


def test_an_interrupted_await_waits_no_longer(login: Login) -> None:
    async def run() -> None:
        cell = asyncio.ensure_future(_wait_async(login))
        await asyncio.sleep(0)
        cell.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cell

    asyncio.run(run())
    assert not login.has_waiters


async def _wait_twice(login: Login, order: tuple[int, int]) -> object:
    """What handles Stop once two cells have waited, and given up in this order."""
    cells = [asyncio.ensure_future(_wait_async(login)) for _ in range(2)]
    await asyncio.sleep(0)
    for number in order:
        cells[number].cancel()
        with pytest.raises(asyncio.CancelledError):
            await cells[number]
    return signal.getsignal(signal.SIGINT)


@pytest.mark.usefixtures("stoppable")
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_stop_is_handled_as_before_once_no_cell_waits(login: Login, order: tuple[int, int]) -> None:
    async def run() -> None:
        before = signal.getsignal(signal.SIGINT)
        assert await _wait_twice(login, order) is before

    asyncio.run(run())


def test_a_blocking_wait_gives_what_another_thread_delivers(login: Login) -> None:
    errors: list[PopupClosedError] = []
    _when_waiting(login, lambda: errors.append(_fail_from_another_thread(login)))
    assert _wait(login) is errors[0]
    assert not login.has_waiters


def test_a_blocking_wait_ends_at_its_time_out(login: Login) -> None:
    assert isinstance(_wait(login, timeout=0), LoginTimeoutError)
    assert not login.has_waiters


def test_an_earlier_failure_does_not_end_a_later_wait(login: Login) -> None:
    login.fail(login.start(), PopupClosedError())
    assert isinstance(_wait(login, timeout=0), LoginTimeoutError)


def test_a_kernel_that_cannot_hear_its_page_is_found_out(
    login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "PAGE_TIMEOUT", 0)
    monkeypatch.setattr(waiting, "TICK", 0)
    assert isinstance(_wait(login, Pages(heard=False)), KernelBlockedError)
    assert isinstance(login.problem, KernelBlockedError)
    assert not login.has_waiters


def test_in_voila_a_page_that_has_not_spoken_yet_is_there_all_the_same(
    login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "PAGE_TIMEOUT", 0)
    monkeypatch.setattr(waiting, "TICK", 0)
    monkeypatch.setenv("VOILA_BASE_URL", "/")
    assert isinstance(_wait(login, Pages(shown=False, heard=False)), KernelBlockedError)


def test_where_no_cell_can_wait_none_does_and_the_card_says_why(
    login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = CellCannotWaitError()
    monkeypatch.setattr(waiting, "cannot_wait_error", lambda _flow: error)
    told: list[object] = []
    login.listen(lambda: told.append(login.has_waiters))
    assert _run(_wait_async(login)) is error
    assert _wait(login) is error
    assert login.problem is error
    assert told == [False, False]


def test_where_no_cell_can_wait_the_session_that_is_there_is_given_but_no_other(
    login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    session: Any = SimpleNamespace(active=True, public=object())
    login._current._session = session
    error = CellCannotWaitError()
    monkeypatch.setattr(waiting, "cannot_wait_error", lambda _flow: error)
    assert _run(_wait_async(login)) is session.public
    assert _wait(login) is session.public
    assert _run(_wait_async(login, new_session=True)) is error


def test_a_page_that_replies_is_waited_for(login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PAGE_TIMEOUT", 0)
    assert isinstance(_wait(login, Pages(heard=True), timeout=0.01), LoginTimeoutError)


def test_with_no_page_in_sight_the_person_is_told_once_and_the_wait_goes_on(
    login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "PAGE_TIMEOUT", 0)
    monkeypatch.setattr(waiting, "TICK", 0)
    said: list[str] = []
    error = PopupClosedError()

    def say(text: str) -> None:
        said.append(text)
        login.fail(login.start(), error)

    assert wait_blocking(login, Pages(shown=False, heard=False), LIMIT, say) is error
    assert len(said) == 1
    assert "await login" in said[0]


@pytest.mark.parametrize("how", ["await", "wait"])
def test_a_kernel_that_no_page_has_ever_connected_to_waits_for_nobody(
    login: Login, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(waiting, "PAGE_TIMEOUT", 0)
    monkeypatch.setattr(waiting, "TICK", 0)
    monkeypatch.setattr(waiting, "page_never_connected", lambda: True)
    login.settings = replace(login.settings, flow="popup")
    nobody = Pages(shown=False, heard=False)
    outcome = _run(_wait_async(login, nobody)) if how == "await" else _wait(login, nobody)
    assert isinstance(outcome, NoPageError)
    assert "flow='device'" in str(outcome)
    assert login.problem is outcome
    assert not login.has_waiters


def test_whoever_awaits_a_page_that_does_not_reply_gets_one_notice_and_waits_on(
    login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "PAGE_TIMEOUT", 0)
    monkeypatch.setattr(waiting, "TICK", 0)
    said: list[str] = []
    error = PopupClosedError()

    def say(text: str) -> None:
        said.append(text)
        login.fail(login.start(), error)

    nobody = Pages(shown=False, heard=False)
    assert _run(wait_async(login, nobody, say)) is error
    assert said == [waiting.STILL_WAITING]


@pytest.mark.parametrize("how", ["await", "wait"])
def test_a_session_that_ended_in_the_machine_s_sleep_is_told_before_the_wait(
    login: Login, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    # Or the card would say "You are logged in", with no Log in button, while the cell waits.
    told: list[str] = []
    monkeypatch.setattr(login, "expire_if_over", lambda: told.append(login.status))
    monkeypatch.setattr(waiting, "cannot_wait_error", lambda _flow: CellCannotWaitError())
    if how == "await":
        _run(_wait_async(login))
    else:
        _wait(login)
    assert told
