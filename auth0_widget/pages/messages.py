"""The messages between page and kernel: a closed, typed set.

``tests/fixtures/messages.json`` has examples of each, which the tests of both languages read.
Secrets and personal data are sent only in these messages: custom messages are not saved with the
notebook, and synced traits are. ``parsing`` reads the messages of a page.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from auth0_widget.config import StorageKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auth0_widget.config import ResponseDelivery, Show, Way
    from auth0_widget.login.lifecycle import Status
    from auth0_widget.session.no_renewal import NoRenewal
    from auth0_widget.session.refresh_tokens import KeptBy

PageStorage = StorageKind | Literal["denied"]
"""Where a page stores the record. With ``denied``, it may use no storage and keeps it in memory."""

StartedWay = Literal["window", "link"]

StorageFailure = Literal["denied", "full"]
Starter = Literal["this_page", "another_page", "kernel"]


@dataclass(frozen=True, slots=True)
class Load:
    """A page has only the loader, and requests the code of the card."""

    page: str


@dataclass(frozen=True, slots=True)
class Hello:
    """A page has loaded the widget. The message says what the page can do.

    Attributes:
        page: The ID of the page.
        origin: The web origin, to which the tenant may send a response; None if it has none.
        callback_page: The URL of the callback page, or None if the page's server has none.
        window: Whether it can open a window.
        message: Whether that window can send it a message.
        link: Whether a plain link opens in the person's browser.
        storage: Whether it may use storage, which no page of another origin can read.
    """

    page: str
    origin: str | None
    callback_page: str | None
    window: bool
    message: bool
    link: bool
    storage: bool


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """The record in a page's storage: sent after `Ready`, and when another tab has changed it."""

    page: str
    record: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class LoginStarted:
    """The person clicked Log in: the login window is open, or the link has been followed."""

    page: str
    way: StartedWay


@dataclass(frozen=True, slots=True)
class AuthorizationResponse:
    """The tenant's authorization response (RFC 6749, 4.1.2), from the login window."""

    page: str
    response: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WindowBlocked:
    """The browser did not let the login window open."""

    page: str


@dataclass(frozen=True, slots=True)
class WindowClosed:
    """The login window seems closed. It may only be cut off from the page, and still respond."""

    page: str


@dataclass(frozen=True, slots=True)
class CancelLogin:
    """The person clicked Cancel."""

    page: str


@dataclass(frozen=True, slots=True)
class UseCallbackPage:
    """The person clicked *Use the callback page*, for the next response."""

    page: str


@dataclass(frozen=True, slots=True)
class UseCode:
    """The person requests a code, to log in without a window (RFC 8628)."""

    page: str


@dataclass(frozen=True, slots=True)
class LogOut:
    """The person clicked Log out."""

    page: str


@dataclass(frozen=True, slots=True)
class StoreResult:
    """Whether the browser could store the record."""

    page: str
    ok: bool
    reason: StorageFailure | None


ToKernel = (
    Load
    | Hello
    | StoredRecord
    | LoginStarted
    | AuthorizationResponse
    | WindowBlocked
    | WindowClosed
    | CancelLogin
    | UseCallbackPage
    | UseCode
    | LogOut
    | StoreResult
)


class Problem(TypedDict):
    """An error, as the card shows it."""

    code: str
    message: str
    next_step: str


class Names(TypedDict):
    """What the card calls the person."""

    subject: str
    name: str | None
    nickname: str | None
    email: str | None
    picture: str | None


class Card(Names):
    """The person as the card shows them. Times are in seconds since 1970.

    ``id_token_expires_at`` is None once the session has expired. ``no_renewal`` is the reason why
    the session cannot be renewed, or None if it can. ``kept_by`` says where the refresh token
    is, if not in the kernel. ``server_of`` is the name of the hub's user whose server this is, if
    the person seems to be somebody else. ``profile_note`` says why the profile is that of the ID
    token, or is None.
    """

    profile: dict[str, Any]
    scope: str
    audience: str | None
    id_token_expires_at: float | None
    access_token_expires_at: float
    no_renewal: NoRenewal | None
    kept_by: KeptBy | None
    server_of: str | None
    profile_note: str | None


class QrCode(TypedDict):
    """A QR code as the path of an SVG image of ``size`` times ``size`` units."""

    size: int
    path: str


class Device(TypedDict):
    """The code of the device flow, as the card shows it.

    ``expires_at`` is in seconds since 1970. ``reason`` is the message of the error because of which
    the person logs in with a code, or None. ``verification_uri_complete`` and ``qr`` contain the
    code; both are None if the tenant sent no such URI.
    """

    user_code: str
    verification_uri: str
    expires_at: float
    reason: str | None
    verification_uri_complete: str | None
    qr: QrCode | None


class Ready(TypedDict):
    """The next login of one page: what **Log in** does, and where the record is stored.

    ``why`` says why **Log in** does not open a window, or is None. ``authorize_url`` is the URL for
    a window, or None if the response could not come back. ``link_url`` is the URL for a link, or
    None if the response could not reach the kernel. ``logout_url`` is None if a logout does not end
    the session at the tenant.
    """

    type: Literal["ready"]
    to: str
    tenant: str
    storage: PageStorage
    key: str
    way: Way
    why: str | None
    callback: ResponseDelivery
    authorize_url: str | None
    link_url: str | None
    logout_url: str | None
    show: Show


class State(TypedDict):
    """What one page has to show.

    Attributes:
        started_by: Who started the attempt under way, or None if there is none. ``this_page`` also
            if the page has been reloaded since; ``kernel`` in a flow that needs no page.
        channels: The channels on which the callback page will send the responses that are awaited.
            The name of a channel is the first part of the request's state. The second part cannot
            be derived from it.
        window: The channel of the login window that this page has opened with this widget. A
            notebook that was closed and opened again finds the window by it.
        waiting: Whether a cell waits for the person. With the status ``authenticated``, it requests
            more than the session has.
        card: None if the browser of this page does not know the session. With the status
            ``expired``, it is the card of the expired session.
        device: The code, until it expires, for the page that requested it.
    """

    type: Literal["state"]
    to: str
    status: Status
    started_by: Starter | None
    channels: list[str]
    window: str | None
    waiting: bool
    card: Card | None
    problem: Problem | None
    device: Device | None


class Store(TypedDict):
    """The record that one page has to store. If it is empty, the page removes the stored one."""

    type: Literal["store"]
    to: str
    record: str


class Code(TypedDict):
    """The code of the card, for the loader of one page."""

    type: Literal["code"]
    to: str
    code: str


class Silent(TypedDict):
    """Asks the tenant, in a hidden frame of one page, whether it still knows the person."""

    type: Literal["silent"]
    to: str
    tenant: str
    url: str


ToPage = Ready | State | Store | Code | Silent
