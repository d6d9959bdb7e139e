from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from auth0_widget.base.redaction import PrivateMapping, Secret
from auth0_widget.config import Settings
from auth0_widget.errors import InvalidRecordError
from auth0_widget.oauth.responses import MAX_RESPONSE
from auth0_widget.session.identity import RecordIdentity
from auth0_widget.session.record import (
    MAX_RECORD,
    VERSION,
    Record,
    RecordFormat,
    Tombstone,
)

IDENTITY = RecordIdentity.of(
    Settings(
        origin="https://acme.eu.auth0.com",
        client_id="our-client",
        audience="https://api.example.com/",
    )
)
FORMAT = RecordFormat(IDENTITY, b"k" * 32)
RECORD = Record(
    session_id="the-session",
    logged_in_at=1_800_000_000.5,
    saved_at=1_800_000_100,
    id_token=Secret("the.id.token"),
    access_token=Secret("the-access-token"),
    access_token_expires_at=1_800_086_400,
    scope="openid profile",
    profile=PrivateMapping({"sub": "auth0|ada", "name": "Ada 😀 Łukasz", "nested": {"a": [1]}}),
)


def test_a_record_comes_back_as_it_went() -> None:
    parsed = FORMAT.parse(FORMAT.dump(RECORD))
    assert parsed == RECORD
    assert isinstance(parsed, Record)
    assert parsed.sealed


def test_a_tombstone_comes_back_as_it_went() -> None:
    text = FORMAT.dump(Tombstone(1_800_000_000.25))
    assert FORMAT.parse(text) == Tombstone(1_800_000_000.25)


def test_the_record_is_the_contract_with_the_page() -> None:
    fields = json.loads(FORMAT.dump(RECORD))
    assert sorted(fields) == [
        "access_token",
        "access_token_expires_at",
        "audience",
        "client_id",
        "id_token",
        "issuer",
        "logged_in_at",
        "organization",
        "profile",
        "saved_at",
        "scope",
        "seal",
        "server",
        "session_id",
        "version",
    ]
    assert fields["version"] == VERSION == 1
    assert sorted(json.loads(FORMAT.dump(Tombstone(1)))) == [
        "audience",
        "client_id",
        "ended_at",
        "issuer",
        "organization",
        "server",
        "version",
    ]


def test_there_is_no_refresh_token_in_it() -> None:
    assert not [field.name for field in dataclasses.fields(Record) if "refresh" in field.name]


@pytest.mark.parametrize(
    "name", sorted({field.name for field in dataclasses.fields(Record)} - {"sealed"})
)
def test_the_seal_covers_every_field(name: str) -> None:
    fields = json.loads(FORMAT.dump(RECORD))
    old = fields[name]
    fields[name] = old + 1 if isinstance(old, (int, float)) else (
        old + "x" if isinstance(old, str) else old | {"email": "x"}
    )  # fmt: skip
    parsed = FORMAT.parse(json.dumps(fields))
    assert isinstance(parsed, Record)
    assert not parsed.sealed


def test_a_seal_is_good_in_every_version_and_in_every_order() -> None:
    """Another version of ours must find the same seal over the same record."""
    fields = json.loads(FORMAT.dump(RECORD))
    assert fields["seal"] == "nVGaBs4ku6j0VaUjGv6uJBC9hT4-ULHKc0gGuRyR9bk="
    backwards = dict(reversed(fields.items()))
    parsed = FORMAT.parse(json.dumps(backwards, indent=1))
    assert isinstance(parsed, Record)
    assert parsed.sealed


@pytest.mark.parametrize("seal", [None, "", 7, ["x"], "\u00e9", "x" * 44])
def test_without_a_good_seal_it_is_a_record_that_nobody_vouches_for(seal: object) -> None:
    fields = json.loads(FORMAT.dump(RECORD)) | {"seal": seal}
    parsed = FORMAT.parse(json.dumps(fields))
    assert parsed == dataclasses.replace(RECORD, sealed=False)
    del fields["seal"]
    assert FORMAT.parse(json.dumps(fields)) == parsed


def test_another_user_s_seal_is_not_good() -> None:
    parsed = FORMAT.parse(RecordFormat(IDENTITY, b"x" * 32).dump(RECORD))
    assert parsed == dataclasses.replace(RECORD, sealed=False)


@pytest.mark.parametrize("moment", [0, 1.5, (1 << 40) - 1])
def test_any_time_of_the_next_millennia_will_do(moment: float) -> None:
    text = FORMAT.dump(Tombstone(moment))
    assert FORMAT.parse(text) == Tombstone(moment)


def test_the_largest_record_can_be_read_again() -> None:
    fields = json.loads(FORMAT.dump(RECORD))
    room = MAX_RECORD - len(json.dumps(fields, ensure_ascii=False))
    fields["profile"]["name"] += "x" * room
    text = json.dumps(fields, ensure_ascii=False)
    assert isinstance(FORMAT.parse(text), Record)
    with pytest.raises(InvalidRecordError):
        FORMAT.parse(text + " ")


def test_the_largest_responses_of_a_tenant_fit() -> None:
    profile = PrivateMapping({"sub": "s", "name": "é" * (MAX_RESPONSE // 2)})
    large = dataclasses.replace(RECORD, id_token=Secret("x" * MAX_RESPONSE), profile=profile)
    assert FORMAT.parse(FORMAT.dump(large)) == large


def test_a_record_shows_nothing() -> None:
    shown: list[Any] = [repr(RECORD), str(RECORD)]
    assert not [text for text in shown if "token-" in text or "Ada" in text or "the.id" in text]
