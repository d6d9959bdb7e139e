"""Parses the messages of a page into the classes of ``messages``.

A message that is unknown or malformed is dropped. The log line about it contains nothing of the
message.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any, get_args

from auth0_widget.base.origins import is_web_origin
from auth0_widget.base.redaction import PrivateMapping
from auth0_widget.base.strict_json import is_unicode
from auth0_widget.config import is_callback_page
from auth0_widget.oauth.authorization_request import MAX_PARAMETER, RESPONSE_PARAMETERS
from auth0_widget.pages.messages import (
    AuthorizationResponse,
    CancelLogin,
    Hello,
    Load,
    LoginStarted,
    LogOut,
    StartedWay,
    StorageFailure,
    StoredRecord,
    StoreResult,
    UseCallbackPage,
    UseCode,
    WindowBlocked,
    WindowClosed,
)
from auth0_widget.session.record import MAX_RECORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.pages.messages import ToKernel

log = logging.getLogger(__name__)

_PAGE = re.compile(r"[A-Za-z0-9_-]{16,64}")


def parse_message(content: object) -> ToKernel | None:
    """The message of a page, or None if it is unknown or malformed."""
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


def _hello(  # noqa: PLR0913 - as many as the message has
    *,
    page: object,
    window: object,
    message: object,
    link: object,
    storage: object,
    origin: object = None,
    callback_page: object = None,
) -> Hello:
    text = "" if origin is None else _text(origin)
    address = "" if callback_page is None else _text(callback_page)
    # A page without a web origin is accepted, but its origin is not used.
    of_the_web = text if is_web_origin(text) else None
    return Hello(
        _page(page),
        of_the_web,
        address if of_the_web is not None and is_callback_page(address, of_the_web) else None,
        _flag(window) and of_the_web is not None,
        _flag(message) and of_the_web is not None,
        _flag(link),
        _flag(storage),
    )


def _stored_record(*, page: object, record: object) -> StoredRecord:
    if record is not None and not isinstance(record, str):
        raise TypeError
    # A record that is too large is not from a kernel. An empty one is refused and replaced.
    return StoredRecord(_page(page), "" if record and len(record) > MAX_RECORD else record)


def _authorization_response(*, page: object, response: object) -> AuthorizationResponse:
    if not isinstance(response, dict):
        raise TypeError
    fields = {name: _repaired(response[name]) for name in RESPONSE_PARAMETERS if name in response}
    return AuthorizationResponse(_page(page), PrivateMapping(fields))


def _store_result(*, page: object, ok: object, reason: object) -> StoreResult:
    failure = None if reason is None else _choice(reason, StorageFailure)
    return StoreResult(_page(page), _flag(ok), failure)


def _login_started(*, page: object, way: object) -> LoginStarted:
    return LoginStarted(_page(page), _choice(way, StartedWay))


def _choice(value: object, choices: object) -> Any:  # noqa: ANN401 - one of the choices
    """A value of a `typing.Literal`."""
    if value not in get_args(choices):
        raise ValueError
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _page(value: object) -> str:
    if not isinstance(value, str) or not _PAGE.fullmatch(value):
        raise ValueError
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > MAX_PARAMETER or not is_unicode(value):
        raise ValueError
    return value


def _repaired(value: object) -> str:
    """Text of the tenant. The page cuts long texts, perhaps in the middle of a surrogate pair."""
    if isinstance(value, str):
        value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _text(value)


_PARSERS: dict[str, Callable[..., ToKernel]] = {
    "load": lambda *, page: Load(_page(page)),
    "hello": _hello,
    "stored_record": _stored_record,
    "login_started": _login_started,
    "authorization_response": _authorization_response,
    "window_blocked": lambda *, page: WindowBlocked(_page(page)),
    "window_closed": lambda *, page: WindowClosed(_page(page)),
    "cancel_login": lambda *, page: CancelLogin(_page(page)),
    "use_callback_page": lambda *, page: UseCallbackPage(_page(page)),
    "use_code": lambda *, page: UseCode(_page(page)),
    "log_out": lambda *, page: LogOut(_page(page)),
    "store_result": _store_result,
}
