"""Asks for the login that a cell waits for: first by a silent login, then by a printed text."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import copy_context
from typing import TYPE_CHECKING

from auth0_widget.errors import Auth0WidgetError, IdTokenSubjectError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auth0_widget.login.login import Login
    from auth0_widget.login.requested_login import RequestedLogin
    from auth0_widget.notebook.waiting import Pages

SOMEBODY_ELSE = "In this browser, somebody else is logged in at the tenant."


def start_silent_login(
    login: Login,
    pages: Pages,
    requested: RequestedLogin | None,
    ended: Callable[[Auth0WidgetError | None], object],
) -> Callable[[], None] | None:
    """Start a silent login. Calls ``ended`` once, with None or the error.

    Returns a function that cancels it. None if no page can do it, or if the login needs the person.
    """
    if requested is None:
        return pages.start_silent_login(login.tenant, ended)
    return None if requested.needs_person else pages.start_silent_login(requested.tenant, ended)


@contextmanager
def asking(  # noqa: PLR0913 - each is one choice of a cell
    login: Login,
    pages: Pages,
    print_text: Callable[[str], object],
    still_waits: Callable[[], bool],
    *,
    prompt: str,
    requested: RequestedLogin | None,
) -> Iterator[None]:
    """Try a silent login during the block. If it fails, or no page can try it, print the prompt.

    A silent login that is under way at the end of the block is cancelled.

    Args:
        login: The login.
        pages: The pages that show the widget.
        print_text: Prints a text for the person.
        still_waits: Returns whether the cell still waits. If not, nothing is printed any more.
        prompt: What to print.
        requested: The login to request, or None for the usual one.
    """
    context = copy_context()  # ipykernel finds in it to which cell a printed text belongs

    def ended(error: Auth0WidgetError | None) -> None:
        if error is None or not still_waits():
            return
        somebody_else = isinstance(error, IdTokenSubjectError)
        context.run(print_text, f"{SOMEBODY_ELSE} {prompt}" if somebody_else else prompt)

    cancel = start_silent_login(login, pages, requested, ended)
    if cancel is None:
        print_text(prompt)
    try:
        yield
    finally:
        if cancel is not None:
            cancel()
