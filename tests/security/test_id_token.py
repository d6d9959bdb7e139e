"""Threats 9, 10, 11 and 27: the signature and the claims of ID tokens."""
# ruff: noqa: PLR0917 - a test asks for the fixtures it needs

from __future__ import annotations

import base64
import dataclasses
import json
import time
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from auth0_widget.errors import (
    IdTokenAlgorithmError,
    IdTokenAudienceError,
    IdTokenAuthorizedPartyError,
    IdTokenAuthTimeError,
    IdTokenClaimError,
    IdTokenError,
    IdTokenExpiredError,
    IdTokenIssuerError,
    IdTokenKeyError,
    IdTokenMalformedError,
    IdTokenNonceError,
    IdTokenOrganizationError,
    IdTokenSignatureError,
    IdTokenSubjectError,
    IdTokenTimeError,
    KeySetError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant

GONE = type("Gone", (), {"__repr__": lambda _: "gone"})()
NO_TIME: tuple[object, ...] = (None, "1893456000", True, False, -1, 1 << 40, [], {}, "", "never")


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("iss", GONE, IdTokenIssuerError),
        ("iss", None, IdTokenIssuerError),
        ("iss", "https://acme.eu.auth0.com", IdTokenIssuerError),
        ("iss", "https://acme.eu.auth0.com/ ", IdTokenIssuerError),
        ("iss", "https://ACME.eu.auth0.com/", IdTokenIssuerError),
        ("iss", "http://acme.eu.auth0.com/", IdTokenIssuerError),
        ("iss", "https://acme.eu.auth0.com.evil.com/", IdTokenIssuerError),
        ("iss", ["https://acme.eu.auth0.com/"], IdTokenIssuerError),
        ("aud", GONE, IdTokenClaimError),
        ("aud", None, IdTokenClaimError),
        ("aud", 7, IdTokenClaimError),
        ("aud", {"our-client": 1}, IdTokenClaimError),
        ("aud", ["our-client", 7], IdTokenClaimError),
        ("aud", [["our-client"]], IdTokenClaimError),
        ("aud", "", IdTokenAudienceError),
        ("aud", [], IdTokenAudienceError),
        ("aud", "our-client-2", IdTokenAudienceError),
        ("aud", "x our-client", IdTokenAudienceError),
        ("aud", ["another"], IdTokenAudienceError),
        ("aud", ["our-client", "another"], IdTokenAuthorizedPartyError),
        ("azp", "another", IdTokenAuthorizedPartyError),
        ("azp", "", IdTokenAuthorizedPartyError),
        ("azp", ["our-client"], IdTokenAuthorizedPartyError),
        ("azp", False, IdTokenAuthorizedPartyError),
        ("sub", GONE, IdTokenSubjectError),
        ("sub", None, IdTokenSubjectError),
        ("sub", "", IdTokenSubjectError),
        ("sub", 7, IdTokenSubjectError),
        ("sub", ["auth0|ada"], IdTokenSubjectError),
        ("sub", "s" * 256, IdTokenSubjectError),
        ("nonce", GONE, IdTokenNonceError),
        ("nonce", None, IdTokenNonceError),
        ("nonce", "", IdTokenNonceError),
        ("nonce", "another", IdTokenNonceError),
        ("nonce", ["the-nonce"], IdTokenNonceError),
        ("exp", GONE, IdTokenClaimError),
        ("exp", 0, IdTokenExpiredError),
        ("iat", GONE, IdTokenClaimError),
        ("nbf", (1 << 40) - 1, IdTokenTimeError),
        *[("exp", value, IdTokenClaimError) for value in NO_TIME],
        *[("iat", value, IdTokenClaimError) for value in NO_TIME],
        *[("nbf", value, IdTokenClaimError) for value in NO_TIME[1:]],
        *[("auth_time", value, IdTokenClaimError) for value in NO_TIME[1:]],
    ],
    ids=lambda value: repr(value)[:30] if not isinstance(value, type) else value.__name__,
)
def test_threat_09_a_wrong_claim(
    verify: Any, signer: Any, claims: Any, refused: Any, name: str, value: object, error: Any
) -> None:
    claims[name] = value
    if value is GONE:
        del claims[name]
    with refused(error):
        verify(signer.sign(claims))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "9" * 400, "1" * 5000])
def test_threat_09_a_number_that_is_none(
    verify: Any, signer: Any, claims: Any, refused: Any, number: str
) -> None:
    text = json.dumps(claims).replace(str(claims["exp"]), number)
    with refused(IdTokenMalformedError):
        verify(signer.sign(text))


@pytest.mark.parametrize(
    "twice", ['"sub": "auth0|eve"', '"aud": "our-client"', '"nonce": "x", "x": 1', '"exp": 9e9']
)
def test_threat_09_a_claim_that_is_there_twice(
    verify: Any, signer: Any, claims: Any, refused: Any, twice: str
) -> None:
    with refused(IdTokenMalformedError):
        verify(signer.sign("{" + twice + "," + json.dumps(claims)[1:]))
    with refused(IdTokenMalformedError):
        verify(signer.sign(json.dumps(claims)[:-1] + "," + twice + "}"))


@pytest.mark.parametrize("content", ["", "null", "7", "[]", '"text"', "{", b"\xff\xfe", b"\x00"])
def test_threat_09_claims_that_are_none(
    verify: Any, signer: Any, refused: Any, content: Any
) -> None:
    with refused(IdTokenMalformedError):
        verify(signer.sign(content))


@pytest.mark.usefixtures("stopped")
@pytest.mark.parametrize("max_age", [0, 3600])
@pytest.mark.parametrize(
    ("age", "error"),
    [(GONE, IdTokenAuthTimeError), (None, IdTokenAuthTimeError), (3661, IdTokenAuthTimeError),
     (-61, IdTokenTimeError)],
)  # fmt: skip
def test_threat_09_a_login_older_than_was_asked_for(
    verify: Any, signer: Any, claims: Any, refused: Any, age: Any, error: Any, max_age: int
) -> None:
    if age is not GONE:
        claims["auth_time"] = None if age is None else time.time() - age
    with refused(error):
        verify(signer.sign(claims), max_age=max_age)


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("org_123", {}),
        ("org_123", {"org_id": None}),
        ("org_123", {"org_id": "org_124"}),
        ("org_123", {"org_id": ["org_123"]}),
        ("org_123", {"org_name": "org_123"}),
        ("acme", {"org_id": "acme"}),
        ("acme", {"org_name": "acme-evil"}),
        ("acme", {"org_name": ["acme"]}),
        ("acme", {}),
    ],
)
def test_threat_09_another_organization(
    verify: Any, signer: Any, claims: Any, settings: Any, refused: Any, asked: str, given: Any
) -> None:
    with refused(IdTokenOrganizationError):
        verify(
            signer.sign(claims | given), settings=dataclasses.replace(settings, organization=asked)
        )


@pytest.mark.parametrize("sub", ["auth0|eve", "auth0|ada ", "AUTH0|ADA"])
def test_threat_09_another_person_than_before(
    verify: Any, signer: Any, claims: Any, refused: Any, sub: str
) -> None:
    with refused(IdTokenSubjectError):
        verify(signer.sign(claims | {"sub": sub}), subject="auth0|ada")


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"nonce": "another"}, IdTokenNonceError),
        ({"aud": "another"}, IdTokenAudienceError),
        ({"iss": "https://evil.example/"}, IdTokenIssuerError),
        ({"sub": ""}, IdTokenSubjectError),
        ({"exp": "9999999999"}, IdTokenClaimError),
        ({"exp": 1}, IdTokenExpiredError),
        ({"azp": "another"}, IdTokenAuthorizedPartyError),
    ],
)
def test_threat_09_after_a_refusal_nothing_is_asked_and_nothing_stored(
    kernel: Kernel, tenant: LocalTenant, shown: Any, changed: Any, error: type[IdTokenError]
) -> None:
    tenant.mutate_id_token = lambda claims: claims | changed
    response = tenant.sign_in(kernel.open())
    kernel.receive("authorization_response", response=response)
    assert kernel.login.session is None
    assert type(kernel.login.problem) is error
    assert kernel.problem == error.code
    assert tenant.requests["/userinfo"] == 0
    assert kernel.last("store") is None
    shown(f"`{error.code}`")


@pytest.mark.parametrize(
    "alg", ["none", "None", "NONE", "nOnE", "", None, "HS256", "HS512", "RS384", "PS256", "ES256",
            "rs256", "RS256 ", ["RS256"], 256, True]
)  # fmt: skip
def test_threat_10_another_algorithm(
    verify: Any, signer: Any, claims: Any, refused: Any, publisher: Any, alg: object
) -> None:
    header = json.dumps({"alg": alg, "kid": "key-1"})
    with refused(IdTokenAlgorithmError):
        verify(signer.sign_parts(header, claims))
    assert publisher.fetches == 0


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE"])
@pytest.mark.parametrize("signature", ["", "AAAA"])
def test_threat_10_no_signature(
    verify: Any, signer: Any, claims: Any, refused: Any, alg: str, signature: str
) -> None:
    head, body, _ = signer.sign_parts(json.dumps({"alg": alg}), claims).split(".")
    with refused(IdTokenAlgorithmError if signature else IdTokenMalformedError):
        verify(f"{head}.{body}.{signature}")


@pytest.mark.parametrize("encoding", ["PEM", "DER", "jwk"])
def test_threat_10_signed_with_the_public_key_as_a_password(
    verify: Any, signer: Any, claims: Any, refused: Any, encoding: str
) -> None:
    if encoding == "jwk":
        secret = json.dumps(signer.jwk).encode()
    else:
        secret = signer.private.public_key().public_bytes(
            getattr(serialization.Encoding, encoding),
            serialization.PublicFormat.SubjectPublicKeyInfo,
        )
    algorithm = jwt.get_algorithm_by_name("HS256")
    head, body, _ = signer.sign_parts(json.dumps({"alg": "HS256", "kid": "key-1"}), claims).split(
        "."
    )
    signature = base64.urlsafe_b64encode(algorithm.sign(f"{head}.{body}".encode(), secret))
    with refused(IdTokenAlgorithmError):
        verify(f"{head}.{body}.{signature.decode().rstrip('=')}")


@pytest.mark.parametrize(
    "change",
    [
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "EC"},
        {"use": "enc"},
        {"alg": "RS512"},
        {"alg": "HS256"},
        {"e": "AQ"},
        {"e": ""},
        {"n": ""},
        {"n": "AQAB"},
        {"n": None},
        {"n": 7},
        {"n": "$$$"},
        {"kid": ["key-1"]},
        {"kid": 7},
    ],
    ids=str,
)
def test_threat_10_a_key_that_is_not_for_this(
    verify: Any, signer: Any, claims: Any, publisher: Any, refused: Any, change: Any
) -> None:
    publisher.keys = [signer.jwk | change]
    with refused(KeySetError):
        verify(signer.sign(claims))


@pytest.mark.parametrize("bits", [1024, 2040])
def test_threat_10_a_key_too_short(
    verify: Any, new_signer: Any, claims: Any, publisher: Any, refused: Any, bits: int
) -> None:
    weak = new_signer("weak", bits)
    publisher.keys = [weak.jwk]
    with refused(KeySetError):
        verify(weak.sign(claims))


def test_threat_10_a_key_so_long_that_it_takes_for_ever(
    verify: Any, signer: Any, claims: Any, publisher: Any, refused: Any
) -> None:
    huge = base64.urlsafe_b64encode(b"\xff" * 40_000).decode().rstrip("=")
    publisher.keys = [signer.jwk | {"n": huge}]
    begun = time.perf_counter()
    with refused(KeySetError):
        verify(signer.sign(claims))
    assert time.perf_counter() - begun < 1


def test_threat_10_a_key_of_another_kind(
    verify: Any, signer: Any, claims: Any, publisher: Any, refused: Any
) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    publisher.keys = [
        json.loads(jwt.algorithms.ECAlgorithm.to_jwk(private.public_key())) | {"kid": "key-1"}
    ]
    with refused(KeySetError):
        verify(signer.sign(claims))


@pytest.mark.parametrize("keys", [[], None, {}, "x", [None, 7, "x", []], [{}]], ids=str)
def test_threat_10_a_key_set_without_keys(
    verify: Any, signer: Any, claims: Any, publisher: Any, refused: Any, keys: Any
) -> None:
    publisher.keys = keys
    with refused(KeySetError):
        verify(signer.sign(claims))


def test_threat_10_signed_by_somebody_else(
    verify: Any, new_signer: Any, claims: Any, refused: Any
) -> None:
    with refused(IdTokenSignatureError):
        verify(new_signer("key-1").sign(claims))


@pytest.mark.parametrize("part", [0, 1, 2])
def test_threat_10_changed_after_it_was_signed(
    verify: Any, signer: Any, claims: Any, refused: Any, part: int
) -> None:
    parts = signer.sign(claims, x=1).split(".")
    other = signer.sign(claims | {"name": "Eve"}, x=2).split(".")
    parts[part] = other[part]
    with refused(IdTokenSignatureError):
        verify(".".join(parts))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: "",
        lambda token: token.split(".")[0],
        lambda token: token.rpartition(".")[0],
        lambda token: token.rpartition(".")[0] + ".",
        lambda token: token + ".x",
        lambda token: token + "==",
        lambda token: token + "\n",
        lambda token: " " + token,
        lambda token: token.replace(".", "..", 1),
        lambda token: token.replace(".", ".!", 1),
        lambda token: token.replace("e", "\u0435", 1),
        lambda token: "." + token.partition(".")[2],
        lambda token: "A" + token,
        lambda token: "\ud800" + token,
        lambda token: token + "A" * (1 << 17),
    ],
    ids=range(15),
)
def test_threat_10_a_token_out_of_form(
    verify: Any, signer: Any, claims: Any, publisher: Any, refused: Any, spoil: Any
) -> None:
    with refused(IdTokenMalformedError):
        verify(spoil(signer.sign(claims)))
    assert publisher.fetches == 0


@pytest.mark.parametrize(
    "header",
    [
        '{"alg": "RS256", "alg": "none", "kid": "key-1"}',
        '{"alg": "none", "alg": "RS256", "kid": "key-1"}',
        '{"alg": "RS256", "kid": "key-2", "kid": "key-1"}',
        "[]",
        "null",
        "{",
        '{"alg": "RS256", "kid": "key-1", "x": NaN}',
    ],
)
def test_threat_10_a_header_that_readers_read_differently(
    verify: Any, signer: Any, claims: Any, refused: Any, header: str
) -> None:
    with refused(IdTokenMalformedError):
        verify(signer.sign_parts(header, claims))


@pytest.mark.parametrize("pointer", ["jku", "x5u", "jwk", "x5c"])
def test_threat_11_a_header_that_brings_its_own_key(
    verify: Any, other_signer: Any, claims: Any, refused: Any, hostile: Any, pointer: str,
    publisher: Any,
) -> None:  # fmt: skip
    own = {"jwk": other_signer.jwk, "x5c": ["AAAA"]}.get(pointer, f"{hostile.url}/keys")
    with refused(IdTokenSignatureError):
        verify(other_signer.sign(claims, kid="key-1", **{pointer: own}))
    with refused(IdTokenKeyError):
        verify(other_signer.sign(claims, **{pointer: own}))
    assert hostile.requests == []
    assert publisher.fetches <= 2


@pytest.mark.parametrize("b64", [False, None, 0, "false"])
def test_threat_11_a_content_that_is_not_base64(
    verify: Any, signer: Any, claims: Any, refused: Any, b64: object
) -> None:
    """RFC 7797, which needs a ``crit``; a reader who knows it would read other claims."""
    header = json.dumps({"alg": "RS256", "kid": "key-1", "b64": b64})
    with refused(IdTokenMalformedError):
        verify(signer.sign_parts(header, claims))


@pytest.mark.parametrize("crit", [[], ["exp"], ["b64"], None, "exp"])
def test_threat_11_an_extension_that_must_be_understood(
    verify: Any, signer: Any, claims: Any, publisher: Any, refused: Any, crit: object
) -> None:
    header = json.dumps({"alg": "RS256", "kid": "key-1", "crit": crit, "b64": False})
    with refused(IdTokenMalformedError):
        verify(signer.sign_parts(header, claims))
    assert publisher.fetches == 0


@pytest.mark.parametrize(
    "kid",
    [
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "../../../../etc/passwd",
        "/dev/null",
        "key-1'; DROP TABLE keys",
        "key-1\x00",
        "KEY-1",
        "",
        "k" * 10_000,
    ],
    ids=lambda kid: kid[:20],
)
def test_threat_11_a_key_id_that_is_something_else(
    verify: Any, signer: Any, claims: Any, publisher: Any, refused: Any, kid: str
) -> None:
    with refused(IdTokenKeyError):
        verify(signer.sign(claims, kid=kid))
    assert publisher.fetches == 2, "the tenant's own key set, and once more for the unknown key"


@pytest.mark.parametrize("kid", ["null", "7", "true", '["key-1"]', '{"a": 1}'])
def test_threat_11_a_key_id_that_is_no_text(
    verify: Any, signer: Any, claims: Any, publisher: Any, refused: Any, kid: str
) -> None:
    with refused(IdTokenMalformedError):
        verify(signer.sign_parts(f'{{"alg": "RS256", "kid": {kid}}}', claims))
    assert publisher.fetches == 0


@pytest.mark.usefixtures("stopped")
@pytest.mark.parametrize(
    ("claim", "offset", "error", "said"),
    [
        ("exp", -61, IdTokenExpiredError, "61 seconds"),
        ("exp", -86400 * 9, IdTokenExpiredError, "9 days"),
        ("iat", 62, IdTokenTimeError, "seconds in the future"),
        ("iat", 7200, IdTokenTimeError, "2 hours in the future"),
        ("nbf", 300, IdTokenTimeError, "5 minutes in the future"),
    ],
)
def test_threat_27_clocks_that_differ_by_too_much(
    verify: Any, signer: Any, claims: Any, refused: Any, claim: str, offset: int, error: Any,
    said: str,
) -> None:  # fmt: skip
    claims[claim] = int(time.time()) + offset
    with refused(error) as refusal:
        verify(signer.sign(claims))
    assert said in refusal.value.message


@pytest.mark.parametrize("leeway", [0, 600])
def test_threat_27_a_leeway_is_as_large_as_it_was_made(
    verify: Callable[..., Any], signer: Any, claims: Any, settings: Any, refused: Any, leeway: int
) -> None:
    claims["exp"] = time.time() - leeway - 1
    with refused(IdTokenExpiredError):
        verify(signer.sign(claims), settings=dataclasses.replace(settings, leeway=leeway))
