"""The states of a login and the events that change them.

    event        logged_out      logging_in      authenticated   expired         error
    start        logging_in      logging_in      authenticated   logging_in      logging_in
    login        authenticated   authenticated   authenticated   authenticated   authenticated
    fail         error           error           authenticated   error           error
    expire       expired         -               expired         expired         -
    other_api    -               expired         -               -               -
    logout       logged_out      logged_out      logged_out      logged_out      logged_out

``start``: the person opened the login window, followed the link or asked for a code. ``login``: an
attempt ended with a session, or the browser had one. ``other_api``: an attempt ended with a session
for another API, which changes nothing else. ``fail``: an attempt ended with an error; if
there is a session, it stays. ``expire``: the access token has expired and cannot be renewed, or the
browser has a record of such a session. ``logout``: in this kernel, in a page or in another kernel.
A dash: the status does not change.
"""

from __future__ import annotations

from typing import Literal

Status = Literal["logged_out", "logging_in", "authenticated", "expired", "error"]
Event = Literal["start", "login", "other_api", "fail", "expire", "logout"]

TRANSITIONS: dict[Event, dict[Status, Status]] = {
    "start": {
        "logged_out": "logging_in",
        "logging_in": "logging_in",
        "authenticated": "authenticated",
        "expired": "logging_in",
        "error": "logging_in",
    },
    "login": {
        "logged_out": "authenticated",
        "logging_in": "authenticated",
        "authenticated": "authenticated",
        "expired": "authenticated",
        "error": "authenticated",
    },
    "fail": {
        "logged_out": "error",
        "logging_in": "error",
        "authenticated": "authenticated",
        "expired": "error",
        "error": "error",
    },
    "expire": {"logged_out": "expired", "authenticated": "expired", "expired": "expired"},
    "other_api": {"logging_in": "expired"},
    "logout": {
        "logged_out": "logged_out",
        "logging_in": "logged_out",
        "authenticated": "logged_out",
        "expired": "logged_out",
        "error": "logged_out",
    },
}


def next_status(status: Status, event: Event) -> Status:
    """The status after an event."""
    return TRANSITIONS[event].get(status, status)
