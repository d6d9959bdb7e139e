"""The device flow (RFC 8628): a person types a short code in any browser, and the kernel polls.

It is for places where no window can open: SSH, a console, a notebook that runs unattended. The
address and the code are printed as plain text, without a QR code, or shown in the card. Where the
tenant sends a link with the code in it, the person is asked to compare the code, because whoever is
tricked into approving another's code gives a login away (RFC 8628, 5.4).
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from auth0_widget.base.background import in_background
from auth0_widget.base.redaction import without_frames
from auth0_widget.errors import (
    Auth0WidgetError,
    DeviceCodeExpiredError,
    InvalidSettingError,
    LoginCancelledError,
    RateLimitError,
    TokenRequestError,
)
from auth0_widget.oauth.authorization_request import login_denied_error
from auth0_widget.oauth.responses import DENIAL_CODES
from auth0_widget.session.factory import session_from_tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.config import Settings
    from auth0_widget.flows.on_demand import Pause
    from auth0_widget.login.login import Login
    from auth0_widget.oauth.client import Tenant
    from auth0_widget.oauth.device_codes import DeviceCodes
    from auth0_widget.oauth.token_response import TokenResponse
    from auth0_widget.session.managed_session import ManagedSession

log = logging.getLogger(__name__)

SLOW_DOWN_SECONDS = 5
"""Seconds that each ``slow_down`` adds to the interval (RFC 8628, 3.5)."""

_LONGEST_PAUSE = 60.0
"""Seconds. Failed polls double the pause up to this, or to the interval if that is longer."""

_LAST_POLL = 5.0
"""Seconds before the code expires. A longer pause ends then, so that an approval is not missed."""


def code_instructions(codes: DeviceCodes) -> str:
    """The instructions for the person, as plain text."""
    typed = f"go to {codes.verification_uri} and enter the code {codes.user_code}"
    if codes.verification_uri_complete is None:
        return f"To log in, {typed}"
    return f"To log in, open {codes.verification_uri_complete} and compare the code, or {typed}"


def check_device_flow(settings: Settings) -> None:
    """Check that the device flow supports the settings.

    In this flow, Auth0 takes a scope and an audience only. Its ID token has neither ``org_id`` nor
    ``auth_time`` nor ``acr``, so that an organization, a ``max_age`` and ``acr_values`` could not
    be verified.

    Raises:
        InvalidSettingError: The settings have an organization, a ``max_age`` or ``acr_values``.
    """
    if settings.organization is not None:
        raise InvalidSettingError(
            "A login with a code cannot be for an organization: its ID token does not name one.",
            next_step="Log in in a window (flow='popup'), or leave organization and "
            "AUTH0_ORGANIZATION out.",
        )
    if settings.max_age is not None:
        raise InvalidSettingError(
            "A login with a code cannot be held to max_age: its ID token does not say when the "
            "person typed their password.",
            next_step="Log in in a window (flow='popup'), or leave max_age out.",
        )
    if settings.acr_values is not None:
        raise InvalidSettingError(
            "A login with a code cannot be held to acr_values: Auth0 does not take them with a "
            "code.",
            next_step="Log in in a window (flow='popup'), or leave acr_values out.",
        )


def log_in_by_device(
    login: Login, pause: Pause, show: Callable[[DeviceCodes], object]
) -> ManagedSession:
    """Show a code, wait until a person enters it, and return the session of that person.

    Args:
        login: The login.
        pause: Waits, see `Pause`.
        show: Shows the code to the person.

    Raises:
        InvalidSettingError: See `check_device_flow`.
        DeviceCodeExpiredError: Nobody entered the code in time.
        LoginDeniedError: The person or a rule of the tenant denied the login.
        LoginCancelledError: No cell waits any more.
        IdTokenError: The ID token failed a check.
        Auth0WidgetError: The tenant refused, or could not be asked for a code.
    """
    tenant = login.tenant_for_next_login
    check_device_flow(tenant.settings)  # a cell may request more than the login's own settings
    codes = tenant.device_authorization()
    show(codes)
    in_background(login.jwks.prefetch)  # while the person types
    response = poll(tenant, codes, pause)
    # This flow has no nonce: the token response came directly from the tenant.
    return session_from_tokens(tenant, login.jwks, response, nonce=None)


@without_frames
def poll(
    tenant: Tenant,
    codes: DeviceCodes,
    pause: Pause,
    clock: Callable[[], float] = time.monotonic,
) -> TokenResponse:
    """Poll the token endpoint at the intervals of RFC 8628, 3.5, until it responds with tokens.

    Args:
        tenant: The tenant.
        codes: The codes, with the interval.
        pause: Waits, see `Pause`. Polling stops when it returns True.
        clock: A monotonic clock, in seconds.

    Raises:
        DeviceCodeExpiredError: The codes have expired.
        LoginDeniedError: The tenant denied the login, or has blocked the person's account.
        LoginCancelledError: ``pause`` returned True.
        TokenRequestError: The tenant responded with another error.
        InvalidResponseError: The tenant's response is malformed.
    """
    interval, deadline = float(codes.interval), clock() + codes.expires_in
    wait, trouble = interval, None
    while not pause(wait):
        if clock() >= deadline:
            raise _expired(trouble)
        try:
            return tenant.device_code_grant(codes.device_code)
        except TokenRequestError as error:
            if error.error not in ("authorization_pending", "slow_down"):
                raise _ending(error, trouble) from None
            if error.error == "slow_down":
                interval += SLOW_DOWN_SECONDS
            wait, trouble = interval, None
        except Auth0WidgetError as error:
            if not error.passing:
                raise
            log.info("a poll for the login with a code failed with %s", error.code)
            trouble = error  # the person may still be typing
            wait = max(interval, min(_back_off(wait, error), deadline - clock() - _LAST_POLL))
    raise LoginCancelledError(
        "The login was cancelled: nobody waits for it any more.",
        next_step="Call `login.wait()` or `await login` again to get a new code.",
    )


def _back_off(wait: float, error: Auth0WidgetError) -> float:
    """Seconds until the next poll, ``wait`` seconds after the last one, which failed."""
    retry_after = error.retry_after if isinstance(error, RateLimitError) else None
    # Exponential, as RFC 8628 (3.5) asks.
    return max(min(2 * wait, _LONGEST_PAUSE), retry_after or 0)


def _ending(error: TokenRequestError, trouble: Auth0WidgetError | None) -> Auth0WidgetError:
    """The error for a response that ends the login.

    Args:
        error: The response.
        trouble: See `_expired`.
    """
    if error.error == "expired_token":
        return _expired(trouble)
    if error.error in DENIAL_CODES:
        return login_denied_error(error.error_description)
    if error.error == "invalid_grant" and trouble is not None:
        return TokenRequestError(
            "The tenant's response to your login was lost on the way, and a code is good for one "
            "response.",
            next_step=DeviceCodeExpiredError.default_next_step,
            error=error.error,
            error_description=error.error_description,
        )
    return error


def _expired(trouble: Auth0WidgetError | None) -> DeviceCodeExpiredError:
    """The error for a code that has expired.

    Args:
        trouble: Why the last polls failed, or None where the tenant said that nobody had entered
            the code.
    """
    if trouble is None:
        return DeviceCodeExpiredError()
    return DeviceCodeExpiredError(
        "The code is no longer valid, and the tenant could not be asked whether somebody entered "
        f"it: {trouble.message}",
        next_step=f"{trouble.next_step} {DeviceCodeExpiredError.default_next_step}",
    )
