"""Encrypted ID tokens (RFC 7516), which a tenant can be set to issue."""

from __future__ import annotations

from joserfc import jwe
from joserfc.jwk import OctKey


def encrypted(token: str) -> str:
    """An encrypted token, in five parts, that contains this signed one (RFC 7519 5.2, "cty").

    Nobody has the key to decrypt it (OpenID Connect Core 2).
    """
    header = {"alg": "dir", "enc": "A256GCM", "cty": "JWT"}
    return jwe.encrypt_compact(header, token, OctKey.generate_key(256))
