"""The device flow (RFC 8628): a person types a short code in any browser, and the kernel polls.

It is for places where no window can open: SSH, a console, a notebook that runs unattended. The
address and the code are printed as plain text, without a QR code, or shown in the card. Where the
tenant sends a link with the code in it, the person is asked to compare the code, because whoever is
tricked into approving another's code gives a login away (RFC 8628, 5.4).
"""

from __future__ import annotations

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

SLOW_DOWN_SECONDS = 5
"""Seconds that each ``slow_down`` adds to the interval (RFC 8628, 3.5)."""


def code_instructions(codes: DeviceCodes) -> str:
    """The instructions for the person, as plain text."""
    typed = f"go to {codes.verification_uri} and enter the code {codes.user_code}"
    if codes.verification_uri_complete is None:
        return f"To log in, {typed}"
    return f"To log in, open {codes.verification_uri_complete} and compare the code, or {typed}"


def check_device_flow(settings: Settings) -> None:
    """Check that the device flow supports the settings.

    In this flow, Auth0 takes a scope and an audience only. Its ID token has neither ``org_id`` nor
    ``auth_time``, so that an organization and a ``max_age`` could not be verified.

    Raises:
        InvalidSettingError: The settings have an organization or a ``max_age``.
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
    check_device_flow(login.settings)
    tenant = login.tenant_for_next_login
    codes = tenant.device_authorization()
    show(codes)
    in_background(login.jwks.prefetch)  # fetches the keys while the person types
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
        LoginDeniedError: The tenant responded with ``access_denied``.
        LoginCancelledError: ``pause`` returned True.
        TokenRequestError: The tenant responded with another error.
        InvalidResponseError: The tenant's response is malformed.
    """
    interval, deadline = float(codes.interval), clock() + codes.expires_in
    while not pause(interval):
        if clock() >= deadline:
            raise DeviceCodeExpiredError
        try:
            return tenant.device_code_grant(codes.device_code)
        except TokenRequestError as error:
            match error.error:
                case "authorization_pending":
                    pass
                case "slow_down":
                    interval += SLOW_DOWN_SECONDS
                case "expired_token":
                    raise DeviceCodeExpiredError from None
                case "access_denied":
                    raise login_denied_error(error.error_description) from None
                case _:
                    raise
        except Auth0WidgetError as error:
            if not error.passing:
                raise
            # The person may still be typing. The interval doubles, as RFC 8628 (3.5) requires.
            retry_after = error.retry_after if isinstance(error, RateLimitError) else None
            interval = max(2 * interval, retry_after or 0)
    raise LoginCancelledError(
        "The login was cancelled: nobody waits for it any more.",
        next_step="Call `login.wait()` or `await login` again to get a new code.",
    )
