"""The messages between page and kernel: a closed, typed set.

``tests/fixtures/messages.json`` holds examples of each that the TypeScript side reads too.
Secrets and personal data travel here and only here: custom messages are not saved with the
notebook, synced traits are. A message that is unknown or malformed is dropped, with a log line
that says nothing of what it held.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypedDict, cast, get_args

from auth0_widget.base.redaction import PrivateMapping
from auth0_widget.base.strict_json import is_unicode
from auth0_widget.config import Callback, Show, StorageKind, is_callback_page, is_web_origin
from auth0_widget.session.record import MAX_RECORD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auth0_widget.login.lifecycle import Status

log = logging.getLogger(__name__)

FailureReason = Literal["popup_blocked", "popup_closed", "cancelled"]
StorageFailure = Literal["denied", "full"]

MAX_FIELD = 4096
"""Characters of a text in a message of a page."""

_PAGE = re.compile(r"[A-Za-z0-9_-]{16,64}")
_RESPONSE_PARAMETERS = ("code", "state", "iss", "error", "error_description")


@dataclass(frozen=True, slots=True)
class Load:
    """A page has the loader only, and needs the code of the card."""

    page: str


@dataclass(frozen=True, slots=True)
class Hello:
    """A page has loaded the widget. The tenant is to send its response to its origin.

    ``callback`` is the URL of the callback page, where the page's own server serves one.
    """

    page: str
    origin: str
    callback: str | None = None


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """What a page's storage holds: sent on load, and when another tab has changed it."""

    page: str
    record: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class LoginStarted:
    """The person clicked Log in; the login window is open."""

    page: str


@dataclass(frozen=True, slots=True)
class AuthorizationResponse:
    """The tenant's authorization response (RFC 6749, 4.1.2), from the login window."""

    page: str
    response: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LoginFailed:
    """The login ended in the browser."""

    page: str
    reason: FailureReason


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
    | LoginFailed
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
    """The person as the card shows them. Times are in seconds since 1970."""

    name: str | None
    nickname: str | None
    email: str | None
    picture: str | None
    profile: dict[str, Any]
    scope: str
    audience: str | None
    id_token_expires_at: float | None
    access_token_expires_at: float
    renewable: bool


class Device(TypedDict):
    """The code of the device flow, as the card shows it.

    ``expires_at`` is in seconds since 1970; ``reason`` says what failed before, if anything did.
    """

    user_code: str
    verification_uri: str
    expires_at: float
    reason: str | None


class Ready(TypedDict):
    """The next login of one page: where to open the window, where the record is kept.

    ``authorize_url`` is None where there is no way back from the tenant, ``logout_url`` where its
    own session shall outlive a logout.
    """

    type: Literal["ready"]
    to: str
    tenant: str
    storage: StorageKind
    key: str
    callback: Callback
    authorize_url: str | None
    logout_url: str | None
    show: Show


class State(TypedDict):
    """What one page shall show.

    ``card`` is None for a page the session is not known to; beside the status ``expired`` it is of
    whoever it was. ``waiting`` beside ``authenticated``: a cell needs a session that lasts longer.
    ``device`` is for the page that asked for a code, as long as it is good.
    """

    type: Literal["state"]
    to: str
    status: Status
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


def parse_message(content: object) -> ToKernel | None:
    """The message a page sent, or None when it is not one of ours."""
    if isinstance(content, dict) and isinstance(content.get("type"), str):
        parser = _PARSERS.get(content["type"])
        try:
            if parser is not None:
                fields = {name: value for name, value in content.items() if name != "type"}
                return parser(**fields)
        except (TypeError, ValueError):
            pass
    log.warning("dropped a malformed message from the page")
    return None


def _hello(*, page: object, origin: object, callback: object = None) -> Hello:
    text = _text(origin)
    address = None if callback is None else _text(callback)
    if not is_web_origin(text) or (address is not None and not is_callback_page(address, text)):
        raise ValueError
    return Hello(_page(page), text, address)


def _stored_record(*, page: object, record: object) -> StoredRecord:
    if record is not None and not isinstance(record, str):
        raise TypeError
    # One that is too large cannot be ours; empty, it is refused as damaged and replaced.
    return StoredRecord(_page(page), "" if record and len(record) > MAX_RECORD else record)


def _authorization_response(*, page: object, response: object) -> AuthorizationResponse:
    if not isinstance(response, dict):
        raise TypeError
    fields = {name: _repaired(response[name]) for name in _RESPONSE_PARAMETERS if name in response}
    return AuthorizationResponse(_page(page), PrivateMapping(fields))


def _login_failed(*, page: object, reason: object) -> LoginFailed:
    if reason not in get_args(FailureReason):
        raise ValueError
    return LoginFailed(_page(page), cast("FailureReason", reason))


def _store_result(*, page: object, ok: object, reason: object) -> StoreResult:
    if not isinstance(ok, bool) or reason not in (None, *get_args(StorageFailure)):
        raise ValueError
    return StoreResult(_page(page), ok, cast("StorageFailure | None", reason))


def _page(value: object) -> str:
    if not isinstance(value, str) or not _PAGE.fullmatch(value):
        raise ValueError
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > MAX_FIELD or not is_unicode(value):
        raise ValueError
    return value


def _repaired(value: object) -> str:
    """Text from the tenant. The page cuts a long one, perhaps within a surrogate pair."""
    if isinstance(value, str):
        value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _text(value)


_PARSERS: dict[str, Callable[..., ToKernel]] = {
    "load": lambda *, page: Load(_page(page)),
    "hello": _hello,
    "stored_record": _stored_record,
    "login_started": lambda *, page: LoginStarted(_page(page)),
    "authorization_response": _authorization_response,
    "login_failed": _login_failed,
    "use_code": lambda *, page: UseCode(_page(page)),
    "log_out": lambda *, page: LogOut(_page(page)),
    "store_result": _store_result,
}
