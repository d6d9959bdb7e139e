"""Checks before a long job that its session will last."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from auth0_widget.base.background import run_in_thread
from auth0_widget.config import check_duration
from auth0_widget.errors import (
    SessionExpiredError,
    SessionTooShortError,
    TokenRequestError,
)
from auth0_widget.login.requested_login import RequestedLogin
from auth0_widget.notebook.waiting import log_in_silently, session_of, wait_async
from auth0_widget.session.lifetime import known_end, unknown_end_notice
from auth0_widget.session.session import managed_session_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.login.login import Login
    from auth0_widget.notebook.waiting import Pages
    from auth0_widget.session.session import Session


async def lasting_session(
    login: Login,
    pages: Pages,
    print_text: Callable[[str], object],
    *,
    hours: float,
    refresh_token_lifetime: float | None,
) -> Session:
    """A session that lasts for this many hours, as far as this is known; see `LoginWidget.ensure`.

    Args:
        login: The login.
        pages: The pages that show the widget.
        print_text: Prints a text for the person.
        hours: How long the job takes.
        refresh_token_lifetime: Seconds for which the tenant accepts refresh tokens, if known.
    """
    check_duration("hours", hours, unit="hours")
    if refresh_token_lifetime is not None:
        check_duration("refresh_token_lifetime", refresh_token_lifetime)
    login.expire_if_over()
    latest = login.latest_session
    again = RequestedLogin.again(login, latest) if latest is not None else None
    if login.session is None:
        await log_in_silently(login, pages, again)
    session = session_of(await wait_async(login, pages, print_text, requested=again))
    managed = managed_session_of(session)
    if managed.renewable:
        # If the tenant refuses the refresh token, the session lasts as long as one without it.
        with contextlib.suppress(TokenRequestError, SessionExpiredError):
            await run_in_thread(lambda: managed.renew(retry=True))
    until = time.time() + hours * 3600
    login_would_not_help = (
        refresh_token_lifetime is not None and hours * 3600 > refresh_token_lifetime
    )
    if known_end(managed, refresh_token_lifetime).at < until and not login_would_not_help:
        await log_in_silently(login, pages, again)
        # A silent login may bring no refresh token, or another one that ends as early.
        if known_end(managed, refresh_token_lifetime).at < until:
            session = session_of(
                await wait_async(login, pages, print_text, new_session=True, requested=again)
            )
            managed = managed_session_of(session)
    end = known_end(managed, refresh_token_lifetime)
    if end.at < until:
        lasts = max(0.0, end.at - time.time()) / 3600
        raise SessionTooShortError(
            f"The session lasts {lasts:.1f} hours {end.reason}; {hours:g} hours were asked for.",
            next_step=end.next_step,
        )
    if (
        refresh_token_lifetime is None
        and (notice := unknown_end_notice(managed, until)) is not None
    ):
        print_text(notice)
    return session
