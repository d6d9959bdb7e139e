"""Small files that only this user may read or write: the seal key and the key cache.

Both decide what a kernel believes, so a file that somebody else could have read or written
counts as absent.
"""

from __future__ import annotations

import os
import secrets
import stat
import tempfile
from pathlib import Path

import platformdirs

MAX_FILE = 1 << 18
_SEAL_KEY_BYTES = 32
_NOFOLLOW: int = getattr(os, "O_NOFOLLOW", 0)  # these two are not on Windows
_NONBLOCK: int = getattr(os, "O_NONBLOCK", 0)


def read_private(path: Path) -> bytes | None:
    """The file's content, or None when it is absent, too large, or not ours alone."""
    try:
        # A link could name anything, and opening a pipe without O_NONBLOCK would wait for ever.
        descriptor = os.open(path, os.O_RDONLY | _NOFOLLOW | _NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or not _only_ours(status):
                return None
            content = file.read(MAX_FILE + 1)
    except OSError:
        return None
    return content if len(content) <= MAX_FILE else None


def write_private(path: Path, content: bytes) -> bool:
    """Store the content whole or not at all, for this user only; whether that worked."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError:
        return False
    return True


def seal_key() -> bytes:
    """The key that seals this user's session records, made on first use.

    Where it cannot be stored, each kernel has its own for its lifetime, and a record from
    another kernel is confirmed by asking the tenant instead.
    """
    path = platformdirs.user_data_path("auth0-widget") / "seal.key"
    stored = read_private(path)
    if stored is not None and len(stored) == _SEAL_KEY_BYTES:
        return stored
    write_private(path, secrets.token_bytes(_SEAL_KEY_BYTES))
    # Two kernels may write at once. If the other comes last and we have read ours, it counts as if
    # ours could not be stored.
    stored = read_private(path)
    return stored if stored is not None and len(stored) == _SEAL_KEY_BYTES else _FALLBACK


_FALLBACK = secrets.token_bytes(_SEAL_KEY_BYTES)


def _only_ours(status: os.stat_result) -> bool:
    if os.name == "nt":
        return True  # there, a user's own directories are private by inheritance
    return status.st_uid == os.getuid() and not status.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
