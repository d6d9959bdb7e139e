"""The environment variables for connections to the tenant: proxies and certificates."""

from __future__ import annotations

import os
from pathlib import Path

CERTIFICATE_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
"""The variables that name certificate authorities. conda sets the first."""

_PROXY_VARIABLES = {"HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"}


def needs_check() -> bool:
    """Whether a variable names a proxy, or a file of certificates that does not exist.

    Only making a `Transport` shows whether the proxy can be used. This function comes first because
    it needs neither httpx nor ssl, which take long to load.
    """
    named = {name.upper(): value for name, value in os.environ.items() if value}
    certificates = [Path(named[name]) for name in CERTIFICATE_VARIABLES if name in named]
    return not _PROXY_VARIABLES.isdisjoint(named) or not all(one.exists() for one in certificates)
