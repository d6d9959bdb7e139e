"""The way to log in that a page is offered, chosen by what it can do.

A window whose response comes as a message; a window whose response comes through the callback
page; a link whose response comes to the kernel's own machine; a code. What a notebook names stays
as it is. No front end is recognised here: the page says what it can do, see js/src/abilities.ts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from auth0_widget.base.origins import is_loopback

if TYPE_CHECKING:
    from auth0_widget.config import Callback, Flow
    from auth0_widget.pages.messages import Hello, Way

_NO_WINDOW = "This page cannot open a login window"
_ISOLATED = (
    "This page is isolated from the windows that it opens, so the response comes through the "
    "callback page."
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What one page is offered.

    Attributes:
        way: What Log in does.
        why: Why it is not a window whose response comes as a message, in one sentence; or None.
        callback: How the response comes back from a window.
        window: Whether a window is offered at all, as Log in or beside it.
        link: Whether a link is.
    """

    way: Way
    why: str | None
    callback: Callback
    window: bool
    link: bool


def choose(hello: Hello, *, flow: Flow, callback: Callback, remote_kernel: str | None) -> Choice:
    """The way for one page.

    Args:
        hello: What the page can do.
        flow: What the notebook's author chose.
        callback: How a response comes back from a window, as the author chose.
        remote_kernel: Why this kernel cannot be on the person's own machine; None where it may be.
    """
    if flow in ("popup", "hub"):  # the hub's login needs no window: the page has none to open
        return Choice("window", None, callback, window=flow == "popup", link=False)
    host = urlsplit(hello.origin).hostname if hello.origin is not None else None
    if remote_kernel is None and host is not None and not is_loopback(host):
        remote_kernel = "its server is another machine"
    link = hello.link and (remote_kernel is None or flow == "loopback")
    isolated = not hello.message and hello.callback is not None and callback == "message"
    back: Callback = "page" if isolated else callback
    window = hello.window and (hello.message or back == "page")
    if flow == "loopback" and link:
        return Choice("link", None, back, window=window, link=True)
    if window:
        return Choice("window", _ISOLATED if isolated else None, back, window=True, link=link)
    if link:
        why = f"{_NO_WINDOW}. Log in is a link, which opens in your browser on this computer."
        return Choice("link", why, back, window=False, link=True)
    reason = f", and {remote_kernel}" if remote_kernel is not None and hello.link else ""
    return Choice(
        "code", f"{_NO_WINDOW}{reason}. Log in shows a code.", back, window=False, link=False
    )
