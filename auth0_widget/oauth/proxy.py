"""The HTTP proxy for requests to the tenant, as the environment variables name it."""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from auth0_widget.base.origins import is_loopback
from auth0_widget.base.redaction import without_frames
from auth0_widget.errors import InvalidSettingError

# A password that contains @, #, ? or / as they are has no place in this pattern. Parsers disagree
# about where such a password ends, and some take its end for the host.
_PROXY = re.compile(
    r"[A-Za-z][A-Za-z0-9+.\-]*://([^\s@#?/\\]*@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[\w.\-]+)(:[0-9]{1,5})?/?"
)


@without_frames  # the frames contain the proxy's URL, and so a password
def proxy_for(origin: str) -> str | None:
    """The URL of the proxy for an origin, as ``urllib.request`` finds it, or None.

    A tenant on this machine, such as the local tenant, needs no proxy. The variables are read for
    each request, because people set ``HTTPS_PROXY`` in a cell and try again.

    Raises:
        InvalidSettingError: The variable is not the address of a proxy.
    """
    parts = urlsplit(origin)
    host = parts.hostname or ""
    if is_loopback(host) or proxy_bypass(host):
        return None
    proxies = getproxies()
    kind = parts.scheme if proxies.get(parts.scheme) else "all"
    proxy = proxies.get(kind, "").strip()
    if not proxy:
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    if not _PROXY.fullmatch(proxy):
        variable = f"{kind}_proxy" if os.environ.get(f"{kind}_proxy") else f"{kind}_proxy".upper()
        raise InvalidSettingError(
            f"{variable} is not the address of a proxy, such as http://proxy.example.com:8080.",
            next_step=f"Correct {variable}; if it contains a password, encode @, #, ? and / in the "
            "password, as %40, %23, %3F and %2F.",
        )
    return proxy


def proxy_host(proxy: str) -> str:
    """The host of a proxy that `proxy_for` returned. The URL may contain a password."""
    match = _PROXY.fullmatch(proxy)
    return match["host"] if match is not None else "..."
