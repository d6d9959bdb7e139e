"""The address at which the kernel listens for an authorization response (RFC 8252, 7.3)."""

from __future__ import annotations

import socket

from auth0_widget.config import CALLBACK_PAGE

ADDRESSES = (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6))
"""The redirect URI has the first address. It does not have the name localhost, which may resolve to
another address (RFC 8252, 8.3)."""

PATH = f"/{CALLBACK_PAGE}"


def redirect_uri(port: int) -> str:
    """The redirect URI. Register it in Auth0, which compares the whole URI, including the port."""
    return f"http://{ADDRESSES[0][0]}:{port}{PATH}"
