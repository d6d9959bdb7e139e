"""Sends an error of the keeper to a kernel, which raises an error of the same class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auth0_widget.base.error_codes import error_class
from auth0_widget.errors import KeeperError, RateLimitError, TenantError
from auth0_widget.keeper.messages import Failed

if TYPE_CHECKING:
    from auth0_widget.errors import Auth0WidgetError


def message_of_error(number: int, error: Auth0WidgetError) -> Failed:
    """The message that the request with this number has failed, and why."""
    return Failed(
        number,
        code=error.code,
        message=error.message,
        next_step=error.next_step,
        oauth_error=error.error if isinstance(error, TenantError) else None,
        oauth_description=error.error_description if isinstance(error, TenantError) else None,
        retry_after=error.retry_after if isinstance(error, RateLimitError) else None,
    )


def error_from_message(failed: Failed) -> Auth0WidgetError:
    """The error in a message. If its code is unknown, it is a `KeeperError`."""
    kind = error_class(failed.code, KeeperError)
    error = kind(failed.message, next_step=failed.next_step)
    if isinstance(error, TenantError):
        error.error, error.error_description = failed.oauth_error, failed.oauth_description
    if isinstance(error, RateLimitError):
        error.retry_after = failed.retry_after
    return error
