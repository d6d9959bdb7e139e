"""Checks of the token endpoint: the application's grant types, and tokens for the API.

The grant types are asked about with a made-up code or token each. The error code of the refusal
shows whether the tenant would have accepted a real one. Auth0's log shows a failed exchange of each
kind.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Literal

from auth0_widget.base.strict_json import json_object
from auth0_widget.config import FLOW_FACTS
from auth0_widget.doctor.report import Finding
from auth0_widget.errors import Auth0WidgetError, LoginDeniedError
from auth0_widget.flows.client_credentials import client_secret
from auth0_widget.oauth.client import DEVICE_GRANT
from auth0_widget.oauth.responses import MAX_RESPONSE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auth0_widget.config import Settings, Way
    from auth0_widget.doctor.report import Answer
    from auth0_widget.oauth.client import Tenant
    from auth0_widget.oauth.transport import Response, Transport

SETTINGS = "In Auth0: Applications, your application, Settings"

GrantStatus = Literal["allowed", "not allowed", "unknown", "unclear"]
"""What a refusal shows about a grant type. ``unknown``: the tenant knows no such application."""

_GRANTS = {
    "authorization_code": "Authorization Code, for the login window",
    "refresh_token": "Refresh Token, to renew sessions",
    DEVICE_GRANT: "Device Code, for Use a code instead",
}
_ANSWERS: dict[GrantStatus, Answer] = {"allowed": "yes", "not allowed": "no"}


class Grants:
    """The grant types that the tenant allows an application. Making it asks the tenant.

    Args:
        transport: The connections to the tenant.
        settings: The tenant and the application.
    """

    def __init__(self, transport: Transport, settings: Settings) -> None:
        self._flow = FLOW_FACTS[settings.flow]
        self._statuses = {grant: _status(transport, settings.client_id, grant) for grant in _GRANTS}

    @property
    def application_is_known(self) -> bool:
        """Whether the tenant knows the application, as one without a secret."""
        return "unknown" not in self._statuses.values()

    @property
    def authorization_code(self) -> Answer:
        """Whether the tenant allows a login in a window and by a link."""
        return self._answer("authorization_code")

    @property
    def device_code(self) -> Answer:
        """Whether the tenant allows a login with a code."""
        return self._answer(DEVICE_GRANT)

    def findings(self) -> Iterator[Finding]:
        """One for each grant type."""
        needed = DEVICE_GRANT if self._flow.has_code else "authorization_code"
        for grant, status in self._statuses.items():
            if status == "allowed":
                yield Finding("good", f"Grant type {_GRANTS[grant]}: allowed")
            elif status == "not allowed":
                step = f"{SETTINGS}, Advanced Settings, Grant Types: allow it."
                said = f"Grant type {_GRANTS[grant]}: not allowed"
                main: Way = "code" if self._flow.has_code else "window"
                if grant == needed:
                    yield Finding("bad", said, step, main)
                else:
                    yield Finding("note", said, step)
            else:
                yield Finding("note", f"Grant type {_GRANTS[grant]}: the tenant did not say")

    def _answer(self, grant: str) -> Answer:
        return _ANSWERS.get(self._statuses[grant], "unclear")


def code_finding(tenant: Tenant) -> Finding:
    """Whether the tenant gives a code for the API of the settings. Nobody types that code."""
    try:
        tenant.device_authorization()
    except LoginDeniedError as error:
        return Finding.of_error(error)  # in no way, if the tenant does not know the API
    except Auth0WidgetError as error:
        return _of_error(error, "code")
    return Finding("good", f"The tenant gives a code for the API {tenant.settings.audience}")


def token_finding(tenant: Tenant) -> Finding:
    """Whether the tenant gives an application that logs in as itself a token for its API."""
    try:
        tenant.client_credentials_grant(client_secret())
    except Auth0WidgetError as error:
        return _of_error(error, "unattended")
    return Finding(
        "good", f"The tenant gives the application a token for the API {tenant.settings.audience}"
    )


def _of_error(error: Auth0WidgetError, way: Way) -> Finding:
    verdict: Literal["note", "bad"] = "note" if error.passing else "bad"
    return Finding(verdict, error.message, error.next_step, way)


def _status(transport: Transport, client_id: str, grant: str) -> GrantStatus:
    made_up = secrets.token_urlsafe(32)  # as long as a real verifier (RFC 7636, 4.1)
    forms = {
        "authorization_code": {"code": made_up, "code_verifier": made_up},
        "refresh_token": {"refresh_token": made_up},
        DEVICE_GRANT: {"device_code": made_up},
    }
    form = {"client_id": client_id, "grant_type": grant, **forms[grant]}
    try:
        return _status_from(transport.request("POST", "/oauth/token", data=form))
    except Auth0WidgetError:
        return "unclear"


def _status_from(response: Response) -> GrantStatus:
    """What the refusal of a made-up code or token shows about its grant type (RFC 6749, 5.2)."""
    content = json_object(response.body, limit=MAX_RESPONSE) or {}
    match content.get("error"):
        case "invalid_grant" | "expired_token":
            return "allowed"
        case "unauthorized_client" | "unsupported_grant_type":
            return "not allowed"
        # Auth0 sends access_denied to an application that must authenticate and has not.
        case "invalid_client" | "access_denied":
            return "unknown"
        case _:
            return "unclear"
