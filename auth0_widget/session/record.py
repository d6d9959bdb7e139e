"""The session record: one JSON value that the browser stores for an application.

A stored record is not trusted, because any script of the page's origin can write to localStorage.
The tenant's signature proves the ID token. For the access token and the profile, the record has a
seal: an HMAC with a key that only this user's kernels have. If the seal is missing or wrong, the
record can still be used after the tenant has confirmed the access token, which costs one request.
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
    from auth0_widget.session.identity import RecordIdentity

VERSION = 1
MAX_RECORD = 256 * 1024
"""Characters. A typical record has 4,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The record of a session. It never contains a refresh token.

    Attributes:
        session_id: Identifies the session, so that kernels know whether they have the same one.
        logged_in_at: When the person logged in, in seconds since 1970.
        saved_at: When the kernel got these tokens, in seconds since 1970.
        access_token_expires_at: When the access token expires, in seconds since 1970.
        sealed: Whether one of this user's kernels made the seal, for exactly these values.
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
    """What the browser stores after a logout, so that other kernels learn of it later.

    Attributes:
        ended_at: When the logout happened, in seconds since 1970.
    """

    ended_at: float


class RecordFormat:
    """How the records and tombstones of one login are written and read.

    Args:
        identity: What the records belong to. Each record contains it.
        seal_key: The key with which records are sealed.
    """

    def __init__(self, identity: RecordIdentity, seal_key: bytes) -> None:
        self._identity_fields, self._seal_key = identity.record_fields, seal_key

    def dump(self, stored: Record | Tombstone) -> str:
        """The record or the tombstone as text. A record gets a seal."""
        if isinstance(stored, Tombstone):
            return json.dumps(
                {"version": VERSION, **self._identity_fields, "ended_at": stored.ended_at}
            )
        fields = {
            "version": VERSION,
            **self._identity_fields,
            "session_id": stored.session_id,
            "logged_in_at": stored.logged_in_at,
            "saved_at": stored.saved_at,
            "id_token": stored.id_token.reveal(),
            "access_token": stored.access_token.reveal(),
            "access_token_expires_at": stored.access_token_expires_at,
            "scope": stored.scope,
            "profile": dict(stored.profile),
        }
        # Escapes of non-ASCII characters could make the text longer than `MAX_RECORD`.
        return json.dumps({**fields, "seal": seal_of(fields, self._seal_key)}, ensure_ascii=False)

    def parse(self, text: str) -> Record | Tombstone:
        """Parse a stored text. The tokens in it are not yet verified.

        Raises:
            InvalidRecordError: The text is too large or no JSON object, is of another version or
                another login, or a field is missing or malformed.
        """
        fields = json_object(text, limit=MAX_RECORD)
        if fields is None:
            raise InvalidRecordError
        version = fields.get("version")
        if isinstance(version, bool) or version != VERSION:
            raise InvalidRecordError(
                "The session stored in the browser is of another version of auth0-widget."
            )
        if any(fields.get(name) != value for name, value in self._identity_fields.items()):
            raise InvalidRecordError(
                "The session stored in the browser belongs to another tenant, application or "
                "server."
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
            and hmac.compare_digest(seal.encode(), seal_of(fields, self._seal_key).encode()),
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
