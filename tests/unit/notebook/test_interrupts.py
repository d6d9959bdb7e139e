"""Stop while a cell waits, here without a kernel; with one: test_waiting.py."""

from __future__ import annotations

import asyncio
import contextlib
import selectors
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from auth0_widget.notebook.interrupts import interrupts, interrupts_deferred

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    with contextlib.closing(asyncio.new_event_loop()) as made:
        yield made


@pytest.mark.usefixtures("stoppable")
def test_two_that_wait_at_once_leave_no_handler_behind_in_whichever_order_they_end() -> None:
    before = signal.getsignal(signal.SIGINT)
    with contextlib.closing(asyncio.new_event_loop()) as loop:
        first, second = interrupts(loop), interrupts(loop)
        seen = [first.__enter__(), second.__enter__()]
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert [each() for each in seen] == [True, True]
        first.__exit__(None, None, None)
        assert signal.getsignal(signal.SIGINT) is not before
        second.__exit__(None, None, None)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.usefixtures("stoppable")
def test_stop_waits_for_the_end_of_what_must_not_be_left_half_done() -> None:
    before = signal.getsignal(signal.SIGINT)
    done: list[str] = []

    def work() -> None:
        with interrupts_deferred():
            for step in ("first half", "second half"):
                signal.raise_signal(signal.SIGINT)
                done.append(step)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["first half", "second half"]
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.usefixtures("stoppable")
def test_without_stop_nothing_is_raised_and_the_handler_is_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with interrupts_deferred():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


class WatchedSelector(selectors.DefaultSelector):
    """Says when the loop begins to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.waits = threading.Event()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout != 0:
            self.waits.set()
        return super().select(timeout)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="this system has no signals")
@pytest.mark.usefixtures("stoppable")
def test_stop_wakes_a_loop_that_waits() -> None:
    selector = WatchedSelector()
    kernel, over = threading.get_ident(), threading.Event()

    async def cell() -> None:
        cancelled = asyncio.get_running_loop().create_future()
        # As ipykernel's handler: what it asks of the loop does not wake it.
        signal.signal(signal.SIGINT, lambda *_: cancelled.cancel())
        with interrupts(asyncio.get_running_loop()) as interrupted:
            selector.waits.clear()
            stopper.start()
            try:
                await asyncio.wait_for(cancelled, 30)
            finally:
                assert interrupted()

    def stop() -> None:
        selector.waits.wait(30)
        # Once is not always enough: a signal just before the system call is noticed after it.
        while not over.wait(0.1):
            signal.pthread_kill(kernel, signal.SIGINT)

    stopper = threading.Thread(target=stop)
    with contextlib.closing(asyncio.SelectorEventLoop(selector)) as loop:
        begun = loop.time()
        with pytest.raises(asyncio.CancelledError):
            loop.run_until_complete(cell())
        over.set()
        stopper.join()
        assert loop.time() - begun < 20, "it slept until its own time-out"


def test_a_signal_that_is_ignored_stays_ignored(loop: asyncio.AbstractEventLoop) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupts(loop) as interrupted:
            signal.raise_signal(signal.SIGINT)
            assert not interrupted()
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_thread_gets_no_signals_and_changes_no_handler(loop: asyncio.AbstractEventLoop) -> None:
    before = signal.getsignal(signal.SIGINT)
    seen: list[object] = []

    def wait() -> None:
        with interrupts(loop) as interrupted:
            seen.extend([interrupted(), signal.getsignal(signal.SIGINT)])

    thread = threading.Thread(target=wait)
    thread.start()
    thread.join()
    assert seen == [False, before]
