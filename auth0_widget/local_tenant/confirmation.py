"""Whether a person must confirm that the answer may go to a callback that nobody can verify.

Anything on a machine may listen at one of its ports, so Auth0 shows a page, and refuses
``prompt=none``, where a login would otherwise be answered without one (Auth0 docs, "Measures
Against Application Impersonation" and "Migrate to Non-Verifiable Callback URI End-User
Confirmation"; the default since 2026-04-28). Names below ``.localhost`` count as verifiable (Auth0
Support, "Understanding and Testing the Non-Verifiable Callback URI Consent Screen").
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from auth0_widget.local_tenant.model import Application
    from auth0_widget.local_tenant.settings import Settings


def wants_confirmation(redirect_uri: str, client: Application, settings: Settings) -> bool:
    """Whether this callback is to be confirmed; the application's setting goes before the tenant's.

    Custom schemes, as ``myapp://``, and loopback addresses are what nobody can verify.
    """
    chosen = client.confirms_non_verifiable_callbacks
    if chosen is None:
        chosen = settings.confirms_non_verifiable_callbacks
    parts = urlsplit(redirect_uri)
    web = parts.scheme in {"http", "https"}
    return chosen and (not web or _is_loopback(parts.hostname or ""))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
