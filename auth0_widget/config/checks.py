"""Checks of each setting. What is malformed raises an error that names the argument.

A client ID raises an `InvalidClientIdError`, anything else an `InvalidSettingError`.
"""

from __future__ import annotations

import math
import re
from typing import cast, get_args

from auth0_widget.base.characters import SCOPE_CHARACTER, is_quoted, is_visible_ascii
from auth0_widget.config.choices import (
    DEFAULT_LOOPBACK_PORT,
    DEFAULT_SCOPE,
    REMEMBER_VARIABLE,
    Flow,
    Remember,
)
from auth0_widget.errors import InvalidClientIdError, InvalidSettingError

_PORT_RANGE = range(1024, 65_536)  # the lower ones belong to the system
_MAX_LEEWAY = 600  # seconds; a larger difference needs a correction of the clock
_LARGEST_MAX_AGE = 10 * 365 * 86_400  # seconds
# RFC 6749 (appendix A.1) allows any visible character; Auth0 uses letters and digits. Characters
# that could change the meaning of a URL, a header or a file name are refused.
_CLIENT_ID = re.compile(r"[A-Za-z0-9_\-.~]{1,128}")
_SCOPE = re.compile(rf"{SCOPE_CHARACTER}+( {SCOPE_CHARACTER}+)*")
_IS_QUOTED = "has quotation marks around it, which do not belong to it"


def check_choice(name: str, value: object, choices: object, *, variable: str | None = None) -> None:
    """Check that an argument is one of the values of a `typing.Literal`.

    Args:
        name: The name of the argument.
        value: Its value.
        choices: The literal type.
        variable: The environment variable that the value may come from, or None.

    Raises:
        InvalidSettingError: It is not.
    """
    allowed = get_args(choices)
    if value not in allowed:
        source = f"argument {name}" + (f" or {variable}" if variable else "")
        raise InvalidSettingError(
            f"The {name} ({source}) is none of {', '.join(map(repr, allowed))}.",
            next_step=f"Leave it out, or pass {name}={allowed[0]!r}.",
        )


def check_duration(name: str, value: object, *, unit: str = "seconds") -> None:
    """Raise `InvalidSettingError` if an argument is not a finite number that is 0 or greater.

    Args:
        name: The name of the argument.
        value: Its value.
        unit: What it is a number of.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        raise InvalidSettingError(
            f"The {name} is not a number of {unit}.", next_step=f"Pass a number such as {name}=6."
        )


def checked_remember(remember: object) -> Remember | None:
    """The value of ``remember``, or None.

    Raises:
        InvalidSettingError: It is not a value of `Remember`.
    """
    if remember is None:
        return None
    check_choice("remember", remember, Remember, variable=REMEMBER_VARIABLE)
    return cast("Remember", remember)


def checked_client_id(client_id: object) -> str:
    """The client ID of an application."""
    if client_id is None:
        raise InvalidClientIdError(
            "No client ID was given: the argument client_id is missing and AUTH0_CLIENT_ID "
            "is not set."
        )
    if isinstance(client_id, str) and is_quoted(client_id):
        raise InvalidClientIdError(
            f"The client ID (argument client_id or AUTH0_CLIENT_ID) {_IS_QUOTED}."
        )
    if not isinstance(client_id, str) or not _CLIENT_ID.fullmatch(client_id):
        raise InvalidClientIdError(
            "The client ID (argument client_id or AUTH0_CLIENT_ID) is malformed: letters, "
            "digits and -._~ only."
        )
    return client_id


def checked_scope(scope: object) -> str:
    """The scopes of a login, which contain ``openid``; by default `DEFAULT_SCOPE`."""
    if scope is None:
        return DEFAULT_SCOPE
    checked = checked_scopes(scope)
    if "openid" not in checked.split():
        raise InvalidSettingError(
            "The scope (argument scope or AUTH0_SCOPE) does not contain openid.",
            next_step="Add openid: without it there is no ID token and so nobody to log in.",
        )
    return checked


def checked_scopes(scope: object) -> str:
    """Scopes, with one space between them (RFC 6749, 3.3)."""
    if isinstance(scope, str) and is_quoted(scope):
        raise InvalidSettingError(
            f"The scope (argument scope or AUTH0_SCOPE) {_IS_QUOTED}.",
            next_step="Write scopes with one space between them, as in 'openid profile email'.",
        )
    if not isinstance(scope, str) or not _SCOPE.fullmatch(scope):
        raise InvalidSettingError(
            "The scope (argument scope or AUTH0_SCOPE) is malformed.",
            next_step="Write scopes with one space between them, as in 'openid profile email'.",
        )
    if "," in scope:
        raise InvalidSettingError(
            "The scope (argument scope or AUTH0_SCOPE) has a comma in it.",
            next_step="Write scopes with one space between them, as in 'openid profile email'.",
        )
    return scope


def checked_acr_values(acr_values: object) -> str:
    """The kinds of login that are requested, with one space between them."""
    if not isinstance(acr_values, str) or not _SCOPE.fullmatch(acr_values):
        raise InvalidSettingError(
            "The argument acr_values is malformed.",
            next_step="Write the values with one space between them, as the API names them.",
        )
    return acr_values


def checked_text(name: str, value: object) -> str | None:
    """The audience or the organization, or None."""
    if value is None:
        return None
    if isinstance(value, str) and is_quoted(value):
        raise InvalidSettingError(
            f"The {name} (argument {name} or AUTH0_{name.upper()}) {_IS_QUOTED}.",
            next_step=f"Leave the quotation marks around the {name} out.",
        )
    if not isinstance(value, str) or not is_visible_ascii(value):
        raise InvalidSettingError(
            f"The {name} (argument {name} or AUTH0_{name.upper()}) is malformed.",
            next_step=f"Copy the {name} from Auth0: visible characters, no spaces.",
        )
    return value


def checked_age(max_age: object) -> int | None:
    """The greatest age of an authentication, in seconds, or None."""
    if max_age is None:
        return None
    if (
        isinstance(max_age, bool)
        or not isinstance(max_age, int)
        or not 0 <= max_age <= _LARGEST_MAX_AGE
    ):
        raise InvalidSettingError(
            "The argument max_age is not a number of seconds.",
            next_step="Pass a whole number, such as max_age=3600. With 0, each login asks for the "
            "password.",
        )
    return max_age


def checked_leeway(leeway: object) -> int:
    """The seconds by which clocks may differ."""
    if isinstance(leeway, bool) or not isinstance(leeway, int) or not 0 <= leeway <= _MAX_LEEWAY:
        raise InvalidSettingError(
            "The leeway is not a number of seconds from 0 to 600.",
            next_step="Pass leeway=60, and set the clock of this machine right.",
        )
    return leeway


def checked_flow(flow: object) -> Flow:
    """The way to log in; by default ``auto``."""
    if flow is None:
        return "auto"
    check_choice("flow", flow, Flow, variable="AUTH0_WIDGET_FLOW")
    return cast("Flow", flow)


def checked_port(port: object) -> int:
    """The port for the response of the loopback flow, also from a text."""
    if port is None:
        return DEFAULT_LOOPBACK_PORT
    number = int(port) if isinstance(port, str) and port.isascii() and port.isdecimal() else port
    if isinstance(number, bool) or not isinstance(number, int) or number not in _PORT_RANGE:
        raise InvalidSettingError(
            "The port (argument loopback_port or AUTH0_WIDGET_LOOPBACK_PORT) is not a number from "
            "1024 to 65535.",
            next_step=f"Leave it out for {DEFAULT_LOOPBACK_PORT}, or pass another free port.",
        )
    return number
