"""Any input: nothing invalid is accepted, and every error is one of ours."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from auth0_widget.base.origins import is_loopback, tenant_origin
from auth0_widget.base.redaction import PrivateMapping, Secret
from auth0_widget.config import Settings
from auth0_widget.errors import IdTokenError, InvalidDomainError, InvalidRecordError
from auth0_widget.pages.parsing import _PARSERS, parse_message
from auth0_widget.session.identity import RecordIdentity
from auth0_widget.session.record import Record, RecordFormat, Tombstone

# Fixtures of a whole session are the same for every example; machines are slow at times.
quick = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])

KEY = b"k" * 32
IDENTITY = RecordIdentity.of(Settings(origin="https://acme.eu.auth0.com", client_id="our-client"))
FORMAT = RecordFormat(IDENTITY, KEY)
BINDING = {"version": 1, "issuer": IDENTITY.issuer, "client_id": "our-client"}

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 70), 1 << 70)
    | st.floats()
    | st.text(st.characters(codec=None), max_size=20)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
visible = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=40)
times = st.floats(0, (1 << 40) - 1) | st.integers(0, (1 << 40) - 1)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 63), 1 << 63) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
records = st.builds(
    Record,
    session_id=visible,
    logged_in_at=times,
    saved_at=times,
    id_token=visible.map(Secret),
    access_token=visible.map(Secret),
    access_token_expires_at=times,
    scope=visible,
    profile=st.dictionaries(st.text(max_size=8), plain, max_size=4).map(PrivateMapping),
    sealed=st.just(True),  # noqa: FBT003 - the field's value
)


@quick
@given(records)
def test_every_record_comes_back_as_it_went(record: Record) -> None:
    assert FORMAT.parse(FORMAT.dump(record)) == record


@quick
@given(records, st.binary(min_size=1), st.sampled_from(["session_id", "access_token", "scope"]))
def test_no_record_that_was_changed_or_sealed_by_others_counts_as_sealed(
    record: Record, key: bytes, name: str
) -> None:
    text = FORMAT.dump(record)
    fields = json.loads(text)
    changed = FORMAT.parse(json.dumps(fields | {name: fields[name] + "x"}))
    foreign = RecordFormat(IDENTITY, key + b"x").parse(text)
    assert isinstance(changed, Record)
    assert isinstance(foreign, Record)
    assert not changed.sealed
    assert not foreign.sealed


@quick
@given(times)
def test_every_tombstone_comes_back_as_it_went(moment: float) -> None:
    tombstone = Tombstone(moment)
    assert FORMAT.parse(FORMAT.dump(tombstone)) == tombstone


@quick
@given(
    st.text(st.characters(codec=None))
    | values.map(json.dumps)
    | st.dictionaries(
        st.sampled_from(
            [*(f.name for f in dataclasses.fields(Record)), "ended_at", "seal", *BINDING]
        ),
        values,
    ).map(lambda fields: json.dumps(BINDING | fields))
)
def test_no_stored_text_breaks_the_record_parser(text: str) -> None:
    try:
        parsed = FORMAT.parse(text)
    except InvalidRecordError:
        return
    if isinstance(parsed, Tombstone):
        assert 0 <= parsed.ended_at < 1 << 40
    else:
        assert not parsed.sealed
        assert parsed.session_id.isprintable()


@quick
@given(
    values
    | st.dictionaries(
        st.sampled_from(
            ["page", "origin", "window", "record", "response", "reason", "way", "ok", "x"]
        ),
        values | st.just("page-0000-0000-0000"),
    ).flatmap(
        lambda fields: st.sampled_from([*_PARSERS, "ready", "x"]).map(
            lambda kind: fields | {"type": kind}
        )
    )
)
def test_no_message_breaks_the_message_parser(content: object) -> None:
    message = parse_message(content)
    if message is not None:
        assert isinstance(content, dict)
        assert message.page == content["page"] == "page-0000-0000-0000"
        repr(message)


@quick
@given(
    st.text(st.characters(codec=None), max_size=60)
    | st.from_regex(r"(https?://)?[a-z0-9.@:/?#\\%\[\]-]{1,40}\Z")
    | st.from_regex(r"([a-z0-9-]{1,8}\.){1,3}[a-z]{2,5}(:[0-9]{1,5})?/?\Z")
)
@example("acme.auth0.com")
@example("http://127.0.0.1:1")
def test_an_accepted_domain_is_exactly_what_was_written(domain: str) -> None:
    try:
        origin = tenant_origin(domain)
    except InvalidDomainError:
        return
    scheme, _, host = origin.partition("://")
    written = domain.lower().removeprefix("https://").removeprefix("http://").removesuffix("/")
    assert host in (written, written.removesuffix(":443"), written.removesuffix(":80"))
    assert not set(host) & set("@/?#\\% ")
    assert scheme == "https" or is_loopback(host.rsplit(":", 1)[0].strip("[]") or host)
    assert tenant_origin(origin) == origin


@quick
@given(st.text(st.characters(codec=None), max_size=80) | st.from_regex(r"[\w-]*\.[\w-]*\.[\w-]*\Z"))
def test_no_text_is_an_id_token(verify: Any, text: str) -> None:
    with pytest.raises(IdTokenError):
        verify(text)


@quick
@given(values)
def test_no_header_makes_a_foreign_token_ours(
    verify: Any, other_signer: Any, claims: Any, value: object
) -> None:
    for name in ("alg", "kid", "typ", "jwk", "crit", "x"):
        header = json.dumps({"alg": "RS256", "kid": "key-1", name: value})
        with pytest.raises(IdTokenError):
            verify(other_signer.sign_parts(header, claims))


REQUIRED = ("iss", "aud", "sub", "exp", "iat", "nonce")


@quick
@given(st.sampled_from(REQUIRED), values)
def test_no_claim_may_be_anything_else(
    verify: Any, signer: Any, claims: Any, name: str, value: Any
) -> None:
    changed = claims | {name: value}
    try:
        verified = verify(signer.sign(changed))
    except IdTokenError:
        return
    # What was accepted is what the specification asks for.
    assert verified["iss"] == claims["iss"]
    assert verified["aud"] in (claims["aud"], [claims["aud"]])
    assert verified["nonce"] == claims["nonce"]
    assert isinstance(verified["sub"], str)
    assert 0 < len(verified["sub"]) <= 255
    for time in ("exp", "iat"):
        assert isinstance(verified[time], (int, float))
        assert not isinstance(verified[time], bool)


@quick
@given(st.dictionaries(st.text(max_size=8).filter(lambda name: name not in REQUIRED), plain))
def test_further_claims_come_back_as_they_were_signed(
    verify: Any, signer: Any, claims: Any, more: dict[str, Any]
) -> None:
    more = {k: v for k, v in more.items() if k not in ("nbf", "azp", "auth_time")}
    assert dict(verify(signer.sign(claims | more))) == claims | more


@quick
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_byte_of_a_token_can_be_changed(
    verify: Any, signer: Any, claims: Any, position: int, by: int
) -> None:
    token = signer.sign(claims)
    position %= len(token)
    changed = chr((ord(token[position]) + by) % 256)
    spoiled = token[:position] + changed + token[position + 1 :]
    # The last character of a segment has bits that decode to nothing.
    last = position == len(token) - 1
    try:
        verify(spoiled)
    except IdTokenError:
        return
    assert last
    assert changed.isalnum() or changed in "-_"
