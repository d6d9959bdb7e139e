"""Non-verifiable callback URIs, for which a person must confirm a login that shows no other page.

Any program on a machine can listen at a port of its loopback address. Auth0 therefore shows a page
there, and refuses ``prompt=none`` (Auth0 docs, "Measures Against Application Impersonation" and
"Migrate to Non-Verifiable Callback URI End-User Confirmation"; the default since 2026-04-28). Names
below ``.localhost`` count as verifiable (Auth0 Support, "Understanding and Testing the
Non-Verifiable Callback URI Consent Screen").
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from auth0_widget.local_tenant.model import Application
    from auth0_widget.local_tenant.settings import Settings


def wants_confirmation(redirect_uri: str, client: Application, settings: Settings) -> bool:
    """Whether the person must confirm a login with this callback URI.

    Custom schemes such as ``myapp://`` and loopback addresses are not verifiable. The application's
    setting overrides the tenant's.
    """
    chosen = client.confirms_non_verifiable_callbacks
    if chosen is None:
        chosen = settings.confirms_non_verifiable_callbacks
    parts = urlsplit(redirect_uri)
    web = parts.scheme in {"http", "https"}
    return chosen and (not web or _is_unverifiable_host(parts.hostname or ""))


def _is_unverifiable_host(host: str) -> bool:
    """Whether any program of this machine can listen there.

    All of 127.0.0.0/8 counts, in any spelling. `base.origins.is_loopback` has another purpose: it
    names the few hosts to which a token may be sent without https.
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
