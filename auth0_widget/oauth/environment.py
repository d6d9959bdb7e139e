"""The environment variables that decide how the tenant is reached."""

from __future__ import annotations

import os
from pathlib import Path

CERTIFICATE_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
"""Those that name certificate authorities. conda sets the first."""

_PROXY_VARIABLES = {"HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"}


def may_be_unusable() -> bool:
    """Whether a variable names a proxy, or certificates that are not there.

    Found out without httpx and ssl, which take long to load.
    """
    named = {name.upper(): value for name, value in os.environ.items() if value}
    certificates = [Path(named[name]) for name in CERTIFICATE_VARIABLES if name in named]
    return not _PROXY_VARIABLES.isdisjoint(named) or not all(one.exists() for one in certificates)
