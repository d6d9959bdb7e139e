from __future__ import annotations

from typing import get_args

import pytest

from auth0_widget.login import lifecycle
from auth0_widget.login.lifecycle import TRANSITIONS, Event, Status, next_status


def _drawn() -> dict[tuple[str, str], str]:
    """The table in the module's docstring: (event, from) -> to."""
    rows = [line.split() for line in (lifecycle.__doc__ or "").splitlines()]
    header = next(row for row in rows if row[:1] == ["event"])
    return {
        (row[0], before): before if after == "-" else after
        for row in rows
        if row[:1] and row[0] in get_args(Event) and len(row) == len(header)
        for before, after in zip(header[1:], row[1:], strict=True)
    }


@pytest.mark.parametrize("event", get_args(Event))
@pytest.mark.parametrize("status", get_args(Status))
def test_what_happens_is_what_is_drawn(status: Status, event: Event) -> None:
    assert next_status(status, event) == _drawn()[event, status]


def test_every_event_is_in_the_table() -> None:
    assert set(TRANSITIONS) == set(get_args(Event))


@pytest.mark.parametrize("status", get_args(Status))
def test_log_in_works_from_everywhere(status: Status) -> None:
    assert next_status(next_status(status, "start"), "login") == "authenticated"


@pytest.mark.parametrize("status", get_args(Status))
def test_log_out_ends_everything(status: Status) -> None:
    assert next_status(status, "logout") == "logged_out"


def test_a_second_login_that_fails_leaves_the_session_alone() -> None:
    assert next_status("authenticated", "fail") == "authenticated"


def test_a_login_in_progress_does_not_expire() -> None:
    assert next_status("logging_in", "expire") == "logging_in"
