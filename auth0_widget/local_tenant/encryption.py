"""Encrypted tokens (RFC 7516): what a tenant hands out that encrypts its ID tokens."""

from __future__ import annotations

from joserfc import jwe
from joserfc.jwk import OctKey


def encrypted(token: str) -> str:
    """The signed token inside an encrypted one, in five parts (RFC 7519 5.2, "cty").

    Nobody has the key: who gets one can only tell that it is encrypted (OpenID Connect Core 2).
    """
    header = {"alg": "dir", "enc": "A256GCM", "cty": "JWT"}
    return jwe.encrypt_compact(header, token, OctKey.generate_key(256))
