"""The session record: the one JSON value that the browser keeps for an application.

What comes back from localStorage is hostile until proven otherwise: any script of the page's
origin can write there. The ID token proves itself. The access token and the profile cannot, so
the record carries a seal: an HMAC with a key that only this user's kernels have. A record
without a good seal is still of use when the tenant itself confirms it, which costs one request.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auth0_widget.base.redaction import PrivateMapping, Secret
from auth0_widget.base.strict_json import is_timestamp, json_object
from auth0_widget.errors import InvalidRecordError
from auth0_widget.session.seal import seal_of

if TYPE_CHECKING:
    from auth0_widget.session.identity import LoginIdentity

VERSION = 1
MAX_RECORD = 256 * 1024
"""Characters; a usual record has 4,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A login as the browser remembers it. There is never a refresh token in it.

    Attributes:
        session_id: Names the login, so that kernels know whether they hold the same one.
        logged_in_at: When the person logged in, in seconds since 1970.
        saved_at: When these tokens were written, in seconds since 1970.
        access_token_expires_at: When the access token ends, in seconds since 1970.
        sealed: Whether the seal was made by this user's kernels over exactly these values.
    """

    session_id: str
    logged_in_at: float
    saved_at: float
    id_token: Secret
    access_token: Secret
    access_token_expires_at: float
    scope: str
    profile: PrivateMapping
    sealed: bool = True


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What a logout leaves behind, so that a kernel that was away learns of it.

    Attributes:
        ended_at: When the logout happened, in seconds since 1970.
    """

    ended_at: float


def dump_record(record: Record, identity: LoginIdentity, seal_key: bytes) -> str:
    """The record as text for the browser's storage, bound to the application and sealed."""
    fields = {
        "version": VERSION,
        **identity.record_fields,
        "session_id": record.session_id,
        "logged_in_at": record.logged_in_at,
        "saved_at": record.saved_at,
        "id_token": record.id_token.reveal(),
        "access_token": record.access_token.reveal(),
        "access_token_expires_at": record.access_token_expires_at,
        "scope": record.scope,
        "profile": dict(record.profile),
    }
    # Not as ASCII: escapes would make a profile that the tenant could send too large to read.
    return json.dumps({**fields, "seal": seal_of(fields, seal_key)}, ensure_ascii=False)


def dump_tombstone(tombstone: Tombstone, identity: LoginIdentity) -> str:
    """The tombstone as text for the browser's storage."""
    fields = {"version": VERSION, **identity.record_fields, "ended_at": tombstone.ended_at}
    return json.dumps(fields)


def parse_record(text: str, identity: LoginIdentity, seal_key: bytes) -> Record | Tombstone:
    """What the browser had stored, with its form checked and nothing in it believed yet.

    Raises:
        InvalidRecordError: It is too large, not JSON, of another version, of another
            application, or has a missing or malformed field.
    """
    fields = json_object(text, limit=MAX_RECORD)
    if fields is None:
        raise InvalidRecordError
    version = fields.get("version")
    if isinstance(version, bool) or version != VERSION:
        raise InvalidRecordError(
            "The session stored in the browser is of another version of auth0-widget."
        )
    if any(fields.get(name) != value for name, value in identity.record_fields.items()):
        raise InvalidRecordError(
            "The session stored in the browser belongs to another tenant, application or server."
        )
    if "ended_at" in fields:
        return Tombstone(_time(fields, "ended_at"))
    seal = fields.pop("seal", None)
    profile = fields.get("profile")
    if not isinstance(profile, dict):
        raise InvalidRecordError
    return Record(
        session_id=_text(fields, "session_id"),
        logged_in_at=_time(fields, "logged_in_at"),
        saved_at=_time(fields, "saved_at"),
        id_token=Secret(_text(fields, "id_token")),
        access_token=Secret(_text(fields, "access_token")),
        access_token_expires_at=_time(fields, "access_token_expires_at"),
        scope=_text(fields, "scope"),
        profile=PrivateMapping(profile),
        sealed=isinstance(seal, str)
        and hmac.compare_digest(seal.encode(), seal_of(fields, seal_key).encode()),
    )


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or not value:
        raise InvalidRecordError
    return value


def _time(fields: dict[str, Any], name: str) -> float:
    value = fields.get(name)
    if not is_timestamp(value):
        raise InvalidRecordError
    return float(value)
