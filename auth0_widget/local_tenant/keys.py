"""The tenant's signing keys, and JWTs that are signed with them, valid and invalid ones."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

if TYPE_CHECKING:
    from collections.abc import Mapping

HMAC_HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


class SigningKey:
    """An RSA key of 2048 bits and its key ID."""

    def __init__(self) -> None:
        self.kid = secrets.token_urlsafe(16)
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def jwk(self) -> dict[str, Any]:
        """The public half as Auth0 publishes it (RFC 7517)."""
        jwk: dict[str, Any] = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {
            "kty": jwk["kty"],
            "use": "sig",
            "n": jwk["n"],
            "e": jwk["e"],
            "kid": self.kid,
            "alg": "RS256",
        }


class KeyRing:
    """The current key, and the older ones that are still published. They are made on first use.

    Attributes:
        members: Merged over each published key; None as a value removes a member.
    """

    def __init__(self) -> None:
        self._keys: list[SigningKey] = []
        self._lock = threading.Lock()
        self.members: dict[str, Any] = {}

    @property
    def current(self) -> SigningKey:
        """The key that signs now."""
        with self._lock:
            if not self._keys:
                self._keys.append(SigningKey())
            return self._keys[0]

    def rotate(self, *, keep_old: bool) -> None:
        """Sign with a new key from now on; ``keep_old`` leaves the old ones in the key set."""
        new = SigningKey()
        with self._lock:
            self._keys = [new, *self._keys] if keep_old else [new]

    def jwks(self) -> dict[str, Any]:
        """The published key set (RFC 7517 section 5)."""
        current = self.current
        with self._lock:
            jwks = [key.jwk() | self.members for key in self._keys or [current]]
        return {"keys": [{k: v for k, v in jwk.items() if v is not None} for jwk in jwks]}

    def sign(
        self,
        claims: Mapping[str, Any],
        *,
        headers: Mapping[str, Any] | None = None,
        key: Any = None,  # noqa: ANN401 - a private key of the cryptography package, or bytes
        algorithm: str = "RS256",
    ) -> str:
        """A JWT in compact form (RFC 7515), without a library's checks, see `Controls.sign`."""
        current = self.current
        header: dict[str, Any] = {"alg": algorithm, "typ": "JWT", "kid": current.kid}
        header = {k: v for k, v in {**header, **(headers or {})}.items() if v is not None}
        message = b".".join(_encode(json.dumps(part).encode()) for part in (header, dict(claims)))
        if algorithm.lower() == "none":
            signature = b""
        elif algorithm in HMAC_HASHES:
            secret = key.encode() if isinstance(key, str) else key
            signature = hmac.new(secret, message, HMAC_HASHES[algorithm]).digest()
        else:
            signer = jwt.get_algorithm_by_name(algorithm)
            signature = signer.sign(message, current.private if key is None else key)
        return (message + b"." + _encode(signature)).decode()


def _encode(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
