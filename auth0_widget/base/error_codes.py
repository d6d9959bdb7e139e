"""Errors of another process, which sends only their code, their message and their next step."""

from __future__ import annotations

from auth0_widget.errors import Auth0WidgetError, SessionError, TenantError, UnreachableError


def error_class(code: str, default: type[Auth0WidgetError]) -> type[Auth0WidgetError]:
    """The class of error with this code, among the session, tenant and network errors.

    Args:
        code: The code that the other process sent.
        default: The class to use for a code that this version does not know.
    """
    classes: list[type[Auth0WidgetError]] = [SessionError, UnreachableError, TenantError]
    for each in classes:
        if each.code == code:
            return each
        classes.extend(each.__subclasses__())
    return default
