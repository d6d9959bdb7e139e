"""How many ID tokens are verified in a second, beside a bare `jwt.decode` with the same key."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from measure import Row, Table

from auth0_widget.base.redaction import Secret
from auth0_widget.config import Settings
from auth0_widget.oauth.id_token import verify_id_token
from auth0_widget.oauth.jwks import JwksCache

if TYPE_CHECKING:
    from collections.abc import Callable

RUN, BLOCK = 2000, 100
"""Verifications of one run, and how many of a kind follow one another in it."""


class _Publisher:
    """A tenant's key set, without the tenant."""

    def __init__(self, settings: Settings, public: rsa.RSAPublicKey) -> None:
        self.settings = settings
        self._jwk = {
            **json.loads(RSAAlgorithm.to_jwk(public)),
            "kid": "key",
            "use": "sig",
            "alg": "RS256",
        }

    def signing_keys(self) -> dict[str, Any]:
        return {"keys": [self._jwk]}


def measure(runs: int) -> Table:
    """Blocks of verifications, in turn."""
    settings = Settings.resolve(domain="acme.eu.auth0.com", client_id="client")
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    now = int(time.time())
    claims = {
        "iss": settings.issuer,
        "aud": "client",
        "sub": "auth0|0123456789abcdef01234567",
        "iat": now,
        "exp": now + 36000,
        "nonce": "n" * 43,
        "sid": "s" * 32,
        "name": "Ada Lovelace",
        "nickname": "ada",
        "email": "ada@example.com",
        "email_verified": True,
        "picture": "https://example.com/ada.png",
        "updated_at": "2026-01-01T00:00:00.000Z",
    }
    token = jwt.encode(claims, private, algorithm="RS256", headers={"kid": "key"})
    public = private.public_key()
    jwks = JwksCache(_Publisher(settings, public))  # type: ignore[arg-type] # what it uses of a tenant
    secret = Secret(token)

    def bare() -> None:
        jwt.decode(token, public, algorithms=["RS256"], audience="client", issuer=settings.issuer)

    def ours() -> None:
        verify_id_token(secret, settings=settings, jwks=jwks, nonce="n" * 43)

    # The thread's own time: other programs may run on these cores.
    def cost(verify: Callable[[], None]) -> float:
        begun = time.thread_time()
        for _ in range(BLOCK):
            verify()
        return time.thread_time() - begun

    both: list[tuple[float, float]] = []
    for _ in range(runs + 1):
        pairs = [(cost(bare), cost(ours)) for _ in range(RUN // BLOCK)]
        both.append((sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)))
    both = both[1:]  # the first fills caches
    return Table(
        "Verification",
        f"An ID token as Auth0 signs it (RS256, 2048 bits, {len(token)} characters), by turns of "
        f"{BLOCK} in one process; the thread's own time. `jwt.decode` checks signature, issuer, "
        "audience, expiry; ours also nonce, subject, authorized party, times of all kinds, "
        "organization, the form of the token and of its JSON.",
        [
            Row("`jwt.decode` of PyJWT", [RUN / theirs for theirs, _ in both], "a second"),
            Row("`verify_id_token`", [RUN / ours for _, ours in both], "a second"),
            Row("ratio", [theirs / ours for theirs, ours in both], at_least=0.95),
        ],
    )
