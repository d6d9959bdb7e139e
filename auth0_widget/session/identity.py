"""Which login it is: what a stored record belongs to, and which widgets of a kernel share a login.

Tokens are issued to an application of a tenant, for an API and within an organization. A stored
record belongs to these four. Within a kernel two widgets share a login only if they agree on
everything else as well: on the scope, for example, that the tokens were granted for.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auth0_widget.config import Settings


@dataclass(frozen=True, slots=True)
class LoginIdentity:
    """The identity of a login.

    Attributes:
        issuer: The tenant, by its issuer identifier.
        client_id: The application.
        audience: The API, or None.
        organization: The Auth0 organization, or None.
        other_settings: Every other setting, by name.
    """

    issuer: str
    client_id: str
    audience: str | None
    organization: str | None
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
        }

    @property
    def record_key(self) -> str:
        """The key of the record in the browser's storage."""
        parts = (value or "" for value in self.record_fields.values())
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        return f"auth0-widget:{digest[:24]}"
