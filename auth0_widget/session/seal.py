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
    """The key that seals this user's session records, made on first use.

    Where it cannot be stored, each kernel has its own for its lifetime, and a record from
    another kernel is confirmed by asking the tenant instead.
    """
    path = data_file("seal.key")
    stored = read_private(path)
    if stored is not None and len(stored) == _SEAL_KEY_BYTES:
        return stored
    write_private(path, secrets.token_bytes(_SEAL_KEY_BYTES))
    # Two kernels may write at once. If the other comes last and we have read ours, it counts as if
    # ours could not be stored.
    stored = read_private(path)
    return stored if stored is not None and len(stored) == _SEAL_KEY_BYTES else _FALLBACK


_FALLBACK = secrets.token_bytes(_SEAL_KEY_BYTES)
