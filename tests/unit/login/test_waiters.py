from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from auth0_widget.errors import PopupClosedError
from auth0_widget.login.waiters import Waiters

if TYPE_CHECKING:
    from auth0_widget.login.waiters import Outcome


@pytest.fixture
def changes() -> list[int]:
    """How many were waiting, at each change."""
    return []


@pytest.fixture
def waiters(changes: list[int]) -> Waiters:
    made = Waiters(lambda: changes.append(len(made)))
    return made


def test_those_that_were_taken_are_told_and_nobody_stays_behind(
    waiters: Waiters, changes: list[int]
) -> None:
    told: list[Outcome] = []
    with waiters.wait(told.append):
        taken = waiters.take_all()
        with waiters.wait(told.append):
            error = PopupClosedError()
            taken(error)
            assert told == [error]
            assert len(waiters) == 1
    # The first one was taken: its end is no change.
    assert changes == [1, 1, 0]


def test_each_that_comes_and_goes_is_a_change(waiters: Waiters, changes: list[int]) -> None:
    with waiters.wait(print):
        with pytest.raises(KeyboardInterrupt), waiters.wait(print):
            raise KeyboardInterrupt
        assert len(waiters) == 1
    assert changes == [1, 2, 1, 0]


def test_the_pages_whose_cells_wait_are_known_for_as_long_as_they_do(waiters: Waiters) -> None:
    with waiters.wait(print, connection="one"), waiters.wait(print):
        with waiters.wait(print, connection="two"):
            assert waiters.connections == {"one", "two"}
        assert waiters.connections == {"one"}
    assert waiters.connections == set()


def test_a_fresh_session_is_wanted_for_as_long_as_somebody_waits_for_one(waiters: Waiters) -> None:
    with waiters.wait(print):
        assert not waiters.wants_new_session
        with waiters.wait(print, new_session=True):
            assert waiters.wants_new_session
        assert not waiters.wants_new_session
    with ExitStack() as stack:
        stack.enter_context(waiters.wait(print, new_session=True))
        waiters.take_all()
        assert not waiters.wants_new_session
