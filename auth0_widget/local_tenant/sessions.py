"""Single sign-on sessions, consents, and transactions that wait for a person."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Request
    from werkzeug.wrappers import Response

    from auth0_widget.local_tenant.ledger import Authorization
    from auth0_widget.local_tenant.model import Api, Application, Organization, User
    from auth0_widget.local_tenant.settings import Settings


@dataclass
class Session:
    """The single sign-on session of one person in one browser."""

    id: str
    user: User
    auth_time: int
    last_seen: int


@dataclass
class Transaction:
    """An authorization request that waits for a person, who sees the login or consent page.

    Attributes:
        browser: The browser in which it began. Another browser cannot finish it.
        asks_auth_time: Whether the request has ``max_age``, so that tokens must have ``auth_time``.
        force_consent: Whether to ask for consent even if the person has given it before.
        wants_second_factor: Whether to ask for a second factor.
        second_factor_given: Whether the person has given one for this request.
        device_code: The code shown on the device, in the device flow.
        wants_confirmation: Whether the person must confirm the callback, unless they are shown
            another page anyway.
        page_shown: Whether the person was shown a page for this request.
        form_targets: Origins to which the response may redirect, for the page's policy.
        finish: Makes the response from what the person allowed.
        refuse: Makes the response from an OAuth error and its description.
    """

    id: str
    browser: str
    client: Application
    api: Api | None
    scope: str
    finish: Callable[[Authorization], Response]
    refuse: Callable[[str, str], Response]
    expires_at: int
    nonce: str | None = None
    organization: Organization | None = None
    login_hint: str | None = None
    asks_auth_time: bool = False
    force_consent: bool = False
    wants_second_factor: bool = False
    second_factor_given: bool = False
    device_code: str | None = None
    wants_confirmation: bool = False
    page_shown: bool = False
    form_targets: str = ""
    session: Session | None = None

    @property
    def lacks_second_factor(self) -> bool:
        """Whether the person has yet to give a second factor."""
        return self.wants_second_factor and not self.second_factor_given

    @property
    def lacks_confirmation(self) -> bool:
        """Whether the person has yet to confirm the callback."""
        return self.wants_confirmation and not self.page_shown

    @property
    def audience(self) -> str | None:
        """The requested API, or None."""
        return self.api.identifier if self.api else None

    def consent_key(self, user: User) -> tuple[str, str, str | None]:
        """The key under which a consent is stored."""
        return (user.sub, self.client.client_id, self.audience)


@dataclass
class Sessions:
    """Sessions, consents and waiting transactions of one tenant.

    Browsers share cookies between ports, so the cookies' names contain the tenant's port: several
    tenants can run at 127.0.0.1.
    """

    settings: Settings
    port: int = 0
    _sessions: dict[str, Session] = field(default_factory=dict)
    _transactions: dict[str, Transaction] = field(default_factory=dict)
    _consents: dict[tuple[str | None, str, str | None], set[str]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def find(self, request: Request) -> Session | None:
        """The session of the browser that sent this request, if it has not expired."""
        names = (f"auth0_{self.port}", f"auth0_compat_{self.port}")
        now, lifetimes = self.settings.now(), self.settings.lifetimes
        with self._lock:
            found = (self._sessions.get(request.cookies.get(name, "")) for name in names)
            session = next((one for one in found if one), None)
            if session is None or (
                now >= session.auth_time + lifetimes.session
                or now >= session.last_seen + lifetimes.session_idle
            ):
                return None
            session.last_seen = now
            return session

    def start(self, user: User) -> Session:
        """A new session, as after a login."""
        now = self.settings.now()
        session = Session(secrets.token_urlsafe(24), user, now, now)
        with self._lock:
            self._sessions[session.id] = session
        return session

    def end(self, request: Request, response: Response) -> None:
        """Forget the session of this browser, and its cookies."""
        for name in (f"auth0_{self.port}", f"auth0_compat_{self.port}"):
            with self._lock:
                self._sessions.pop(request.cookies.get(name, ""), None)
            response.delete_cookie(name)

    def remember(self, session: Session, response: Response) -> None:
        """Set the session's two cookies, as Auth0 does.

        ``auth0`` is sent from a hidden frame of another site, too (``prompt=none``), which needs
        SameSite=None and so Secure. ``auth0_compat`` is for clients that store no Secure cookie
        from plain http (Auth0 docs, "sameSite Cookie Attribute Changes").
        """
        age = self.settings.lifetimes.session
        response.set_cookie(
            f"auth0_{self.port}",
            session.id,
            max_age=age,
            secure=True,
            httponly=True,
            samesite="None",
        )
        response.set_cookie(
            f"auth0_compat_{self.port}", session.id, max_age=age, httponly=True, samesite="Lax"
        )

    def browser(self, request: Request) -> str:
        """The random ID of the browser that sent this request; a new one if it has none."""
        return request.cookies.get(f"did_{self.port}") or secrets.token_urlsafe(16)

    def remember_browser(self, browser: str, response: Response) -> None:
        """Set the cookie with the browser's ID."""
        response.set_cookie(f"did_{self.port}", browser, httponly=True, samesite="Lax")

    def hold(self, transaction: Transaction) -> None:
        """Keep a transaction until it is released or expires."""
        now = self.settings.now()
        with self._lock:
            gone = [key for key, old in self._transactions.items() if old.expires_at <= now]
            for key in gone:
                del self._transactions[key]
            self._transactions[transaction.id] = transaction

    def held(self, request: Request) -> Transaction | None:
        """The transaction that this request names, if it is this browser's and has not expired."""
        with self._lock:
            transaction = self._transactions.get(request.values.get("state", ""))
        if transaction is None or transaction.expires_at <= self.settings.now():
            return None
        return transaction if transaction.browser == self.browser(request) else None

    def release(self, transaction: Transaction) -> bool:
        """Remove a transaction; False if it was removed before."""
        with self._lock:
            return self._transactions.pop(transaction.id, None) is not None

    def has_consented(self, transaction: Transaction, user: User) -> bool:
        """Whether the person has accepted all these scopes for this application and API before."""
        with self._lock:
            given = self._consents.get(transaction.consent_key(user))
        return given is not None and given.issuperset(transaction.scope.split())

    def consent(self, transaction: Transaction, user: User) -> None:
        """Store the scopes that the person has accepted."""
        with self._lock:
            given = self._consents.setdefault(transaction.consent_key(user), set())
            given.update(transaction.scope.split())

    def withdraw_consent(self, key: tuple[str | None, str, str | None]) -> None:
        """Remove what a user has accepted for an application and an audience."""
        with self._lock:
            self._consents.pop(key, None)
