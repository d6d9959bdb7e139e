"""A kernel without Jupyter: a login, its bridge, and what pages send to it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from auth0_widget.login.login import Login
from auth0_widget.pages.bridge import Bridge
from auth0_widget.pages.display import Display
from auth0_widget.session.record import Record, RecordFormat

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.config import Settings, StorageKind
    from auth0_widget.local_tenant import LocalTenant
    from auth0_widget.session.session import Session

ORIGIN = "http://localhost:8888"
PAGE = "page-0000-0000-0000"
ABLE = dict.fromkeys(("window", "message", "link", "storage"), True)
"""The abilities that a page in a browser sends."""


class Kernel:
    """One kernel that shows one widget.

    Args:
        tenant: The tenant.
        settings: The application.
        storage: Where its pages store the record.
        seal_key: The key with which it seals records, or None for that of this user.
        options: Further attributes of its display.

    Attributes:
        sent: The messages that it has sent to pages, in order.
        on_sent: Called with each message, to act as the page or its person.
    """

    def __init__(
        self,
        tenant: LocalTenant,
        settings: Settings,
        storage: StorageKind,
        seal_key: bytes | None = None,
        **options: Any,
    ) -> None:
        self.tenant = tenant
        self.settings = settings
        self.login = Login(settings)
        if seal_key is not None:
            self.login.record_format = RecordFormat(self.login.record_identity, seal_key)
        self.sent: list[Any] = []
        self.on_sent: Callable[[Any], object] = lambda _: None
        self.display = Display(login=self.login, send=self._take, storage=storage, **options)
        self.bridge = Bridge(self.display)

    def _take(self, message: Any) -> None:
        self.sent.append(message)
        self.on_sent(message)

    def show_again(self, callback_page: str | None = None) -> tuple[Bridge, list[Any]]:
        """Show another widget of the same login in the same page.

        Args:
            callback_page: The URL of the page's callback page, or None.

        Returns:
            The bridge of that widget, and the list of what it sends.
        """
        sent: list[Any] = []
        display = Display(login=self.login, send=sent.append, callback=self.display.callback)
        bridge = Bridge(display)
        hello = {"type": "hello", "page": PAGE, "origin": ORIGIN, "callback_page": callback_page}
        bridge.receive(hello | ABLE)
        bridge.receive({"type": "stored_record", "page": PAGE, "record": None})
        return bridge, sent

    def receive(self, kind: str, page: str = PAGE, **fields: Any) -> None:
        """Receive a page's message. By default, a page that sends ``hello`` can do everything."""
        if kind == "hello":
            fields = ABLE | fields
        elif kind == "login_started":
            fields = {"way": "window"} | fields
        self.bridge.receive({"type": kind, "page": page, **fields})

    def last(self, kind: str, page: str = PAGE) -> Any:
        """The last message of this type to that page, or None."""
        found = [m for m in self.sent if m["type"] == kind and m["to"] == page]
        return found[-1] if found else None

    def open(self, page: str = PAGE) -> str:
        """Let a page show the widget, and its person click Log in. Returns the URL that opens."""
        self.receive("hello", page, origin=ORIGIN)
        url: str = self.last("ready", page)["authorize_url"]
        self.receive("login_started", page)
        return url

    def log_in(self, email: str = "ada@example.com", page: str = PAGE) -> Session:
        """Do the whole login, as the page and the person do it."""
        response = self.tenant.sign_in(self.open(page), email)
        self.receive("authorization_response", page, response=response)
        session = self.login.session
        assert session is not None, self.login.problem
        return session

    def stored(self, page: str = PAGE) -> str:
        """The record in this page's storage."""
        record: str = self.last("store", page)["record"]
        return record

    def find(self, record: str | None, page: str = PAGE) -> None:
        """Let a page find this in its storage, on load or because another tab has changed it."""
        self.receive("hello", page, origin=ORIGIN)
        self.receive("stored_record", page, record=record)

    def tamper(self, record: str, **changed: Any) -> str:
        """The record with other values, as a script of the page's origin could store it."""
        return json.dumps(json.loads(record) | changed)

    def seal(self, session: Session, **changed: Any) -> str:
        """The record with other values and a valid seal, as one of the user's kernels stores it."""
        fields = {name: getattr(session._managed.to_record(), name) for name in Record.__slots__}
        return self.login.record_format.dump(Record(**fields | changed))

    @property
    def problem(self) -> str | None:
        """The error code that the card shows."""
        state = self.last("state")
        return state["problem"]["code"] if state and state["problem"] else None

    def close(self) -> None:
        """End everything that would go on after the test."""
        self.bridge.close()
        self.login._current._timer.stop()
        self.login.tenant.close()
