"""A simulated person, who reads what a cell prints, and opens the login link in it."""

from __future__ import annotations

import io
import re
import threading
from typing import TYPE_CHECKING

import httpx

from auth0_widget.oauth.loopback_address import redirect_uri

if TYPE_CHECKING:
    from auth0_widget.local_tenant import LocalTenant


def open_link(tenant: LocalTenant, url: str, port: int, *, accept: bool = True) -> None:
    """Do what a browser on this machine does with the link, until it has the last page."""
    response = tenant.sign_in(url, accept=accept)
    # The kernel may not listen yet. The retries take a minute in all.
    transport = httpx.HTTPTransport(retries=8)
    with httpx.Client(trust_env=False, timeout=60, transport=transport) as browser:
        page = browser.get(redirect_uri(port), params=response)
    assert page.status_code == 200
    assert "Back to your notebook" in page.text


class Reader(io.StringIO):
    """Replaces ``sys.stdout``, and opens each link in a new thread.

    Args:
        tenant: The tenant of the links.
        port: The port at which the kernel listens for the response.
    """

    def __init__(self, tenant: LocalTenant, port: int) -> None:
        super().__init__()
        self._tenant, self._port = tenant, port

    def write(self, text: str) -> int:
        """Read the printed text."""
        for url in re.findall(rf"{re.escape(self._tenant.url)}/authorize\?\S+", text):
            threading.Thread(target=open_link, args=(self._tenant, url, self._port)).start()
        return super().write(text)
