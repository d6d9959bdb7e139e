from __future__ import annotations

import logging
from asyncio import CancelledError

import pytest

from auth0_widget.base.listeners import Listeners


def test_each_is_called_in_order_with_the_arguments() -> None:
    called: list[object] = []
    listeners: Listeners[int] = Listeners()
    listeners.add(lambda number: called.append(("first", number)))
    listeners.add(lambda number: called.append(("second", number)))
    listeners(7)
    assert called == [("first", 7), ("second", 7)]


def test_one_that_fails_is_logged_and_does_not_keep_the_others_from_being_called(
    caplog: pytest.LogCaptureFixture,
) -> None:
    called: list[str] = []
    listeners: Listeners[()] = Listeners()
    listeners.add(lambda: int("secret"))
    listeners.add(lambda: called.append("second"))
    with caplog.at_level(logging.ERROR, "auth0_widget"):
        listeners()
    assert called == ["second"]
    assert "a listener of the login failed: ValueError < <lambda> (test_" in caplog.text
    assert "secret" not in caplog.text


def test_one_that_was_removed_is_not_called_and_removing_says_whether_it_was_there() -> None:
    called: list[str] = []
    listeners: Listeners[()] = Listeners()
    remove = listeners.add(lambda: called.append("no"))
    assert remove()
    assert not remove()
    listeners()
    assert called == []


def test_the_same_function_twice_is_two_of_them() -> None:
    called: list[str] = []
    listeners: Listeners[()] = Listeners()
    remove, _ = (listeners.add(once := lambda: called.append("once")), listeners.add(once))
    assert remove()
    assert not remove()
    listeners()
    assert called == ["once"]


@pytest.mark.parametrize("end", [SystemExit, CancelledError])
def test_one_that_ends_its_own_world_does_not_end_ours(end: type[BaseException]) -> None:
    def leave() -> None:
        raise end

    called: list[str] = []
    listeners: Listeners[()] = Listeners()
    listeners.add(leave)
    listeners.add(lambda: called.append("second"))
    listeners()
    assert called == ["second"]


def test_stop_is_for_the_cell() -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    listeners: Listeners[()] = Listeners()
    listeners.add(stop)
    with pytest.raises(KeyboardInterrupt):
        listeners()


def test_one_may_remove_itself_while_all_are_called() -> None:
    called: list[str] = []
    listeners: Listeners[()] = Listeners()

    def once() -> None:
        called.append("once")
        remove()

    remove = listeners.add(once)
    listeners.add(lambda: called.append("always"))
    listeners()
    listeners()
    assert called == ["once", "always", "always"]
