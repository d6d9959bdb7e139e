"""Reconciles the record in a page's storage with the session in the kernel: the newer one wins.

A stored session is used only after it has been verified (``session.record``, ``session.factory``).
It is removed only if it is proven to be invalid.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from auth0_widget.base.forks import new_locks_after_fork
from auth0_widget.errors import (
    Auth0WidgetError,
    IdTokenExpiredError,
    InvalidRecordError,
    SessionEndedError,
    SessionExpiredError,
)
from auth0_widget.pages.card import expired_card
from auth0_widget.session.factory import session_from_record
from auth0_widget.session.record import Record, Tombstone

if TYPE_CHECKING:
    from auth0_widget.pages.display import Display
    from auth0_widget.pages.outbox import Outbox

log = logging.getLogger(__name__)


class Reconciler:
    """Reconciles the stored records of a widget's pages with its login, one after the other.

    Args:
        display: The widget. Its login may get a stored session, or end because of a tombstone.
    """

    def __init__(self, display: Display) -> None:
        self._login = display.login
        self._settings = display.login.settings
        self._lock = threading.Lock()
        new_locks_after_fork(self)

    def reconcile(self, page: Outbox, text: str | None) -> None:
        """Compare the text in a page's storage with the login. Send the page what to store.

        Args:
            page: What is sent to the page.
            text: The text in its storage, or None.
        """
        with self._lock:
            record_saved_at = page.begin_reconciliation()
            stored: Record | Tombstone | None = None
            try:
                if text is not None:
                    stored = self._login.record_format.parse(text)
                match stored:
                    case None:
                        page.send_record_again()
                    case Tombstone() if page.session_is_unknown:
                        pass  # the logout was of another session than the kernel's
                    case Tombstone(ended_at=ended_at):
                        self._apply_tombstone(page, ended_at)
                    case _:
                        self._apply_record(page, stored)
            except (SessionExpiredError, IdTokenExpiredError):
                page.send_removal(record_saved_at)
                self._expired(page, stored)
            except SessionEndedError:
                pass  # there was a logout just now, of which the page has been notified
            except Auth0WidgetError as error:
                if error.passing or error.keeps_record:
                    page.keep_unverified(error)
                else:
                    log.warning("removed the stored session: %s", error.code)
                    page.refuse_record(_as_record_error(error))
                    page.send_removal(record_saved_at)
            page.end_reconciliation()

    def _expired(self, page: Outbox, stored: Record | Tombstone | None) -> None:
        if self._login.status != "logged_out":
            return
        if isinstance(stored, Record) and stored.sealed:
            page.show_expired(expired_card(stored, self._settings))
        self._login.report_expired_record()

    def _apply_tombstone(self, page: Outbox, ended_at: float) -> None:
        if not self._login.apply_logout(ended_at):
            page.send_record_again()  # an older logout has overwritten the record

    def _apply_record(self, page: Outbox, record: Record) -> None:
        session, verdict = self._login.managed_session, self._login.judge(record)
        if verdict == "ended":
            # This page was not notified of the logout.
            page.send_tombstone()
            return
        if session is not None:
            if verdict == "same":
                # An unsealed record is replaced by ours, whatever time is in it.
                page.set_known_session(record.session_id, record.saved_at if record.sealed else 0)
                page.send_record()
                if session.tokens.saved_at >= record.saved_at:
                    return
            elif page.session_is_unknown or verdict == "older":
                return  # the login of another browser, or an older one
            if not record.sealed:
                return  # any script of the page could have written it
        restored = session_from_record(self._login.tenant, self._login.jwks, record)
        page.set_known_session(restored.session_id, restored.tokens.saved_at)
        if not self._login.adopt_restored(restored, sealed=record.sealed):
            page.forget_login()


def _as_record_error(error: Auth0WidgetError) -> InvalidRecordError:
    if isinstance(error, InvalidRecordError):
        return error
    return InvalidRecordError(f"{InvalidRecordError.default_message} {error.message}")
