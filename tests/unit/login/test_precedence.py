"""Which of two sessions wins, and which logout ends a login."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from auth0_widget.login.precedence import Verdict, compare, logout_applies

LEEWAY = 60


@dataclass(frozen=True)
class LoggedIn:
    session_id: str
    logged_in_at: float


OURS = LoggedIn("ours", 100)


@pytest.mark.parametrize(
    ("stored", "ended_at", "verdict"),
    [
        (LoggedIn("another", 101), None, "newer"),
        (LoggedIn("another", 100), None, "older"),
        (LoggedIn("another", 99), None, "older"),
        (LoggedIn("ours", 101), None, "same"),
        (LoggedIn("ours", 99), None, "same"),
        (LoggedIn("another", 90), 90, "ended"),
        (LoggedIn("ours", 90), 90, "ended"),
        (LoggedIn("another", 91), 90, "older"),
    ],
)
def test_the_later_login_wins_and_a_logout_over_those_before_it(
    stored: LoggedIn, ended_at: float | None, verdict: Verdict
) -> None:
    assert compare(stored, OURS, ended_at) == verdict


def test_any_session_is_newer_than_none_unless_a_logout_has_ended_it() -> None:
    assert compare(OURS, None, None) == "newer"
    assert compare(OURS, None, 99) == "newer"
    assert compare(OURS, None, 100) == "ended"


@pytest.mark.parametrize(
    ("after_begin", "from_now", "applies"),
    [
        (-1, 0, False),
        (0, 0, True),
        (10, 0, True),
        (10, LEEWAY, True),
        (10, LEEWAY + 1, False),
    ],
)
def test_a_logout_ends_what_began_before_it_unless_it_lies_in_the_future(
    monkeypatch: pytest.MonkeyPatch, after_begin: float, from_now: float, *, applies: bool
) -> None:
    ended_at = 1000.0
    monkeypatch.setattr("time.time", lambda: ended_at - from_now)
    assert logout_applies(ended_at, ended_at - after_begin, LEEWAY) is applies
