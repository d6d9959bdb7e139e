"""The parameters that a notebook's author may add to each authorization request.

Any parameter of Auth0 or OpenID Connect (Core 3.1.2.1) may be added, except for those that the
kernel sets for each login.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auth0_widget.base.redaction import PrivateMapping
from auth0_widget.errors import InvalidSettingError

if TYPE_CHECKING:
    from collections.abc import Mapping

RESERVED = frozenset(
    {
        "client_id",
        "code_challenge",
        "code_challenge_method",
        "nonce",
        "redirect_uri",
        "request",
        "request_uri",
        "response_mode",
        "response_type",
        "state",
    }
)
"""Parameters that the kernel sets. ``request`` and ``request_uri`` (RFC 9101) would replace all the
others."""

WIDGET_ARGUMENTS = frozenset(
    {
        "acr_values",
        "audience",
        "connection",
        "login_hint",
        "max_age",
        "organization",
        "prompt",
        "scope",
        "screen_hint",
        "ui_locales",
    }
)
"""Parameters that are arguments of the widget: given twice, they could contradict each other."""

_HINTS = frozenset({"login_hint", "screen_hint", "ui_locales"})
"""Parameters that only make a login easier. The others restrict who may log in, or how."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{0,63}")
_MAX_VALUE = 1024  # characters


@dataclass(frozen=True, slots=True)
class AuthorizationOptions:
    """Validated parameters for each authorization request.

    Attributes:
        parameters: Name → value. Its repr shows no value, because a ``login_hint`` is personal.
    """

    parameters: Mapping[str, str] = field(default_factory=lambda: PrivateMapping({}))

    @property
    def conditions(self) -> list[str]:
        """The names of the parameters that restrict who may log in, or how, sorted."""
        return sorted(set(self.parameters) - _HINTS)

    @classmethod
    def resolve(
        cls,
        named: Mapping[str, object],
        *,
        extra: object = None,
    ) -> AuthorizationOptions:
        """Options from the widget's arguments.

        Args:
            named: Name → value, for the parameters in `WIDGET_ARGUMENTS`. None is left out.
            extra: Name → value, for any other parameters, or None.

        Raises:
            InvalidSettingError: A value is not text, or a name in ``extra`` is malformed, is
                reserved, or is in `WIDGET_ARGUMENTS`.
        """
        parameters = {
            name: _checked(f"argument {name}", value)
            for name, value in named.items()
            if value is not None
        }
        parameters.update(_checked_extra(extra))
        return cls(PrivateMapping(parameters))


def _checked(what: str, value: object) -> str:
    if (
        not isinstance(value, str)
        or not 0 < len(value) <= _MAX_VALUE
        # Also refuses lone surrogates, which no URL can hold.
        or not value.isprintable()
    ):
        raise InvalidSettingError(
            f"The {what} is not a line of text.",
            next_step=f"Pass text of 1 to {_MAX_VALUE} characters, or leave it out.",
        )
    return value


def _checked_extra(extra: object) -> dict[str, str]:
    if extra is None:
        return {}
    if not isinstance(extra, dict):
        raise InvalidSettingError(
            "The argument authorize_params is not a dictionary.",
            next_step="Pass names and values, as in authorize_params={'display': 'popup'}.",
        )
    return {_checked_name(name): _checked(f"parameter {name}", extra[name]) for name in extra}


def _checked_name(name: object) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InvalidSettingError(
            "A name in authorize_params is not that of a parameter.",
            next_step="Use letters, digits and _ . : - only, and begin with a letter.",
        )
    if name in RESERVED:
        raise InvalidSettingError(
            f"The parameter {name} in authorize_params is reserved: each login sets its own.",
            next_step=f"Leave {name} out.",
        )
    if name in WIDGET_ARGUMENTS:
        raise InvalidSettingError(
            f"The parameter {name} in authorize_params has an argument of its own.",
            next_step=f"Pass {name}=... to LoginWidget instead.",
        )
    return name
