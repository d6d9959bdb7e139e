"""The device flow (RFC 8628): a person types a short code in any browser, the kernel polls.

For places where no window can open: SSH, a console, a notebook that runs unattended. The address
and the code are shown, as plain text or in the card, and nothing is ever opened: whoever is tricked
into approving somebody else's code has given away a login (RFC 8628, 5.4).
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
    from auth0_widget.oauth.client import Tenant, TokenResponse
    from auth0_widget.oauth.device_codes import DeviceCodes
    from auth0_widget.session.managed_session import ManagedSession

SLOWER = 5
"""Seconds that each ``slow_down`` adds to the interval, for good (RFC 8628, 3.5)."""


def instructions(codes: DeviceCodes) -> str:
    """What to type where, for whoever reads plain text."""
    return f"To log in, go to {codes.verification_uri} and enter the code {codes.user_code}"


def check_device_flow(settings: Settings) -> None:
    """See, before a code is asked for, that a login with a code can be what was asked for.

    Nothing but a scope and an audience can be asked of Auth0 here, and its ID token then holds
    neither ``org_id`` nor ``auth_time``, by which the rest could be verified.

    Raises:
        InvalidSettingError: An organization or a ``max_age`` was asked for.
    """
    if settings.organization is not None:
        raise InvalidSettingError(
            "A login with a code cannot be for an organization: Auth0 does not name one in it.",
            next_step="Log in in a window (flow='popup'), or leave organization and "
            "AUTH0_ORGANIZATION out.",
        )
    if settings.max_age is not None:
        raise InvalidSettingError(
            "A login with a code cannot be held to max_age: Auth0 does not say in it when the "
            "person typed their password.",
            next_step="Log in in a window (flow='popup'), or leave max_age out.",
        )


def log_in_by_device(
    login: Login, pause: Pause, show: Callable[[DeviceCodes], object]
) -> ManagedSession:
    """The session of whoever enters the code that is shown.

    Args:
        login: What it is for.
        pause: Waits, and says when nobody is interested any more.
        show: Shows the code to the person.

    Raises:
        InvalidSettingError: See `check_device_flow`.
        DeviceCodeExpiredError: Nobody entered the code in time.
        LoginDeniedError: The person, or a rule of the tenant, said no.
        LoginCancelledError: Nobody waits for it any more.
        IdTokenError: The ID token failed a check.
        Auth0WidgetError: The tenant refused, or could not be asked for a code.
    """
    check_device_flow(login.settings)
    tenant = login.asking
    codes = tenant.device_authorization()
    show(codes)
    in_background(login.jwks.warm)  # the person needs longer than that
    answer = poll(tenant, codes, pause)
    # This flow has no nonce; the token answer came straight from the tenant.
    return session_from_tokens(tenant, login.jwks, answer, nonce=None)


@without_frames
def poll(
    tenant: Tenant,
    codes: DeviceCodes,
    pause: Pause,
    clock: Callable[[], float] = time.monotonic,
) -> TokenResponse:
    """Ask for the tokens, at the pace of RFC 8628, 3.5, until there is an answer.

    Args:
        tenant: Whom to ask.
        codes: What for, and how often.
        pause: Waits a number of seconds; True when the poller is to stop.
        clock: Seconds that never go backwards.

    Raises:
        DeviceCodeExpiredError: The time of the codes is over.
        LoginDeniedError: The tenant answered ``access_denied``.
        LoginCancelledError: The poller was told to stop.
        TokenRequestError: The tenant answered with any other error.
        InvalidResponseError: The tenant answered nonsense.
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
                    interval += SLOWER
                case "expired_token":
                    raise DeviceCodeExpiredError from None
                case "access_denied":
                    raise login_denied_error(error.error_description) from None
                case _:
                    raise
        except Auth0WidgetError as error:
            if not error.passing:
                raise
            # Not an answer: the person may be typing. Ever more slowly, as 3.5 asks.
            named = error.retry_after if isinstance(error, RateLimitError) else None
            interval = max(2 * interval, named or 0)
    raise LoginCancelledError(
        "The login was cancelled: nobody waits for it any more.",
        next_step="Call `login.wait()` or `await login` again to get a new code.",
    )
