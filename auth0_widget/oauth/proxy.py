"""The HTTP proxy for requests to the tenant, as the environment variables name it."""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from auth0_widget.base.origins import is_loopback


def proxy_for(origin: str) -> str | None:
    """The URL of the proxy for an origin, as ``urllib.request`` finds it, or None.

    A tenant on this machine, such as the local tenant, needs no proxy. The variables are read for
    each request, because people set ``HTTPS_PROXY`` in a cell and try again.
    """
    parts = urlsplit(origin)
    host = parts.hostname or ""
    if is_loopback(host) or proxy_bypass(host):
        return None
    proxies = getproxies()
    proxy = (proxies.get(parts.scheme) or proxies.get("all") or "").strip()
    if proxy and "://" not in proxy:
        proxy = f"http://{proxy}"
    return proxy or None
