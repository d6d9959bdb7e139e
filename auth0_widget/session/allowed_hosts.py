"""The hosts to which an access token may be sent.

An origin is the scheme, the host and the port of a URL. A host beyond ASCII is compared in the
spelling in which httpx and requests send it (RFC 5891).
"""

from __future__ import annotations

from typing import TypeAlias
from urllib.parse import urlsplit

import httpx

from auth0_widget.base.origins import DEFAULT_PORTS, bracketed, is_loopback, is_web_origin
from auth0_widget.errors import UntrustedUrlError

Origin: TypeAlias = "tuple[str, str, int]"


def allowed_origin(url: object) -> Origin | None:
    """The origin of a URL to which an access token may be sent, or None."""
    origin = origin_of(url) if isinstance(url, str) else None
    if origin is None:
        return None
    scheme, host, _ = origin
    # A pattern such as *.example.com would match no host, so it is refused where it is written.
    if not is_web_origin(f"{scheme}://{bracketed(host)}"):
        return None
    if scheme == "http" and not is_loopback(host):
        return None
    return origin


def origin_of(url: str) -> Origin | None:
    """Scheme, host and port of an http or https URL without a user name, or None."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        if host and not host.isascii():  # httpx and requests send it in ASCII (RFC 5891)
            host = httpx.URL(f"https://{host}").raw_host.decode()
    except (ValueError, httpx.InvalidURL):
        return None
    if not host or parts.scheme not in DEFAULT_PORTS or "@" in parts.netloc:
        return None
    return parts.scheme, host, DEFAULT_PORTS[parts.scheme] if port is None else port


def httpx_origin(url: httpx.URL) -> Origin | None:
    """Like `origin_of`, for a URL that httpx has parsed."""
    if url.userinfo or url.scheme not in DEFAULT_PORTS:
        return None
    port = DEFAULT_PORTS[url.scheme] if url.port is None else url.port
    return url.scheme, url.raw_host.decode(), port


def refused_url_error(url: object) -> UntrustedUrlError:
    """The error for a URL that cannot be allowed. It does not contain the URL, nor a password."""
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
        scheme, host, person = parts.scheme, parts.hostname, "@" in parts.netloc
    except ValueError:
        scheme, host, person = "", None, False
    if person:
        return UntrustedUrlError(
            "The address contains a user name or a password. The access token replaces them.",
            next_step="Remove the part before the @.",
        )
    if not host or scheme not in DEFAULT_PORTS:
        return UntrustedUrlError(
            "This is not the address of an API: it does not begin with https:// and a host.",
            next_step="Write it in full, as in https://api.example.com.",
        )
    if "*" in host:
        return UntrustedUrlError(
            "The address has a * in its host. The access token is sent to named hosts only.",
            next_step="Write one host, and call auth_for again for each other host.",
        )
    if scheme == "https":
        return UntrustedUrlError(
            "The address begins with https://, but its host or its port is malformed.",
            next_step="Write the host in ASCII, as in https://xn--mnchen-3ya.example, and a port "
            "up to 65535.",
        )
    return UntrustedUrlError(
        "The access token is only sent over https, or to this machine.",
        next_step="Use an https:// address.",
    )
