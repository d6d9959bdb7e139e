"""Cells that request a login, and the person who clicks in the card."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from auth0_widget.notebook.requesting import request_login

if TYPE_CHECKING:
    from kernel import Kernel

    from auth0_widget.session.session import Session


def session_of(kernel: Kernel) -> Session:
    """The session of a kernel in which somebody is logged in."""
    session = kernel.login.session
    assert session is not None
    return session


def request(
    kernel: Kernel, *, email: str = "ada@example.com", accept: bool = True, **asked: Any
) -> tuple[Session, list[str]]:
    """A cell asks, and the person clicks if they are told to. Returns what the cell was told."""
    said: list[str] = []
    arguments = {"audience": None, "scope": None, "acr_values": None, "max_age": None} | asked

    async def cell() -> Session:
        waiting = asyncio.ensure_future(
            request_login(kernel.login, kernel.bridge, session_of(kernel), said.append, arguments)
        )
        changed, loop = asyncio.Event(), asyncio.get_running_loop()
        stop = kernel.login.listen(lambda: loop.call_soon_threadsafe(changed.set))
        waiting.add_done_callback(lambda _: changed.set())
        while not waiting.done() and not kernel.login.needs_login:
            await changed.wait()
            changed.clear()
        stop()
        if not waiting.done():
            click(kernel, email, accept=accept)
        return await waiting

    return asyncio.run(cell()), said


def click(kernel: Kernel, email: str = "ada@example.com", *, accept: bool = True) -> None:
    """Log in in the window that the card opens."""
    url = kernel.last("ready")["authorize_url"]
    kernel.receive("login_started")
    response = kernel.tenant.sign_in(url, email, accept=accept)
    kernel.receive("authorization_response", response=response)
