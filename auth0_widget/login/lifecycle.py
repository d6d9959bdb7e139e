"""The life of a login: one explicit state machine.

    event        logged_out      logging_in      authenticated   expired         error
    start        logging_in      logging_in      authenticated   logging_in      logging_in
    login        authenticated   authenticated   authenticated   authenticated   authenticated
    fail         error           error           authenticated   error           error
    expire       expired         -               expired         expired         -
    logout       logged_out      logged_out      logged_out      logged_out      logged_out

``start``: somebody opened the login window or asked for a code. ``login``: a login gave a session,
or one came from the browser. ``fail``: a login gave none; a session that is there stays as it is.
``expire``: the access token has expired and nothing renews it, or the browser has a record of such
a session. ``logout``: here, in another tab or in another kernel. A dash: nothing changes.
"""

from __future__ import annotations

from typing import Literal

Status = Literal["logged_out", "logging_in", "authenticated", "expired", "error"]
Event = Literal["start", "login", "fail", "expire", "logout"]

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
    "logout": {
        "logged_out": "logged_out",
        "logging_in": "logged_out",
        "authenticated": "logged_out",
        "expired": "logged_out",
        "error": "logged_out",
    },
}


def next_status(status: Status, event: Event) -> Status:
    """The status that an event leads to."""
    return TRANSITIONS[event].get(status, status)
