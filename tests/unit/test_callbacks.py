from __future__ import annotations

import contextlib
import logging
import sys
import threading
from asyncio import CancelledError
from typing import TYPE_CHECKING, Literal

import pytest

from auth0_widget import callbacks as callbacks_module
from auth0_widget.callbacks import Callbacks, in_background, to_its_end
from auth0_widget.errors import Auth0WidgetError, StateError, UnexpectedError

if TYPE_CHECKING:
    from collections.abc import Callable


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
    callbacks.add(lambda: int("secret"))
    callbacks.add(lambda: called.append("second"))
    with caplog.at_level(logging.ERROR, "auth0_widget"):
        callbacks()
    assert called == ["second"]
    assert "a callback of the login failed: ValueError < <lambda> (test_" in caplog.text
    assert "secret" not in caplog.text


def test_one_that_was_removed_is_not_called_and_removing_says_whether_it_was_there() -> None:
    called: list[str] = []
    callbacks: Callbacks[()] = Callbacks()
    remove = callbacks.add(lambda: called.append("no"))
    assert remove()
    assert not remove()
    callbacks()
    assert called == []


def test_the_same_function_twice_is_two_of_them() -> None:
    called: list[str] = []
    callbacks: Callbacks[()] = Callbacks()
    remove, _ = (callbacks.add(once := lambda: called.append("once")), callbacks.add(once))
    assert remove()
    assert not remove()
    callbacks()
    assert called == ["once"]


@pytest.mark.parametrize("end", [SystemExit, CancelledError])
def test_one_that_ends_its_own_world_does_not_end_ours(end: type[BaseException]) -> None:
    def leave() -> None:
        raise end

    called: list[str] = []
    callbacks: Callbacks[()] = Callbacks()
    callbacks.add(leave)
    callbacks.add(lambda: called.append("second"))
    callbacks()
    assert called == ["second"]


def test_stop_is_for_the_cell() -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    callbacks: Callbacks[()] = Callbacks()
    callbacks.add(stop)
    with pytest.raises(KeyboardInterrupt):
        callbacks()


def test_waiting_for_the_end_of_work_ends_however_the_work_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def start(work: Callable[[], None]) -> None:
        def run() -> None:
            with contextlib.suppress(SystemExit):  # as threads do by themselves; pytest warns
                work()

        threading.Thread(target=run).start()

    def refuse() -> None:
        raise StateError

    monkeypatch.setattr(callbacks_module, "_start", start)
    to_its_end(sys.exit)
    with pytest.raises(StateError):
        to_its_end(refuse)


def test_one_may_remove_itself_while_all_are_called() -> None:
    called: list[str] = []
    callbacks: Callbacks[()] = Callbacks()
    remove = callbacks.add(lambda: (called.append("once"), remove()))
    callbacks.add(lambda: called.append("always"))
    callbacks()
    callbacks()
    assert called == ["once", "always", "always"]


@pytest.mark.parametrize("at_exit", ["drop", "finish"])
def test_work_in_the_background_is_another_thread_s_and_ends_with_the_program_unless_wanted(
    at_exit: Literal["drop", "finish"],
) -> None:
    worker: list[threading.Thread] = []
    done = threading.Event()
    in_background(lambda: (worker.append(threading.current_thread()), done.set()), at_exit=at_exit)
    assert done.wait(10)
    assert worker[0] is not threading.current_thread()
    assert worker[0].daemon == (at_exit == "drop")


@pytest.fixture
def failures(monkeypatch: pytest.MonkeyPatch) -> list[Auth0WidgetError]:
    monkeypatch.setattr(callbacks_module, "_start", lambda work, **_: work())
    return []


def test_work_that_is_done_has_not_failed(failures: list[Auth0WidgetError]) -> None:
    in_background(lambda: None, failures.append)
    assert failures == []


def test_what_was_foreseen_is_told_as_it_is_without_its_frames(
    failures: list[Auth0WidgetError],
) -> None:
    def refuse() -> None:
        try:
            int("secret")
        except ValueError as error:
            raise StateError from error

    in_background(refuse, failures.append)
    (failure,) = failures
    assert type(failure) is StateError
    assert (failure.__traceback__, failure.__cause__, failure.__context__) == (None, None, None)


def test_what_was_not_is_told_by_name_and_the_log_says_where_and_not_what(
    failures: list[Auth0WidgetError], caplog: pytest.LogCaptureFixture
) -> None:
    in_background(lambda: int("secret"), failures.append)
    (failure,) = failures
    assert type(failure) is UnexpectedError
    assert (failure.__traceback__, failure.__cause__, failure.__context__) == (None, None, None)
    assert "unforeseen: ValueError < <lambda> (test_callbacks.py:" in caplog.text
    assert "secret" not in caplog.text
    assert caplog.records[0].exc_info is None


@pytest.mark.usefixtures("failures")
def test_where_nobody_wants_to_know_the_log_still_does(caplog: pytest.LogCaptureFixture) -> None:
    in_background(lambda: int("x"))
    assert "unforeseen: ValueError" in caplog.text
