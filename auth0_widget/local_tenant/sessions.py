"""Who is logged in at the tenant (single sign-on), what they consented to, and pages that wait."""

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
    """One person logged in at the tenant in one browser."""

    id: str
    user: User
    auth_time: int
    last_seen: int


@dataclass
class Transaction:
    """A request for authorization that waits for a person: login page, consent page.

    Attributes:
        browser: The browser it began in; pages of another browser cannot finish it.
        asks_auth_time: Whether ``max_age`` was sent, so that ``auth_time`` must be answered.
        force_consent: Ask even if the person has consented before.
        wants_second_factor: Ask for one, whatever the person has shown before.
        second_factor_given: Whether the person has shown one for this request.
        device_code: The code shown on the device, in the device flow.
        wants_confirmation: Whether the person is to confirm where the answer goes, unless they are
            shown another page anyway.
        page_shown: Whether the person was shown a page for this request.
        form_targets: Origins that the answer may redirect to, for the page's policy.
        finish: Turns what the person allowed into the answer.
        refuse: Turns an OAuth error and its description into the answer.
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
        """Whether a second factor is still to be asked for."""
        return self.wants_second_factor and not self.second_factor_given

    @property
    def lacks_confirmation(self) -> bool:
        """Whether the person is still to confirm where the answer goes."""
        return self.wants_confirmation and not self.page_shown

    @property
    def audience(self) -> str | None:
        """The API asked for, or None."""
        return self.api.identifier if self.api else None

    def consent_key(self, user: User) -> tuple[str, str, str | None]:
        """What a consent is remembered under."""
        return (user.sub, self.client.client_id, self.audience)


@dataclass
class Sessions:
    """Sessions, consents and waiting transactions of one tenant.

    Cookies ignore ports, so their names carry the tenant's: two tenants can share 127.0.0.1.
    """

    settings: Settings
    port: int = 0
    _sessions: dict[str, Session] = field(default_factory=dict)
    _transactions: dict[str, Transaction] = field(default_factory=dict)
    _consents: dict[tuple[str | None, str, str | None], set[str]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def find(self, request: Request) -> Session | None:
        """The session of the browser that sent this request, if its time is not over."""
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
        """Set the session's cookies, two as Auth0 sets them.

        ``auth0`` also travels in a hidden frame of another site (``prompt=none``), which needs
        SameSite=None and so Secure; ``auth0_compat`` is for clients that keep no Secure cookie
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
        """The random name of the browser that sent this request; a new one if it has none."""
        return request.cookies.get(f"did_{self.port}") or secrets.token_urlsafe(16)

    def remember_browser(self, browser: str, response: Response) -> None:
        """Set the cookie that ties a waiting page to its browser."""
        response.set_cookie(f"did_{self.port}", browser, httponly=True, samesite="Lax")

    def hold(self, transaction: Transaction) -> None:
        """Keep a transaction until the person has answered."""
        now = self.settings.now()
        with self._lock:
            gone = [key for key, old in self._transactions.items() if old.expires_at <= now]
            for key in gone:
                del self._transactions[key]
            self._transactions[transaction.id] = transaction

    def held(self, request: Request) -> Transaction | None:
        """The transaction that a page of this browser names, if it still waits."""
        with self._lock:
            transaction = self._transactions.get(request.values.get("state", ""))
        if transaction is None or transaction.expires_at <= self.settings.now():
            return None
        return transaction if transaction.browser == self.browser(request) else None

    def release(self, transaction: Transaction) -> bool:
        """Finish a transaction; False if it was finished before."""
        with self._lock:
            return self._transactions.pop(transaction.id, None) is not None

    def has_consented(self, transaction: Transaction, user: User) -> bool:
        """Whether the person accepted all of this for this application and API before."""
        with self._lock:
            given = self._consents.get(transaction.consent_key(user))
        return given is not None and given.issuperset(transaction.scope.split())

    def consent(self, transaction: Transaction, user: User) -> None:
        """Remember what the person accepted."""
        with self._lock:
            given = self._consents.setdefault(transaction.consent_key(user), set())
            given.update(transaction.scope.split())

    def withdraw_consent(self, key: tuple[str | None, str, str | None]) -> None:
        """Forget what a user accepted for an application and an audience: their grant is gone."""
        with self._lock:
            self._consents.pop(key, None)
