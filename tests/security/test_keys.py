"""Threats 23 to 25: rotation, outages and invalid responses at the tenant's key set."""
# ruff: noqa: PLR0917 - a test asks for the fixtures it needs

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from auth0_widget.config import Settings
from auth0_widget.errors import (
    IdTokenKeyError,
    KeySetError,
    TenantDownError,
    TenantTimeoutError,
)
from auth0_widget.oauth import transport
from auth0_widget.oauth.client import Tenant
from auth0_widget.oauth.jwks import MAX_FETCHES, MAX_KEY_SET_AGE, JwksCache

from .hostile import drip, respond

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant

JWKS = "/.well-known/jwks.json"


@pytest.fixture
def remote(hostile: Any) -> Iterator[JwksCache]:
    """The key cache of a tenant that is the hostile server."""
    tenant = Tenant(Settings(origin=hostile.url, client_id="our-client"))
    yield JwksCache(tenant)
    tenant.close()


def test_threat_23_a_key_rotated_right_after_a_fetch(
    kernel: Kernel, tenant: LocalTenant, shown: Any
) -> None:
    kernel.log_in()
    tenant.rotate_keys(keep_old=False)
    assert kernel.log_in().user.email == "ada@example.com"
    assert tenant.requests[JWKS] == 2
    shown("login works")


def test_threat_23_made_up_key_ids_are_no_flood(
    verify: Any, signer: Any, claims: Any, publisher: Any, refused: Any
) -> None:
    verify(signer.sign(claims))
    for number in range(100):
        with refused(IdTokenKeyError):
            verify(signer.sign(claims, kid=f"made-up-{number}"))
    assert publisher.fetches <= MAX_FETCHES
    assert verify(signer.sign(claims)), "the real key serves on"


def test_threat_23_kernels_learn_a_new_key_from_each_other(
    publisher: Any, other_signer: Any, shown: Any
) -> None:
    first, second = publisher.cache(), publisher.cache()
    assert first.key("key-1")
    assert second.key("key-1")
    publisher.keys.append(other_signer.jwk)
    assert first.key("key-2")
    assert second.key("key-2")
    assert publisher.fetches == 2
    shown("one fetch for all kernels")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>not found</html>",
        b"null",
        b"[]",
        b'{"keys": {}}',
        b'{"keys": null}',
        b'{"keys": [], "keys": []}',
        b'{"keys": [NaN]}',
        b"\xff\xfe{}",
        b'{"keys": ["\\ud800"]}',
        b"[" * 60_000,
        b'{"keys":' * 8_000,
        b"x" * 10_000_000,
        b'{"keys": [' + b'{"kty": "RSA"},' * 4_000 + b"{}]}",
    ],
    ids=lambda body: repr(body[:14]),
)
def test_threat_24_a_key_set_of_garbage(
    hostile: Any, remote: JwksCache, refused: Any, body: bytes
) -> None:
    hostile.responders[JWKS] = respond(body=body)
    begun = time.perf_counter()
    for _ in range(20):
        with refused(KeySetError):
            remote.key("key-1")
    assert time.perf_counter() - begun < 5
    assert hostile.counts[JWKS] <= MAX_FETCHES


@pytest.mark.parametrize(
    ("status", "error"), [(404, KeySetError), (403, KeySetError), (204, KeySetError),
                          (500, TenantDownError), (503, TenantDownError)]
)  # fmt: skip
def test_threat_24_no_key_set(
    hostile: Any, remote: JwksCache, refused: Any, status: int, error: Any
) -> None:
    hostile.responders[JWKS] = respond(status)
    with refused(error):
        remote.key("key-1")


@pytest.mark.parametrize(
    "start",
    [
        b"HTTP/1.1 200 OK\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Header: ",
        b"",
    ],
    ids=["body", "length", "header", "status"],
)
def test_threat_24_a_server_that_sends_a_byte_at_a_time_for_ever(
    hostile: Any, remote: JwksCache, refused: Any, monkeypatch: Any, start: bytes
) -> None:
    monkeypatch.setattr(transport, "DEADLINE", 0.2)
    hostile.responders[JWKS] = drip(hostile, start)
    begun = time.perf_counter()
    with refused(TenantTimeoutError):
        remote.key("key-1")
    assert time.perf_counter() - begun < 3


def test_threat_24_after_a_stuck_request_the_next_one_works(
    hostile: Any, remote: JwksCache, signer: Any, monkeypatch: Any, refused: Any
) -> None:
    monkeypatch.setattr(transport, "DEADLINE", 0.2)
    hostile.responders[JWKS] = drip(hostile, b"HTTP/1.1 200 OK\r\nX-Header: ")
    with refused(TenantTimeoutError):
        remote.key("key-1")
    monkeypatch.setattr(transport, "DEADLINE", 30)
    hostile.responders[JWKS] = respond(body={"keys": [signer.jwk]})
    assert remote.key("key-1")


@pytest.mark.parametrize("failure", [TenantDownError, TenantTimeoutError, KeySetError])
def test_threat_24_known_keys_survive_an_outage(
    stopped: Any, publisher: Any, shown: Any, failure: Any
) -> None:
    publisher.cache().prefetch()
    publisher.failure = failure()
    stopped.shift(MAX_KEY_SET_AGE)
    keys = publisher.cache()
    for _ in range(50):
        assert keys.key("key-1")
    assert publisher.fetches <= 1 + MAX_FETCHES
    shown("cached keys serve on")


def test_threat_24_known_keys_survive_garbage(
    hostile: Any, remote: JwksCache, signer: Any, stopped: Any, shown: Any
) -> None:
    hostile.responders[JWKS] = respond(body={"keys": [signer.jwk]})
    remote.prefetch()
    hostile.responders[JWKS] = respond(body=b"x" * 100_000)
    stopped.shift(MAX_KEY_SET_AGE)
    assert remote.key("key-1")
    shown("cached keys serve on")


@pytest.mark.parametrize(
    "bad",
    [None, 7, "x", [], {}, {"kty": "RSA"}, {"kty": "oct", "k": "AAAA"},
     {"kty": "RSA", "n": "!", "e": "!"}, {"kty": "RSA", "n": {}, "e": []}],
    ids=str,
)  # fmt: skip
def test_threat_24_one_bad_key_does_not_poison_the_rest(
    verify: Any, signer: Any, claims: Any, publisher: Any, shown: Any, bad: Any
) -> None:
    publisher.keys = [bad, signer.jwk, bad]
    assert verify(signer.sign(claims))
    shown("the good key serves")


@pytest.mark.parametrize("mode", [0o666, 0o622, 0o644])
def test_threat_24_a_cache_that_others_may_touch_is_ignored(
    publisher: Any, other_signer: Any, private_home: Path, refused: Any, mode: int
) -> None:
    publisher.cache().prefetch()
    (path,) = (private_home / "cache" / "auth0-widget").iterdir()
    stored = json.loads(path.read_text())
    path.write_text(json.dumps(stored | {"keys": [other_signer.jwk]}))
    path.chmod(mode)
    with refused(IdTokenKeyError):
        publisher.cache().key("key-2")


def test_threat_25_one_key_without_an_id_is_legal(
    verify: Any, new_signer: Any, claims: Any, publisher: Any, shown: Any
) -> None:
    nameless = new_signer(None)
    publisher.keys = [nameless.jwk]
    assert verify(nameless.sign(claims))
    shown("accepted, as it must be")


@pytest.mark.parametrize("published", [("key-1", "key-2"), (None, "key-2"), (None, None)])
def test_threat_25_several_keys_and_none_named(
    verify: Any,
    signer: Any,
    other_signer: Any,
    claims: Any,
    publisher: Any,
    refused: Any,
    published: tuple[str | None, str | None],
) -> None:
    publisher.keys = [
        {k: v for k, v in (key.jwk | {"kid": kid}).items() if v is not None}
        for key, kid in zip((signer, other_signer), published, strict=True)
    ]
    with refused(IdTokenKeyError):
        verify(signer.sign(claims, kid=None))


def test_threat_25_two_keys_of_one_name(
    verify: Any, signer: Any, other_signer: Any, claims: Any, publisher: Any, refused: Any
) -> None:
    publisher.keys = [other_signer.jwk | {"kid": "key-1"}, signer.jwk]
    with refused(IdTokenKeyError):
        verify(signer.sign(claims))
