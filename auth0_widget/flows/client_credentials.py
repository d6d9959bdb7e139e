"""The client credentials flow (RFC 6749, 4.4): the application logs in as itself, without a person.

It is for jobs that run unattended. The client secret comes from an environment variable, because an
argument would be saved in the notebook. It is read for each request and not kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auth0_widget.base.environment import variable
from auth0_widget.base.redaction import Secret, without_frames
from auth0_widget.errors import InvalidSettingError
from auth0_widget.session.application_session import ManagedApplicationSession

if TYPE_CHECKING:
    from auth0_widget.config import Settings
    from auth0_widget.flows.on_demand import Pause
    from auth0_widget.login.login import Login

SECRET_VARIABLE = "AUTH0_CLIENT_SECRET"  # noqa: S105 - a name, not a secret


@without_frames
def log_in_as_application(login: Login, _pause: Pause) -> ManagedApplicationSession:
    """Log the application in, for the API that is the audience, and return its session.

    Raises:
        InvalidSettingError: The secret is no longer in the environment.
        TokenRequestError: The tenant refused the secret, or the application may not use the API.
        UnreachableError: The tenant could not be asked.
    """
    return ManagedApplicationSession(
        login.tenant, login.jwks, ask=lambda: login.tenant.client_credentials_grant(client_secret())
    )


def check_client_credentials(settings: Settings) -> None:
    """Check that the settings have an audience and the environment has the client secret.

    Raises:
        InvalidSettingError: One of them is missing.
    """
    if settings.audience is None:
        raise InvalidSettingError(
            "The flow client_credentials needs an API, and none was given: the argument audience "
            "is missing and AUTH0_AUDIENCE is not set.",
            next_step="Pass the API's identifier, as in audience='https://api.example.com'.",
        )
    client_secret()


def client_secret() -> Secret:
    """The client secret, from the environment.

    Raises:
        InvalidSettingError: The variable is not set.
    """
    secret = variable(SECRET_VARIABLE)
    if not secret:
        raise InvalidSettingError(
            f"The flow client_credentials needs {SECRET_VARIABLE}, which is not set.",
            next_step="Set it in the environment of the job, from your CI system's secrets; no "
            "argument takes it, because arguments are saved in notebooks.",
        )
    return Secret(secret)
