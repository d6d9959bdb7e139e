"""Chooses the way to log in for a page, by what the page can do.

The first of these that works is chosen: a window with the response by message, a window with the
response through the callback page, a link with the response to the kernel's machine, a code. If the
notebook names a flow, that is used. This module does not know any front end: the page says what it
can do, see js/src/abilities.ts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auth0_widget.base.origins import is_loopback_url
from auth0_widget.config import FLOW_FACTS

if TYPE_CHECKING:
    from auth0_widget.config import Flow, ResponseDelivery, Way
    from auth0_widget.pages.messages import Hello

_NO_WINDOW = "This page cannot open a login window"
_ISOLATED = "This page is isolated from the windows that it opens"


@dataclass(frozen=True, slots=True)
class Choice:
    """The ways to log in that a page offers.

    Attributes:
        way: What **Log in** does.
        why: Why **Log in** is not a window with the response by message, in one sentence; or None.
        callback: How the response comes back from a window.
        window: Whether a window is offered, by **Log in** or under **Other ways to log in**.
        link: Whether a link is offered.
    """

    way: Way
    why: str | None
    callback: ResponseDelivery
    window: bool
    link: bool


def choose(
    hello: Hello, *, flow: Flow, callback: ResponseDelivery, remote_kernel: str | None
) -> Choice:
    """Choose the ways to log in for a page.

    Args:
        hello: What the page can do.
        flow: The flow that the notebook's author chose.
        callback: How the response comes back from a window, as the author chose.
        remote_kernel: Why this kernel is not on the person's machine, or None if it may be.
    """
    wanted = FLOW_FACTS[flow].way
    if wanted in {"code", "unattended"}:
        return Choice(wanted, None, callback, window=False, link=False)
    if wanted == "window":
        return Choice("window", None, callback, window=True, link=False)
    origin = hello.origin
    if remote_kernel is None and origin is not None and not is_loopback_url(origin):
        remote_kernel = "its server is another machine"
    link = hello.link and (remote_kernel is None or wanted == "link")
    isolated = not hello.message and hello.callback_page is not None and callback == "message"
    back: ResponseDelivery = "page" if isolated else callback
    window = hello.window and (hello.message or back == "page")
    if wanted == "link" and link:
        return Choice("link", None, back, window=window, link=True)
    if window:
        return Choice(
            "window",
            f"{_ISOLATED}, so the response comes through the callback page." if isolated else None,
            back,
            window=True,
            link=link,
        )
    obstacle = _ISOLATED if hello.window else _NO_WINDOW
    if link:
        why = f"{obstacle}. Log in is a link, which opens in your browser on this computer."
        return Choice("link", why, back, window=False, link=True)
    reason = f", and {remote_kernel}" if remote_kernel is not None and hello.link else ""
    return Choice(
        "code", f"{obstacle}{reason}. Log in shows a code.", back, window=False, link=False
    )
