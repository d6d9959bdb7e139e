"""Challenges of an API in ``WWW-Authenticate`` (RFC 9110, 11.6.1; RFC 6750, 3; RFC 9470, 3).

Only the two challenges that another login can satisfy are recognized. Their parameters come from
the API and are shown to the person who is asked to log in, so malformed ones are ignored.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from auth0_widget.base.characters import SCOPE_CHARACTER
from auth0_widget.errors import InsufficientAuthenticationError, InsufficientScopeError

if TYPE_CHECKING:
    from auth0_widget.errors import SessionError

_MAX_HEADER = 4096
# An authentication scheme, or a parameter of the scheme before it: name=token or name="text".
_PART = re.compile(
    r"""[\s,]*(?:(?P<name>[A-Za-z0-9_.~+-]{1,64})\s*=\s*
        (?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<token>[^\s,"]+))
        |(?P<scheme>[A-Za-z0-9_.~+-]{1,64})(?=\s|,|$))""",
    re.VERBOSE,
)
_SCOPES = re.compile(rf"{SCOPE_CHARACTER}{{1,256}}( {SCOPE_CHARACTER}{{1,256}}){{0,31}}")
_SECONDS = re.compile(r"[0-9]{1,9}")


def challenge_error(header: str | None) -> SessionError | None:
    """The error for a challenge, or None if another login would not help.

    Args:
        header: The value of ``WWW-Authenticate``. Several values are joined by commas.
    """
    parameters = _bearer_parameters(header or "")
    match parameters.get("error"):
        case "insufficient_scope":
            return InsufficientScopeError(scope=_scopes_or_none(parameters.get("scope")))
        case "insufficient_user_authentication":
            max_age = parameters.get("max_age", "")
            return InsufficientAuthenticationError(
                acr_values=_scopes_or_none(parameters.get("acr_values")),
                max_age=int(max_age) if _SECONDS.fullmatch(max_age) else None,
            )
        case _:
            return None


def _bearer_parameters(header: str) -> dict[str, str]:
    """The parameters of the first challenge with the scheme Bearer."""
    if len(header) > _MAX_HEADER:
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


def _scopes_or_none(text: str | None) -> str | None:
    return text if text is not None and _SCOPES.fullmatch(text) else None
