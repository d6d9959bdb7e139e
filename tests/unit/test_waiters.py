from __future__ import annotations

from typing import TYPE_CHECKING

from auth0_widget.errors import PopupClosedError
from auth0_widget.waiters import Waiter, Waiters

if TYPE_CHECKING:
    from auth0_widget.waiters import Outcome


def _waiter(*, fresh: bool = False) -> Waiter:
    return Waiter(print, fresh)


def test_those_that_were_taken_are_told_and_nobody_stays_behind() -> None:
    told: list[Outcome] = []
    waiters = Waiters()
    waiters.add(Waiter(told.append, fresh=False))
    taken = waiters.take_all()
    waiters.add(Waiter(told.append, fresh=False))
    error = PopupClosedError()
    taken(error)
    assert told == [error]
    assert len(waiters) == 1


def test_removing_one_says_whether_it_was_still_there() -> None:
    waiters = Waiters()
    first, second = _waiter(), _waiter()
    waiters.add(first)
    waiters.add(second)
    assert waiters.remove(first)
    assert not waiters.remove(first)
    assert len(waiters) == 1
    waiters.take_all()
    assert not waiters.remove(second)


def test_a_fresh_session_is_wanted_for_as_long_as_somebody_waits_for_one() -> None:
    waiters = Waiters()
    waiters.add(_waiter())
    assert not waiters.want_fresh
    choosy = _waiter(fresh=True)
    waiters.add(choosy)
    assert waiters.want_fresh
    waiters.remove(choosy)
    assert not waiters.want_fresh
    waiters.add(_waiter(fresh=True))
    waiters.take_all()
    assert not waiters.want_fresh
