from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from auth0_widget.callbacks import Callbacks, in_background

if TYPE_CHECKING:
    import pytest


def test_each_is_called_in_order_with_the_arguments() -> None:
    called: list[object] = []
    callbacks: Callbacks[int] = Callbacks()
    callbacks.add(lambda number: called.append(("first", number)))
    callbacks.add(lambda number: called.append(("second", number)))
    callbacks(7)
    assert called == [("first", 7), ("second", 7)]


def test_one_that_fails_is_logged_and_does_not_keep_the_others_from_being_called(
    caplog: pytest.LogCaptureFixture,
) -> None:
    called: list[str] = []
    callbacks: Callbacks[()] = Callbacks()
    callbacks.add(lambda: int("no number"))
    callbacks.add(lambda: called.append("second"))
    with caplog.at_level(logging.ERROR, "auth0_widget"):
        callbacks()
    assert called == ["second"]
    assert "a callback of the login failed" in caplog.text


def test_one_that_was_removed_is_not_called_and_removing_says_whether_it_was_there() -> None:
    called: list[str] = []
    callbacks: Callbacks[()] = Callbacks()
    remove = callbacks.add(lambda: called.append("no"))
    assert remove()
    assert not remove()
    callbacks()
    assert called == []


def test_one_may_remove_itself_while_all_are_called() -> None:
    called: list[str] = []
    callbacks: Callbacks[()] = Callbacks()
    remove = callbacks.add(lambda: (called.append("once"), remove()))
    callbacks.add(lambda: called.append("always"))
    callbacks()
    callbacks()
    assert called == ["once", "always", "always"]


def test_what_was_taken_is_called_and_nothing_stays_behind() -> None:
    called: list[str] = []
    callbacks: Callbacks[()] = Callbacks()
    callbacks.add(lambda: called.append("taken"))
    taken = callbacks.take_all()
    callbacks.add(lambda: called.append("new"))
    taken()
    assert called == ["taken"]
    assert len(callbacks) == 1


def test_work_in_the_background_is_another_thread_s_and_keeps_no_process_alive() -> None:
    worker: list[threading.Thread] = []
    done = threading.Event()
    in_background(lambda: (worker.append(threading.current_thread()), done.set()))
    assert done.wait(10)
    assert worker[0] is not threading.current_thread()
    assert worker[0].daemon
