"""Threats 6, 22, 26 and 32: where requests are sent, and which responses are accepted."""
# ruff: noqa: PLR0917 - a test asks for the fixtures it needs

from __future__ import annotations

import gzip
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from kernel import ABLE

from auth0_widget.base.redaction import Secret
from auth0_widget.config import Settings
from auth0_widget.errors import (
    IdTokenMalformedError,
    InvalidDomainError,
    InvalidRecordError,
    InvalidResponseError,
    InvalidSettingError,
    KeySetError,
    TenantTimeoutError,
)
from auth0_widget.oauth import transport
from auth0_widget.oauth.client import Tenant
from auth0_widget.pages.parsing import parse_message
from auth0_widget.session.identity import RecordIdentity
from auth0_widget.session.record import RecordFormat

from .hostile import drip, respond

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant

DEEP = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
LARGE = b'{"access_token": "' + b"x" * 10_000_000 + b'"}'
TOKENS = {"access_token": "at", "token_type": "Bearer", "expires_in": 60, "id_token": "a.b.c"}


@pytest.fixture
def remote(hostile: Any) -> Iterator[Tenant]:
    """A tenant that is the hostile server."""
    tenant = Tenant(Settings(origin=hostile.url, client_id="our-client"))
    yield tenant
    tenant.close()


CALLS = {
    "/oauth/token": lambda tenant: tenant.refresh_token_grant(Secret("rt")),
    "/userinfo": lambda tenant: tenant.userinfo(Secret("at")),
    "/.well-known/jwks.json": lambda tenant: tenant.signing_keys(),
    "/oauth/revoke": lambda tenant: tenant.revoke(Secret("rt")),
}
NONSENSE = {
    "/oauth/token": InvalidResponseError,
    "/userinfo": InvalidResponseError,
    "/.well-known/jwks.json": KeySetError,
}


@pytest.mark.parametrize(
    "domain",
    [
        "",
        " ",
        ".",
        "acme",
        "/",
        "//evil.com",
        "https://",
        "https:///evil.com",
        "acme.auth0.com@evil.com",
        "acme.auth0.com:x@evil.com",
        "evil.com/#acme.auth0.com",
        "evil.com#",
        "evil.com?x=acme.auth0.com",
        "evil.com/acme.auth0.com",
        "evil.com/.",
        "evil.com;acme.auth0.com",
        "evil.com\\acme.auth0.com",
        "evil.com\\@acme.auth0.com",
        "evil.com%2Facme.auth0.com",
        "evil.com%00.auth0.com",
        "acme.auth0.com\n",
        "acme.auth0.com\r\nHost: evil.com",
        "acme.auth0.com\t.evil.com",
        "acme .auth0.com",
        "\u0430cme.auth0.com",
        "acme\u3002auth0.com",
        "acme.auth0.com\uff0f.evil.com",
        "acme.auth0.com\u2024evil.com",
        "\u2460.com",
        "acme.o\u212ata.com",
        "acme.auth0.com.",
        ".acme.auth0.com",
        "acme..auth0.com",
        "-acme.auth0.com",
        "acme-.auth0.com",
        "a" * 64 + ".auth0.com",
        "acme_x.auth0.com",
        "http://acme.auth0.com",
        "http://localhost.evil.com",
        "http://127.0.0.1.evil.com",
        "http://127.0.0.1@evil.com",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "http://[::1%25eth0]",
        "http://[::1%eth0]",
        "http://[::ffff:10.0.0.1]",
        "http://127.0.0.2",
        "http://[0:0:0:0:0:0:0:1]",
        "ftp://acme.auth0.com",
        "file:///etc/passwd",
        "javascript://acme.auth0.com",
        "javascript:alert(1)",
        "HTTPS://acme.auth0.com//",
        "169.254.169.254",
        "2852039166",
        "0xa9fea9fe",
        "0xa9.0xfea9fe",
        "127.1",
        "[::1",
        "[fe80::1]",
        "https://[2001:db8::1]",
        "acme.auth0.com:",
        "acme.auth0.com:0",
        "acme.auth0.com:x",
        "acme.auth0.com:99999",
        "acme.auth0.com:-1",
        "acme.auth0.com:0443",
        "acme.auth0.com:443:443",
        b"acme.auth0.com",
        7,
        ["acme.auth0.com"],
        None,
        "a" * 600,
    ],
    ids=lambda domain: ascii(domain)[:40],
)
def test_threat_06_a_domain_that_is_not_a_host(refused: Any, domain: Any) -> None:
    with refused(InvalidDomainError) as refusal:
        Settings.resolve(domain=domain, client_id="x")
    assert "AUTH0_DOMAIN" in str(refusal.value)


@pytest.mark.parametrize("path", NONSENSE)
@pytest.mark.parametrize(
    "body",
    [
        DEEP[:50_000],
        DEEP,
        LARGE,
        b"",
        b"{",
        b"null",
        b"[]",
        b'"x"',
        b"\xff",
        b'{"sub": "a", "sub": "b"}',
        b'{"sub": NaN}',
        b'{"sub": 1e999}',
        json.dumps(TOKENS).encode("utf-16"),
        gzip.compress(json.dumps(TOKENS).encode(), mtime=0)[:-40],
        gzip.compress(b"0" * (64 << 20), mtime=0),
    ],
    ids=lambda body: repr(body[:14]),
)
def test_threat_26_a_response_that_is_nonsense(
    hostile: Any, remote: Tenant, refused: Any, path: str, body: bytes
) -> None:
    headers = {"Content-Encoding": "gzip"} if body.startswith(b"\x1f") else None
    hostile.responders[path] = respond(body=body, headers=headers)
    begun = time.perf_counter()
    with refused(NONSENSE[path]):
        CALLS[path](remote)
    assert time.perf_counter() - begun < 2


@pytest.mark.parametrize(
    "change",
    [
        {"access_token": None},
        {"access_token": ""},
        {"access_token": 7},
        {"access_token": ["at"]},
        {"access_token": "a\r\nHost: evil.com"},
        {"access_token": "é"},
        {"token_type": None},
        {"token_type": "mac"},
        {"token_type": ["Bearer"]},
        {"expires_in": None},
        {"expires_in": "60"},
        {"expires_in": True},
        {"expires_in": 0},
        {"expires_in": -1},
        {"expires_in": 1.5},
        {"expires_in": 1 << 31},
        {"expires_in": 10**19},
        {"id_token": 7},
        {"id_token": {"a": 1}},
        {"id_token": "a.b.\n"},
        {"refresh_token": 7},
        {"refresh_token": "a\x00"},
        {"scope": ["openid"]},
        {"scope": "öpenid"},
    ],
    ids=str,
)
def test_threat_26_a_token_response_with_a_wrong_field(
    hostile: Any, remote: Tenant, refused: Any, change: dict[str, Any]
) -> None:
    hostile.responders["/oauth/token"] = respond(body=TOKENS | change)
    with refused(InvalidResponseError):
        remote.refresh_token_grant(Secret("rt"))


@pytest.mark.parametrize("path", ["/oauth/token", "/userinfo"])
@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nA: "])
def test_threat_26_a_response_that_never_ends(
    hostile: Any, remote: Tenant, refused: Any, monkeypatch: Any, path: str, start: bytes
) -> None:
    monkeypatch.setattr(transport, "DEADLINE", 0.2)
    hostile.responders[path] = drip(hostile, start)
    with refused(TenantTimeoutError):
        CALLS[path](remote)


@pytest.mark.parametrize(
    "start", [b"nonsense\r\n\r\n", b"HTTP/9 x\r\n\r\n", b"\x16\x03\x01\x00\r\n"]
)
def test_threat_26_a_response_that_is_not_http(
    hostile: Any, remote: Tenant, refused: Any, start: bytes
) -> None:
    hostile.responders["/userinfo"] = drip(hostile, start)
    with refused(InvalidResponseError):
        remote.userinfo(Secret("at"))


@pytest.mark.parametrize(
    "record",
    [DEEP.decode(), LARGE.decode(), "[" * 200_000, '{"profile":' * 20_000, "\ud800" * 1000],
    ids=["deep", "large", "lists", "objects", "surrogates"],
)
def test_threat_26_a_record_that_is_huge_or_nested(
    settings: Settings, refused: Any, record: str
) -> None:
    begun = time.perf_counter()
    with refused(InvalidRecordError):
        RecordFormat(RecordIdentity.of(settings), b"k" * 32).parse(record)
    assert time.perf_counter() - begun < 1


def _nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "authorization_response", "response": {"code": "x" * 10_000_000, "state": "s"}},
        {"type": "hello", "origin": "https://hub.example.com", "callback_page": "\ud800", **ABLE},
        {"type": "hello", "origin": "\udfff", **ABLE},
        {"type": "authorization_response", "response": {"code": _nested(500), "state": "s"}},
        {"type": "authorization_response", "response": _nested(500)},
        {"type": "authorization_response", "response": {"code": b"c", "state": "s"}},
        {"type": "hello", "origin": "http://" + "a" * 10_000_000, **ABLE},
        {"type": "hello", "origin": _nested(500), **ABLE},
        {"type": "stored_record", "record": _nested(500)},
        {"type": "use_callback_page", "callback": ["https://evil.example"]},
        {"type": "login_started", "way": ["window"]},
        {"type": "store_result", "ok": 1, "reason": None},
        {"type": "use_code", "page": "p" * 10_000_000},
        {"type": "use_code", "page": "\u0661" * 20},
        {"type": "use_code", "page": "page-0000-0000-000\n"},
        {"type": _nested(500)},
        {"type": "t" * 10_000_000},
        {1: 2, "type": "use_code"},
    ],
    ids=lambda fields: repr(fields)[:40],
)
def test_threat_26_a_message_that_is_huge_nested_or_malformed(fields: Any, shown: Any) -> None:
    begun = time.perf_counter()
    assert parse_message({"page": "page-0000-0000-0000", **fields}) is None
    assert time.perf_counter() - begun < 1
    shown("dropped")


def test_threat_26_an_id_token_that_is_huge(
    verify: Any, signer: Any, claims: Any, refused: Any, publisher: Any
) -> None:
    with refused(IdTokenMalformedError):
        verify(signer.sign(claims | {"name": "x" * 100_000}))
    assert publisher.fetches == 0


def test_threat_26_an_id_token_that_is_deep(
    verify: Any, signer: Any, claims: Any, refused: Any
) -> None:
    deep = "[" * 5_000 + "]" * 5_000
    with refused(IdTokenMalformedError):
        verify(signer.sign(json.dumps(claims)[:-1] + f', "a": {deep}}}'))
    header = f'{{"alg": "RS256", "a": {deep}}}'
    with refused(IdTokenMalformedError):
        verify(signer.sign_parts(header, claims))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/oauth/token", b'{"access_token": "' + b"x" * 70_000 + b'"}'),
        ("/oauth/token", b"<html>"),
    ],
)
def test_threat_26_a_login_with_a_response_of_nonsense_ends_with_an_error(
    kernel: Kernel, tenant: LocalTenant, path: str, body: bytes, shown: Any
) -> None:
    tenant.fail_next(path, 200, body=body)
    response = tenant.sign_in(kernel.open())
    kernel.receive("authorization_response", response=response)
    assert kernel.login.status == "error"
    assert kernel.problem == "invalid_response"
    assert kernel.log_in(), "and the next login works"
    shown("`invalid_response`")


@pytest.mark.parametrize("path", [*NONSENSE, "/oauth/revoke"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_threat_32_a_redirect_is_not_followed(
    hostile: Any, remote: Tenant, refused: Any, path: str, status: int
) -> None:
    hostile.responders[path] = respond(status, headers={"Location": f"{hostile.url}/elsewhere"})
    with refused(NONSENSE.get(path, InvalidResponseError)):
        CALLS[path](remote)
    assert [(seen, count) for seen, count in hostile.counts.items()] == [(path, 1)]


@pytest.mark.parametrize(
    "return_to",
    [
        "",
        "//evil.com",
        "\\evil.com",
        "/\\evil.com",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://localhost:8888/path",
        "http://localhost:8888?x",
        "http://localhost:8888#",
        "http://localhost:8888#x",
        "http://localhost:8888\\@evil.com",
        "http://localhost:8888@evil.com",
        "http://user@localhost:8888",
        "http://localhost:8888\n",
        "http://localhost:\uff18888",
        "null",
    ],
    ids=ascii,
)
def test_threat_22_a_way_back_that_is_no_origin(
    remote: Tenant, refused: Any, return_to: str
) -> None:
    with refused(InvalidSettingError):
        remote.logout_url(return_to)


def test_threat_22_the_client_id_is_always_sent(remote: Tenant, hostile: Any, shown: Any) -> None:
    url = remote.logout_url("http://localhost:8888")
    assert url.startswith(f"{hostile.url}/v2/logout?")
    assert parse_qs(urlsplit(url).query) == {
        "client_id": ["our-client"],
        "returnTo": ["http://localhost:8888"],
    }
    shown("the tenant compares it with the application's own URLs")
