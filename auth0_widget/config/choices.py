"""The values that a setting may have, its default, and its environment variable."""

from __future__ import annotations

from typing import Literal

DEFAULT_SCOPE = "openid profile email offline_access"
"""The default scope. With ``offline_access``, the kernel can renew the access token."""

Flow = Literal["auto", "popup", "loopback", "device", "hub", "client_credentials"]
"""The ways to log in: ``auto`` tries those that work in this front end; ``popup`` opens a browser
window; ``loopback`` shows a link, whose response comes to this machine; ``device`` shows a code to
type on any device; ``hub`` uses JupyterHub's own login; ``client_credentials`` logs in the
application itself, without a person."""

Way = Literal["window", "link", "code", "unattended"]
"""What **Log in** does in a page: it opens a window, opens a link, shows a code to type, or makes
the kernel log in without the person."""

StorageKind = Literal["local", "session", "memory"]
"""Where the browser keeps the session: until logout, until the tab is closed, or nowhere."""

Show = Literal["card", "button", "badge"]
"""How much the widget shows."""

OnExpiry = Literal["raise", "wait"]
"""What a call does once the session has expired for good: raise an error, or wait for a login."""

ResponseDelivery = Literal["message", "page"]
"""How the response of the login window comes back: as a web message, or by the callback page."""

Remember = Literal["machine", "file"]
"""How this machine remembers a login: ``"machine"`` in a private file, which is encrypted with a
key from the system's keyring if the extra ``keyring`` is installed; ``"file"`` unencrypted."""

CALLBACK_PAGE = "auth0-widget/callback"
"""The path, below a Jupyter Server's base URL, at which our extension serves the callback page."""

HUB_CALLBACK_PAGE = "AUTH0_WIDGET_CALLBACK_PAGE"
"""The environment variable in which a JupyterHub names the path of its shared callback page."""

DEFAULT_LOOPBACK_PORT = 18484
"""The port for the response of the loopback flow. Systems assign higher ports at random."""

KEEPER_VARIABLE = "AUTH0_WIDGET_KEEPER"
"""The environment variable in which a Jupyter Server names the address file of its keeper."""

REMEMBER_VARIABLE = "AUTH0_WIDGET_REMEMBER"
"""The environment variable that sets ``remember`` in kernels and in terminals."""

DEFAULT_LEEWAY = 60
"""Seconds by which this machine's clock and the tenant's may differ."""
