from __future__ import annotations

from typing import TYPE_CHECKING

from auth0_widget.errors import PopupClosedError
from auth0_widget.waiters import Waiters

if TYPE_CHECKING:
    from auth0_widget.waiters import Outcome


def test_those_that_were_taken_are_told_and_nobody_stays_behind() -> None:
    told: list[Outcome] = []
    waiters = Waiters()
    waiters.add(told.append, fresh=False)
    taken = waiters.take_all()
    waiters.add(told.append, fresh=False)
    error = PopupClosedError()
    taken(error)
    assert told == [error]
    assert len(waiters) == 1


def test_removing_one_says_whether_it_was_still_there() -> None:
    waiters = Waiters()
    first, second = (waiters.add(print, fresh=False) for _ in range(2))
    assert first()
    assert not first()
    assert len(waiters) == 1
    waiters.take_all()
    assert not second()


def test_a_fresh_session_is_wanted_for_as_long_as_somebody_waits_for_one() -> None:
    waiters = Waiters()
    waiters.add(print, fresh=False)
    assert not waiters.want_fresh
    remove = waiters.add(print, fresh=True)
    assert waiters.want_fresh
    remove()
    assert not waiters.want_fresh
    waiters.add(print, fresh=True)
    waiters.take_all()
    assert not waiters.want_fresh
