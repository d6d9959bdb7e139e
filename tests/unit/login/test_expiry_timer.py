"""The clock that ends a session, without a tenant and without Jupyter."""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING, Any

import time_machine

from auth0_widget.login import expiry_timer
from auth0_widget.login.expiry_timer import ExpiryTimer

if TYPE_CHECKING:
    import pytest


class _Session:
    def __init__(self, ends_at: float) -> None:
        self.ends_at = ends_at

    @property
    def active(self) -> bool:
        return time.time() < self.ends_at


def _timer() -> tuple[ExpiryTimer, threading.Event]:
    ended = threading.Event()
    return ExpiryTimer(lambda _: ended.set()), ended


def test_the_end_is_told_when_it_has_come() -> None:
    timer, ended = _timer()
    session: Any = _Session(time.time() - 1)
    timer.watch(session)
    assert ended.wait(10)


def test_after_a_sleep_the_time_of_day_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry_timer, "CHECK_EVERY", 0.01)
    timer, ended = _timer()
    session: Any = _Session(time.time() + 3600)
    timer.watch(session)
    # The machine slept for two hours, in which no thread's clock went on.
    with time_machine.travel(time.time() + 7200):
        assert ended.wait(10)


def test_a_session_without_an_end_needs_no_clock() -> None:
    timer, _ = _timer()
    session: Any = _Session(math.inf)
    timer.watch(session)
    assert not timer.running


def test_another_session_is_watched_in_place_of_the_first() -> None:
    timer, _ = _timer()
    first: Any = _Session(time.time() + 3600)
    timer.watch(first)
    stopped = timer._stopped
    assert stopped is not None
    second: Any = _Session(time.time() + 7200)
    timer.watch(second)
    assert stopped.is_set()
    timer.stop()
    assert not timer.running
