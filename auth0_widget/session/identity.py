"""Which login it is: what a stored record belongs to, and which widgets of a kernel share a login.

Tokens are issued to an application of a tenant, for an API and within an organization. A stored
record belongs to these four, and to the Jupyter server of this kernel. Within a kernel two widgets
share a login only if they agree on everything else as well: on the scope, for example, that the
tokens were granted for.

On a JupyterHub without subdomains the servers of all users share one origin, and so one storage. If
two people use one browser, the kernel of one would otherwise take up the session of the other.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from auth0_widget.errors import InvalidSettingError

if TYPE_CHECKING:
    from auth0_widget.config import Settings

SCOPE_VARIABLE = "AUTH0_WIDGET_STORAGE_SCOPE"
"""The environment variable that says whether the servers at one origin share their records."""

_SCOPES = ("server", "origin")


def own_server() -> str | None:
    """The base URL of the Jupyter server that a record of this kernel belongs to.

    JupyterHub tells it to each server, and the server to its kernels. A page would say what it
    likes. None where there is no hub, or where the servers are to share their records.

    Raises:
        InvalidSettingError: The variable has a value that is none of ``server`` and ``origin``.
    """
    scope = os.environ.get(SCOPE_VARIABLE) or _SCOPES[0]
    if scope not in _SCOPES:
        raise InvalidSettingError(
            f"The environment variable {SCOPE_VARIABLE} is neither 'server' nor 'origin'.",
            next_step="Leave it out, or set it to origin to let all your servers on a hub share "
            "one stored session.",
        )
    return os.environ.get("JUPYTERHUB_SERVICE_PREFIX") if scope == "server" else None


@dataclass(frozen=True, slots=True)
class LoginIdentity:
    """The identity of a login.

    Attributes:
        issuer: The tenant, by its issuer identifier.
        client_id: The application.
        audience: The API, or None.
        organization: The Auth0 organization, or None.
        server: The base URL of the Jupyter server, see `own_server`.
        other_settings: Every other setting, by name.
    """

    issuer: str
    client_id: str
    audience: str | None
    organization: str | None
    server: str | None
    other_settings: frozenset[tuple[str, object]]

    @classmethod
    def of(cls, settings: Settings) -> LoginIdentity:
        """The identity of the login that these settings describe."""
        others = {field.name for field in fields(settings)}
        others -= {"origin", "client_id", "audience", "organization"}
        return cls(
            settings.issuer,
            settings.client_id,
            settings.audience,
            settings.organization,
            own_server(),
            frozenset((name, getattr(settings, name)) for name in others),
        )

    @property
    def record_fields(self) -> dict[str, str | None]:
        """What a record says about whom it belongs to."""
        return {
            "issuer": self.issuer,
            "client_id": self.client_id,
            "audience": self.audience,
            "organization": self.organization,
            "server": self.server,
        }

    @property
    def record_key(self) -> str:
        """The key of the record in the browser's storage."""
        parts = (value or "" for value in self.record_fields.values())
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        return f"auth0-widget:{digest[:24]}"
