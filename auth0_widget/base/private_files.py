"""Small files that only this user may read or write.

A kernel trusts the content of these files (the seal key, the cached JWKS). A file that another user
can read or write is therefore treated as absent.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_FILE = 1 << 18
"""Bytes. A larger file is treated as absent."""

_NOFOLLOW: int = getattr(os, "O_NOFOLLOW", 0)  # Windows has neither of these two
_NONBLOCK: int = getattr(os, "O_NONBLOCK", 0)


def data_file(name: str) -> Path | None:
    """The path of a data file of this user, or None for a user without a home directory."""
    return _in_folder(platformdirs.user_data_path, name)


def cache_file(name: str) -> Path | None:
    """The path of a cache file of this user, or None for a user without a home directory."""
    return _in_folder(platformdirs.user_cache_path, name)


def _in_folder(folder: Callable[[str], Path], name: str) -> Path | None:
    try:
        path = folder("auth0-widget") / name
    except RuntimeError:
        return None
    # Older versions of platformdirs return "~/…" instead, which would be a folder of that name.
    return path if path.is_absolute() else None


def read_private(path: Path | None) -> bytes | None:
    """The content of a file, or None if it does not exist, is too large, or is not private."""
    if path is None:
        return None
    try:
        return load_private(path)
    except OSError:
        return None


def load_private(path: Path) -> bytes:
    """The content of a file, for callers that must know why it cannot be read.

    Raises:
        FileNotFoundError: It does not exist.
        OSError: It is too large, not private, not a regular file, or unreadable.
    """
    # O_NOFOLLOW: a link could lead to any file. O_NONBLOCK: opening a pipe could block.
    descriptor = os.open(path, os.O_RDONLY | _NOFOLLOW | _NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or not _is_private(status):
            raise PermissionError(errno.EPERM, "other users may read or write it")
        content = file.read(MAX_FILE + 1)
    if len(content) > MAX_FILE:
        raise OSError(errno.EFBIG, "it is too large")
    return content


def write_private(path: Path | None, content: bytes) -> bool:
    """Replace the content of a file atomically. Returns whether that succeeded."""
    if path is None:
        return False
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


def make_private_folder(path: Path) -> None:
    """Create a folder that only this user may enter. If it exists, check that it is one.

    Raises:
        OSError: It cannot be created, or other users may enter it.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode) or not _is_private(status):
        raise PermissionError(errno.EPERM, "other users may enter it")


def replace_private(path: Path, content: bytes) -> None:
    """Replace the content of a file completely or not at all, even if the machine stops.

    The caller must hold a lock, because all callers use the same temporary file. If a process was
    killed while it wrote that file, the next call removes it.

    Raises:
        OSError: It cannot be written. Its content has not changed.
    """
    temporary = _temporary(path)
    descriptor = _open_new(temporary)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def check_replaceable(path: Path) -> None:
    """Check that `replace_private` may replace the file, and `remove_private` may remove it.

    Raises:
        OSError: Nothing can be written into its folder.
    """
    os.close(_open_new(_temporary(path)))
    _temporary(path).unlink()


def remove_private(path: Path) -> None:
    """Remove a file of `replace_private`, and its temporary file if there is one.

    Raises:
        OSError: It cannot be removed.
    """
    for each in (_temporary(path), path):
        each.unlink(missing_ok=True)


def _temporary(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


def _open_new(path: Path) -> int:
    """Create a file, in place of one that a killed process may have left there."""
    path.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW
    return os.open(path, flags, stat.S_IRUSR | stat.S_IWUSR)


def _is_private(status: os.stat_result) -> bool:
    if os.name == "nt":
        return True  # on Windows, the permissions of the user's folders apply
    return status.st_uid == os.getuid() and not status.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
