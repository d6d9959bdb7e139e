"""Errors that another process has met: it sends their code and their text, and nothing more."""

from __future__ import annotations

from auth0_widget.errors import Auth0WidgetError, SessionError, TenantError, UnreachableError


def error_class(code: str, default: type[Auth0WidgetError]) -> type[Auth0WidgetError]:
    """The class of errors with this code, among those that a session or the tenant may cause.

    Args:
        code: What the other process has sent.
        default: The class for a code that this version does not know.
    """
    classes: list[type[Auth0WidgetError]] = [SessionError, UnreachableError, TenantError]
    for one in classes:
        if one.code == code:
            return one
        classes.extend(one.__subclasses__())
    return default
