"""Where the kernel listens for the response of a login by a link (RFC 8252, 7.3)."""

from __future__ import annotations

import socket

from auth0_widget.config import CALLBACK_PAGE

ADDRESSES = (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6))
"""The browser is sent to the first one. Not to localhost: that name may mean anything (RFC 8252,
8.3)."""

PATH = f"/{CALLBACK_PAGE}"


def redirect_uri(port: int) -> str:
    """The redirect URI to register in Auth0, which compares it as a whole."""
    return f"http://{ADDRESSES[0][0]}:{port}{PATH}"
