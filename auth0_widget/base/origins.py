"""Origins: of tenants, of web pages, and of this machine."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from auth0_widget.base.characters import is_quoted, is_visible_ascii
from auth0_widget.errors import InvalidDomainError

DEFAULT_PORTS = {"https": 443, "http": 80}
"""Scheme → the port that it implies."""

_PUBLIC_LABELS = 2  # the name of a host on the internet has a dot
_PORTS = range(1, 65_536)
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")  # as in js/src/urls.ts
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
# Browsers accept an underscore. Names of containers may have one, names in the DNS may not.
_WEB_ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?")


def tenant_origin(domain: object) -> str:
    """The origin of a tenant: ``acme.eu.auth0.com`` becomes ``https://acme.eu.auth0.com``.

    The parsed scheme, host and port must make up the whole text, so that neither
    ``acme.auth0.com@evil.com`` nor ``evil.com/#`` is accepted.

    Args:
        domain: A host with an optional port and an optional ``https://``. On this machine,
            ``http://`` is allowed too.

    Raises:
        InvalidDomainError: The domain is missing or malformed.
    """
    if domain is None:
        raise InvalidDomainError(
            "No domain was given: the argument domain is missing and AUTH0_DOMAIN is not set."
        )
    domain = _checked_spelling(domain)
    text = domain if "://" in domain else f"https://{domain}"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _malformed_domain("it is not a host") from None
    if parts.scheme not in DEFAULT_PORTS:
        raise _malformed_domain("it must begin with https:// or with the host itself")
    if "%" in host or port == 0:
        raise _malformed_domain("it is not a host")
    origin = f"{parts.scheme}://{bracketed(host)}" + (f":{port}" if port is not None else "")
    if text.lower().removesuffix("/") != origin:
        raise _malformed_domain("it must be a host only, without user, path, query or fragment")
    if not is_loopback(host):
        if parts.scheme == "http":
            raise _malformed_domain(
                "plain http is for a tenant on this machine only, at localhost, 127.0.0.1 or [::1]"
            )
        labels = host.split(".")
        if (
            len(labels) < _PUBLIC_LABELS
            or not all(map(_LABEL.fullmatch, labels))
            # Resolvers read 0x7f.1 as an IP address. No top-level domain begins with a digit.
            or labels[-1][0].isdigit()
        ):
            raise _malformed_domain("it is not the name of a host on the internet")
    # An issuer identifier does not contain the default port of its scheme.
    return origin.removesuffix(f":{DEFAULT_PORTS[parts.scheme]}")


def _checked_spelling(domain: object) -> str:
    """The domain, if it consists of visible ASCII; else raises `InvalidDomainError`."""
    if not isinstance(domain, str) or not domain:
        raise _malformed_domain("it must be text, and not empty")
    if is_quoted(domain):
        raise _malformed_domain("there are quotation marks around it, which do not belong to it")
    if not domain.isascii():
        raise _malformed_domain("write an international domain in ASCII, as in xn--mnchen-3ya.de")
    if not is_visible_ascii(domain):
        raise _malformed_domain("it must be plain text without spaces")
    return domain


def bracketed(host: str) -> str:
    """A host as it stands in a URL: an IPv6 address in brackets (RFC 3986, 3.2.2)."""
    return f"[{host}]" if ":" in host else host


def is_web_origin(text: str) -> bool:
    """Whether a text is the origin of a web page, as browsers write it (RFC 6454, 6.2)."""
    found = _WEB_ORIGIN.fullmatch(text)
    return found is not None and int((found[2] or ":1")[1:]) in _PORTS


def is_loopback(host: str) -> bool:
    """Whether a host, without its port, is a name of this machine (RFC 8252, 8.3)."""
    return host.lower() in _THIS_MACHINE


def is_loopback_url(url: str) -> bool:
    """Whether the host of a URL or an origin is a name of this machine, see `is_loopback`."""
    return is_loopback(urlsplit(url).hostname or "")


def _malformed_domain(why: str) -> InvalidDomainError:
    return InvalidDomainError(f"The domain (argument domain or AUTH0_DOMAIN) is malformed: {why}.")
