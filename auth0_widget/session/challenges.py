"""What an API asks for in ``WWW-Authenticate`` (RFC 9110, 11.6.1; RFC 6750, 3; RFC 9470, 3).

Only the two challenges that another login can meet are looked for. Their text is an API's: it is
used if it is what it should be, and shown to the person who is then asked to log in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from auth0_widget.errors import InsufficientAuthenticationError, InsufficientScopeError

if TYPE_CHECKING:
    from auth0_widget.errors import SessionError

_LONGEST = 4096
# A scheme, or a parameter of the last scheme: a name with a token or a quoted string.
_PART = re.compile(
    r"""[\s,]*(?:(?P<name>[A-Za-z0-9_.~+-]{1,64})\s*=\s*
        (?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<token>[^\s,"]+))
        |(?P<scheme>[A-Za-z0-9_.~+-]{1,64})(?=\s|,|$))""",
    re.VERBOSE,
)
_SCOPES = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,256}( [\x21\x23-\x5b\x5d-\x7e]{1,256}){0,31}")
_SECONDS = re.compile(r"[0-9]{1,9}")


def challenge_error(header: str | None) -> SessionError | None:
    """The error that says what the API wants; None where another login would not help.

    Args:
        header: The value of ``WWW-Authenticate``; several are joined by commas.
    """
    wanted = _bearer_parameters(header or "")
    match wanted.get("error"):
        case "insufficient_scope":
            return InsufficientScopeError(scope=_visible(wanted.get("scope")))
        case "insufficient_user_authentication":
            max_age = wanted.get("max_age", "")
            return InsufficientAuthenticationError(
                acr_values=_visible(wanted.get("acr_values")),
                max_age=int(max_age) if _SECONDS.fullmatch(max_age) else None,
            )
        case _:
            return None


def _bearer_parameters(header: str) -> dict[str, str]:
    """The parameters of the first challenge of the scheme Bearer."""
    if len(header) > _LONGEST:
        return {}
    parameters: dict[str, str] = {}
    scheme, position = "", 0
    while part := _PART.match(header, position):
        position = part.end()
        if part["scheme"]:
            if scheme == "bearer":
                break
            scheme = part["scheme"].lower()
        elif scheme == "bearer":
            value = part["token"] or re.sub(r"\\(.)", r"\1", part["quoted"] or "")
            parameters.setdefault(part["name"].lower(), value)
    return parameters


def _visible(text: str | None) -> str | None:
    return text if text is not None and _SCOPES.fullmatch(text) else None
