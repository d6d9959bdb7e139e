"""What a page's storage holds, against what the kernel holds: the newer one wins.

What comes from a page is believed only after it was verified (``session.record``,
``session.factory``), and removed only if it is proven to be bad.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from auth0_widget.errors import (
    Auth0WidgetError,
    IdTokenAuthTimeError,
    IdTokenExpiredError,
    InvalidRecordError,
    SessionEndedError,
    SessionExpiredError,
)
from auth0_widget.pages.card import expired_card
from auth0_widget.session.factory import session_from_record
from auth0_widget.session.record import Record, Tombstone, parse_record

if TYPE_CHECKING:
    from auth0_widget.login.login import Login
    from auth0_widget.pages.page import Page

log = logging.getLogger(__name__)


class Reconciler:
    """Judges what the pages of one login have stored, one after the other.

    Args:
        login: The login that may take up a stored session, or end by a stored logout.
        seal_key: What its records are sealed with.
    """

    def __init__(self, login: Login, seal_key: bytes) -> None:
        self._login = login
        self._settings = login.settings
        self._seal_key = seal_key
        self._judging = threading.Lock()

    def judge(self, page: Page, text: str | None) -> None:
        """Judge what a page's storage holds, and have the page store or remove what follows.

        Args:
            page: Whose storage it is.
            text: What is there, or None.
        """
        with self._judging:
            stored_at = page.begin_judging()
            stored: Record | Tombstone | None = None
            try:
                if text is not None:
                    stored = parse_record(text, self._login.identity, self._seal_key)
                match stored:
                    case None:
                        page.store_anew()
                    case Tombstone() if page.is_stranger:
                        pass  # a logout of whoever sits there
                    case Tombstone(ended_at=ended_at):
                        self._judge_tombstone(page, ended_at)
                    case _:
                        self._judge_record(page, stored)
            except (SessionExpiredError, IdTokenExpiredError):
                page.send_removal(stored_at)
                self._tell_expired(page, stored)
            except SessionEndedError:
                pass  # by a logout at this very moment, which has told the page already
            except Auth0WidgetError as error:
                if error.passing or isinstance(error, IdTokenAuthTimeError):
                    # It may be good: for the next attempt, or for who asks for no max_age.
                    page.could_not_judge(error)
                else:
                    log.warning("removed the stored session: %s", error.code)
                    page.refuse_record(_as_record_error(error))
                    page.send_removal(stored_at)
            page.end_judging()

    def _tell_expired(self, page: Page, stored: Record | Tombstone | None) -> None:
        if self._login.status != "logged_out":
            return
        if isinstance(stored, Record) and stored.sealed:
            page.show_expired(expired_card(stored, self._settings))
        self._login.report_expired_record()

    def _judge_tombstone(self, page: Page, ended_at: float) -> None:
        began_at = self._login.began_at
        # The clock of the kernel that wrote it may be ahead; the next login is not to be ended.
        now = time.time()
        if began_at is not None and began_at <= ended_at <= now + self._settings.leeway:
            self._login.logout(at=min(ended_at, now), callbacks_in_background=True)
        else:
            page.store_anew()  # what is there has been overwritten by an older logout

    def _judge_record(self, page: Page, record: Record) -> None:
        session, ended_at = self._login.managed_session, self._login.ended_at
        if ended_at is not None and record.logged_in_at <= ended_at:
            # This page slept through the logout.
            page.send_tombstone()
            return
        if session is not None:
            ours = session.to_record()
            if ours.session_id == record.session_id:
                # One that anybody may have written is replaced by ours, whatever time it claims.
                page.know(record.session_id, record.saved_at if record.sealed else 0)
                page.send_record()
                if ours.saved_at >= record.saved_at:
                    return
            elif page.is_stranger or ours.logged_in_at >= record.logged_in_at:
                return  # somebody else's login, or an older one
            if not record.sealed:
                return  # any script of the page could have written it: no reason to give ours up
        restored = session_from_record(self._login.tenant, self._login.jwks, record)
        page.know(restored.session_id, restored.to_record().saved_at)
        if not self._login.adopt_restored(restored, sealed=record.sealed):
            page.forget_login()


def _as_record_error(error: Auth0WidgetError) -> InvalidRecordError:
    if isinstance(error, InvalidRecordError):
        return error
    return InvalidRecordError(f"{InvalidRecordError.default_message} {error.message}")
