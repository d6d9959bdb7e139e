"""The URLs that the tenant has to know: of pages that show the widget, and of the callback page.

On JupyterHub a URL may contain a user name, which a report must not show. In a path the name is
replaced by a placeholder; in a subdomain, by Auth0's wildcard.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from auth0_widget.base.origins import is_loopback_url, is_web_origin
from auth0_widget.config import CALLBACK_PAGE, FLOW_FACTS, HUB_CALLBACK_PAGE
from auth0_widget.errors import InvalidSettingError
from auth0_widget.flows.remote_kernel import remote_kernel_reason
from auth0_widget.oauth.loopback_address import redirect_uri

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from auth0_widget.config import Flow, ResponseDelivery
    from auth0_widget.doctor.servers import Server


PLACEHOLDER = "YOUR-NAME"
"""What stands for the name of a user in a URL."""


@dataclass(frozen=True, slots=True)
class PageAddress:
    """Where people find a page that shows the widget.

    Attributes:
        origin: The page's origin.
        callback_page: The URL of the callback page; None where none is known.
        named: Whether the caller named it. Otherwise a Jupyter Server reported it, which people may
            reach at another address.
    """

    origin: str
    callback_page: str | None
    named: bool

    def redirect_uri(self, callback: ResponseDelivery) -> str | None:
        """The redirect URI of a login there."""
        return self.origin if callback == "message" else self.callback_page

    @property
    def published_origin(self) -> str:
        """The origin without the name of a user."""
        parts, hub = urlsplit(self.origin), os.environ.get("JUPYTERHUB_HOST", "").rstrip("/")
        _, _, host = hub.partition("://")
        if is_web_origin(hub) and parts.netloc.endswith(f".{host}"):
            return f"{parts.scheme}://*.{host}"
        return self.origin

    @property
    def published_callback_page(self) -> str | None:
        """The callback page's URL without the name of a user."""
        if self.callback_page is None:
            return None
        before, user, after = self.callback_page.removeprefix(self.origin).partition("/user/")
        path = f"{before}/user/{PLACEHOLDER}/{after.partition('/')[2]}" if user else before
        return f"{self.published_origin}{path}"


def addresses(named: Mapping[str, str | None], servers: Iterable[Server]) -> list[PageAddress]:
    """The addresses that were named; if none was, those of the servers that run here.

    Args:
        named: Origin → the URL of its callback page, or None.
        servers: The servers that run here.

    Raises:
        InvalidSettingError: One that was named is no web origin, or the environment does not name
            the path of the callback page.
    """
    if named:
        return [
            PageAddress(_checked(one), page or _callback_page(one), named=True)
            for one, page in named.items()
        ]
    if on_jupyterhub():
        return []  # a server there knows the address for the hub's proxy, not that for people
    return [
        PageAddress(one.origin, f"{one.origin}{one.base_url}{CALLBACK_PAGE}", named=False)
        for one in servers
    ]


def link_callback(flow: Flow, port: int, known: list[PageAddress]) -> str | None:
    """The redirect URI of a login by a link, or None if no page offers a link.

    Args:
        flow: The flow of the settings.
        port: Their loopback port.
        known: The addresses of pages. If there are none, there may still be pages that offer a
            link, such as VS Code's.
    """
    elsewhere = remote_kernel_reason() is not None or not all(
        is_loopback_url(one.origin) for one in known
    )
    facts = FLOW_FACTS[flow]
    depends = facts.clicked and facts.way is None
    offered = facts.way == "link" or (depends and not elsewhere)
    return redirect_uri(port) if offered else None


def urls_to_enter(
    known: list[PageAddress], callback: ResponseDelivery, link: str | None
) -> dict[str, list[str]]:
    """Field of the application's settings → the URLs to enter there.

    Args:
        known: The addresses of pages.
        callback: How the response of a login window comes back.
        link: The redirect URI of a login by a link, or None.
    """
    links = [link] if link is not None else []
    if not known:
        return {"Allowed Callback URLs": links} if links else {}
    origins = list(dict.fromkeys(one.published_origin for one in known))
    pages = [one.published_callback_page or "" for one in known]
    callbacks = origins if callback == "message" else list(dict.fromkeys(pages))
    return {
        "Allowed Callback URLs": [*callbacks, *links],
        "Allowed Web Origins": origins,
        "Allowed Logout URLs": origins,
    }


def placeholder_note(urls: Mapping[str, list[str]]) -> list[str]:
    """The line that says what to do with the placeholder, if a URL contains it."""
    if any(PLACEHOLDER in url for listed in urls.values() for url in listed):
        return [f"Replace {PLACEHOLDER} with your name on the hub, as in a notebook's address."]
    return []


def on_jupyterhub() -> bool:
    """Whether this is a server of JupyterHub, which people reach at the hub's address."""
    return "JUPYTERHUB_API_URL" in os.environ


def _checked(origin: str) -> str:
    if not is_web_origin(origin):
        raise InvalidSettingError(
            "The page's origin is not a web origin.",
            next_step="Pass what the address bar shows up to the port: http://localhost:8888",
        )
    return origin


def _callback_page(origin: str) -> str:
    named = os.environ.get(HUB_CALLBACK_PAGE)
    if named and not named.startswith("/"):
        raise InvalidSettingError(
            f"The value of {HUB_CALLBACK_PAGE} is not a path.",
            next_step="Set it to the path only, as in /services/auth0-widget/callback.",
        )
    path = named or (f"{os.environ.get('JUPYTERHUB_SERVICE_PREFIX', '/')}{CALLBACK_PAGE}")
    return f"{origin}{path}"
