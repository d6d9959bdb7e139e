"""The proxy that this machine's environment names for the tenant."""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from auth0_widget.config import is_loopback


def proxy_for(origin: str) -> str | None:
    """The proxy for an origin, as Python's own library finds it; None for a direct connection.

    Looked up for each request, because people set ``HTTPS_PROXY`` in a cell and try again. A tenant
    on this machine, as the local tenant, is always asked directly: no proxy could reach it.
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
