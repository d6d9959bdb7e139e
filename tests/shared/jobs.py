"""Long jobs of a notebook, and the person who logs in while one waits."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget import LoginWidget, Session
    from auth0_widget.login.login import Login


def ensure(login: LoginWidget, **arguments: Any) -> Session:
    """Run a cell that calls ``login.ensure``."""

    async def cell() -> Session:
        return await login.ensure(**arguments)

    return asyncio.run(cell())


def log_in_once_a_cell_waits(login: Login, log_in: Callable[[], object]) -> threading.Thread:
    """In a thread, once a cell waits for a login: what a person does when the card asks for it."""
    waits = threading.Event()

    def look() -> None:
        if login.needs_login:
            waits.set()

    stop = login.listen(look)

    def person() -> None:
        assert waits.wait(60)
        stop()
        log_in()

    thread = threading.Thread(target=person)
    thread.start()
    return thread
