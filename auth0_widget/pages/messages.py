"""The messages between page and kernel: a closed, typed set.

``tests/fixtures/messages.json`` holds examples of each that the TypeScript side reads too.
Secrets and personal data travel here and only here: custom messages are not saved with the
notebook, synced traits are. ``parsing`` reads what a page sends.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from auth0_widget.config import StorageKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auth0_widget.config import Callback, Show
    from auth0_widget.login.lifecycle import Status
    from auth0_widget.session.no_renewal import NoRenewal

PageStorage = StorageKind | Literal["denied"]
"""Where one page keeps the record; nowhere but in memory where it may use no storage."""

Way = Literal["window", "link", "code"]
"""What Log in does in a page: it opens a window, or a link, or shows a code to type."""

StartedWay = Literal["window", "link"]

StorageFailure = Literal["denied", "full"]
Starter = Literal["this_page", "another_page", "kernel"]


@dataclass(frozen=True, slots=True)
class Load:
    """A page has the loader only, and needs the code of the card."""

    page: str


@dataclass(frozen=True, slots=True)
class Hello:
    """A page has loaded the widget, and says what it can do.

    Attributes:
        page: Its ID.
        origin: Its web origin, to which the tenant may send a response; None where it has none.
        callback: The URL of the callback page, where the page's own server serves one.
        window: Whether it can open a window.
        message: Whether that window can send it a message.
        link: Whether a plain link opens in the person's browser.
        storage: Whether it may use storage: what it has belongs to its origin alone.
    """

    page: str
    origin: str | None
    callback: str | None
    window: bool
    message: bool
    link: bool
    storage: bool


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """What a page's storage holds: sent on load, and when another tab has changed it."""

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
    """The login window reads closed. It may have been cut off from the page, and respond still."""

    page: str


@dataclass(frozen=True, slots=True)
class CancelLogin:
    """The person clicked Cancel."""

    page: str


@dataclass(frozen=True, slots=True)
class UseCallbackPage:
    """The person asks that the next response come through the callback page."""

    page: str


@dataclass(frozen=True, slots=True)
class UseCode:
    """The person asks for a code, to log in where no window works (RFC 8628)."""

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
    """An error as the card shows it."""

    code: str
    message: str
    next_step: str


class Card(TypedDict):
    """The person as the card shows them. Times are in seconds since 1970.

    ``id_token_expires_at`` is None once the session has expired; ``no_renewal`` says why nothing
    renews it, and is None where something does: the kernel, or the Jupyter Server
    (``renewed_by_server``). ``server_of`` is the hub's user whose server this is, where the person
    seems to be another one.
    """

    subject: str
    name: str | None
    nickname: str | None
    email: str | None
    picture: str | None
    profile: dict[str, Any]
    scope: str
    audience: str | None
    id_token_expires_at: float | None
    access_token_expires_at: float
    no_renewal: NoRenewal | None
    renewed_by_server: bool
    server_of: str | None


class QrCode(TypedDict):
    """A QR code as the path of an SVG, whose side has ``size`` units."""

    size: int
    path: str


class Device(TypedDict):
    """The code of the device flow, as the card shows it.

    ``expires_at`` is in seconds since 1970; ``reason`` says what failed before, if anything did.
    ``verification_uri_complete`` has the code in it, and so has ``qr``; both are None where the
    tenant sent no such address.
    """

    user_code: str
    verification_uri: str
    expires_at: float
    reason: str | None
    verification_uri_complete: str | None
    qr: QrCode | None


class Ready(TypedDict):
    """The next login of one page: what Log in does, and where the record is kept.

    ``why`` says why that is no window. ``authorize_url`` is what a window opens, and None where
    there is no way back from it; ``link_url`` is what a link opens, and None where its response
    would not find the kernel. ``logout_url`` is None where the tenant's own session shall outlive a
    logout.
    """

    type: Literal["ready"]
    to: str
    tenant: str
    storage: PageStorage
    key: str
    way: Way
    why: str | None
    callback: Callback
    authorize_url: str | None
    link_url: str | None
    logout_url: str | None
    show: Show


class State(TypedDict):
    """What one page shall show.

    ``started_by``: who started the attempt under way, where there is one; this page perhaps before
    it was reloaded, the kernel in a flow that needs no page. ``waiting`` beside ``authenticated``:
    a cell asks for more. ``channels``: where the callback page passes on the
    responses that are still to come. A channel is named by the first part of a request's state,
    which does not tell the second. ``window``: the channel of the login window that this page has
    opened with this widget, by which a notebook that was closed and opened again finds it.
    ``card`` is None for a page the session is not known
    to; beside the status ``expired`` it is of whoever it was. ``device`` is for the page that asked
    for a code, as long as it is good.
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
    """What one page shall store; an empty record means: remove it."""

    type: Literal["store"]
    to: str
    record: str


class Code(TypedDict):
    """The code of the card, for one page's loader."""

    type: Literal["code"]
    to: str
    code: str


ToPage = Ready | State | Store | Code
