"""What a stored record belongs to.

Tokens are issued to an application of a tenant, for an API and within an organization. A stored
record belongs to these four, and to the Jupyter server of this kernel.

On a JupyterHub without subdomains, the servers of all users have the same origin and therefore the
same browser storage. If two people used one browser, and records did not name a server, the kernel
of one person would use the session of the other.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal, get_args

from auth0_widget.base.environment import variable
from auth0_widget.errors import InvalidSettingError

if TYPE_CHECKING:
    from auth0_widget.config import Settings

SCOPE_VARIABLE = "AUTH0_WIDGET_STORAGE_SCOPE"
"""The environment variable that decides whether the servers at one origin share their records."""

StorageScope = Literal["server", "origin"]
"""Whose records a kernel uses: those of its own server, or those of all servers at the origin."""


def own_server() -> str | None:
    """The base URL of the Jupyter server that a record of this kernel belongs to.

    It comes from the environment, where JupyterHub sets it: a page could claim any server. None if
    there is no hub, or if the servers share their records.

    Raises:
        InvalidSettingError: The value of `SCOPE_VARIABLE` is neither ``server`` nor ``origin``.
    """
    scope = variable(SCOPE_VARIABLE) or "server"
    if scope not in get_args(StorageScope):
        raise InvalidSettingError(
            f"The environment variable {SCOPE_VARIABLE} is neither 'server' nor 'origin'.",
            next_step="Leave it out, or set it to origin to let all your servers on a hub share "
            "one stored session.",
        )
    return os.environ.get("JUPYTERHUB_SERVICE_PREFIX") if scope == "server" else None


@dataclass(frozen=True, slots=True)
class RecordIdentity:
    """What a stored record belongs to.

    Attributes:
        issuer: The issuer identifier of the tenant.
        client_id: The client ID of the application.
        audience: The identifier of the API, or None.
        organization: The Auth0 organization, or None.
        server: The base URL of the Jupyter server, see `own_server`.
    """

    issuer: str
    client_id: str
    audience: str | None
    organization: str | None
    server: str | None

    @classmethod
    def of(cls, settings: Settings) -> RecordIdentity:
        """What the records of a login with these settings belong to."""
        return cls(
            settings.issuer,
            settings.client_id,
            settings.audience,
            settings.organization,
            own_server(),
        )

    @property
    def record_fields(self) -> dict[str, str | None]:
        """The fields of a record that say what it belongs to."""
        return asdict(self)

    @property
    def record_key(self) -> str:
        """The key under which the browser stores the record."""
        parts = (value or "" for value in self.record_fields.values())
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        return f"auth0-widget:{digest[:24]}"
