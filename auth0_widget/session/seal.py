"""The seal of a stored record: an HMAC with a key that only this user's kernels have."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any

from auth0_widget.base.private_files import data_file, read_private, write_private

_SEAL_KEY_BYTES = 32


def seal_of(fields: dict[str, Any], seal_key: bytes) -> str:
    """The seal of these fields: HMAC-SHA256 (RFC 2104) over their canonical JSON, as base64url."""
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
    digest = hmac.new(seal_key, canonical, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode()


def seal_key() -> bytes:
    """The key with which this user's kernels seal records. The first call creates it.

    If the key cannot be stored in a file, each kernel has a key of its own. It then asks the tenant
    about the records of other kernels.
    """
    path = data_file("seal.key")
    stored = read_private(path)
    if stored is not None and len(stored) == _SEAL_KEY_BYTES:
        return stored
    write_private(path, secrets.token_bytes(_SEAL_KEY_BYTES))
    # Two kernels may write at the same time. Reading the file again makes both use the same key,
    # unless the other kernel writes after this line; then this kernel has a key of its own.
    stored = read_private(path)
    return stored if stored is not None and len(stored) == _SEAL_KEY_BYTES else _FALLBACK


_FALLBACK = secrets.token_bytes(_SEAL_KEY_BYTES)
