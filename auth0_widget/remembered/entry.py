"""The content of a vault: the record of a login and its refresh tokens, or a tombstone.

The record is the same as in a browser. It names the application and the person.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auth0_widget.base.private_files import MAX_FILE
from auth0_widget.base.redaction import Secret
from auth0_widget.base.strict_json import json_object
from auth0_widget.errors import InvalidRecordError
from auth0_widget.session.record import Record, Tombstone

if TYPE_CHECKING:
    from auth0_widget.session.record import RecordFormat

MAX_SUPERSEDED = 20
"""How many superseded refresh tokens are kept. The oldest are dropped."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A login that this machine remembers.

    Attributes:
        record: The record of the login.
        refresh_token: The refresh token for the next renewal.
        superseded: Refresh tokens of earlier logins of the same person. They are revoked at the
            logout, see `RefreshTokens`.
    """

    record: Record
    refresh_token: Secret
    superseded: tuple[Secret, ...] = ()

    @property
    def subject(self) -> object:
        """The ``sub`` of the person, as the record says. It has not been verified."""
        return self.record.profile.get("sub")

    @property
    def refresh_tokens(self) -> tuple[Secret, ...]:
        """All refresh tokens."""
        return (*self.superseded, self.refresh_token)

    def superseding(self, before: Entry) -> Entry:
        """This entry, with the refresh tokens of an earlier entry of the same person."""
        others = [token for token in before.refresh_tokens if token != self.refresh_token]
        return Entry(self.record, self.refresh_token, tuple(others[-MAX_SUPERSEDED:]))


def dump_entry(entry: Entry | Tombstone, record_format: RecordFormat) -> str:
    """The text of an entry. It names the application."""
    if isinstance(entry, Tombstone):
        return json.dumps({"record": record_format.dump(entry)})
    fields = {
        "record": record_format.dump(entry.record),
        "refresh_token": entry.refresh_token.reveal(),
        "superseded": [token.reveal() for token in entry.superseded],
    }
    return json.dumps(fields, ensure_ascii=False)


def parse_entry(text: str, record_format: RecordFormat) -> Entry | Tombstone:
    """The entry in a text. Checks its form, but not its tokens.

    Raises:
        InvalidRecordError: It is malformed, or of another application or version.
    """
    fields = json_object(text, limit=MAX_FILE) or {}
    record = record_format.parse(_text(fields.get("record")))
    if isinstance(record, Tombstone):
        return record
    superseded = fields.get("superseded")
    if not isinstance(superseded, list):
        raise InvalidRecordError
    tokens = tuple(Secret(_text(token)) for token in superseded)
    return Entry(record, Secret(_text(fields.get("refresh_token"))), tokens)


def _text(value: Any) -> str:  # noqa: ANN401 - a JSON value
    if not isinstance(value, str) or not value:
        raise InvalidRecordError
    return value
