"""The private file in which this machine remembers one login, and its lock.

The file is ``{"version": 1, "plain": "…"}``. With a key in the system's keyring, it is
``{"version": 1, "encrypted": "…"}``. A file that cannot be read may still be good, so it causes an
error and is not changed.
"""

from __future__ import annotations

import json
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from auth0_widget.base.private_files import (
    MAX_FILE,
    check_replaceable,
    data_file,
    load_private,
    make_private_folder,
    remove_private,
    replace_private,
)
from auth0_widget.base.strict_json import json_object
from auth0_widget.errors import MissingExtraError, RememberingError
from auth0_widget.remembered.keyring_key import keyring_is_installed, keyring_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auth0_widget.config import Remember

LOCK_SECONDS = 60.0
"""How long a process waits for the lock. A renewal at a slow tenant takes less."""

_VERSION = 1


class Vault:
    """Stores one text for all processes of this user.

    Args:
        name: The name of the file, without its ending.
        remember: Whether to use the keyring if it is installed.

    Raises:
        RememberingError: There is no folder that only this user may enter.
    """

    def __init__(self, name: str, remember: Remember) -> None:
        path = data_file(f"logins/{name}.json")
        if path is None:
            raise RememberingError("This user has no home directory.")
        self._path = path
        self._remember = remember
        try:
            make_private_folder(path.parent)
        except OSError as error:
            raise _unusable("The folder of remembered logins", path.parent, error) from None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock. The system releases it if the process is killed.

        Raises:
            RememberingError: Another thread or process holds it for too long, or it cannot be used.
        """
        # Imported here: it takes a tenth of a second, and most logins are not remembered.
        from filelock import FileLock, Timeout  # noqa: PLC0415

        lock = FileLock(self._path.with_suffix(".lock"), timeout=LOCK_SECONDS, mode=0o600)
        try:
            lock.acquire()
        except Timeout:
            raise RememberingError(
                f"Another process has used the remembered login for {LOCK_SECONDS:.0f} seconds."
            ) from None
        except OSError as error:
            raise _unusable("The lock of the remembered login", self._path, error) from None
        try:
            yield
        finally:
            lock.release()

    @property
    def state(self) -> tuple[int, ...] | None:
        """A value that differs after each `write`. None if the file does not exist."""
        try:
            status = self._path.lstat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    def read(self) -> str | None:
        """The text, or None if there is none.

        Raises:
            RememberingError: The file cannot be read or decrypted.
        """
        try:
            content = load_private(self._path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unusable("The remembered login", self._path, error) from None
        match json_object(content, limit=MAX_FILE):
            case {"version": 1, "plain": str(text)}:
                return text
            case {"version": 1, "encrypted": str(text)}:
                return self._decrypted(text)
        raise self.damaged()

    def write(self, text: str, *, secret: bool = True) -> None:
        """Replace the text completely or not at all. The caller must hold the lock.

        Args:
            text: The text.
            secret: Whether to encrypt it.

        Raises:
            RememberingError: It cannot be written or encrypted.
        """
        encrypted = secret and self._remember == "machine" and keyring_is_installed()
        stored = {"encrypted": _encrypted(text)} if encrypted else {"plain": text}
        content = json.dumps({"version": _VERSION} | stored).encode()
        if len(content) > MAX_FILE:
            raise RememberingError("This login is too large to be remembered.")
        try:
            replace_private(self._path, content)
        except OSError as error:
            raise _unusable("The remembered login", self._path, error) from None

    def check_replaceable(self) -> None:
        """Check that the text can be replaced or removed. The caller must hold the lock.

        Raises:
            RememberingError: It cannot.
        """
        try:
            check_replaceable(self._path)
        except OSError as error:
            raise _unusable("The folder of remembered logins", self._path.parent, error) from None

    def remove(self) -> None:
        """Remove the text. The caller must hold the lock."""
        with suppress(OSError):
            remove_private(self._path)

    def damaged(self) -> RememberingError:
        """The error for a text that this version cannot interpret."""
        return RememberingError(
            "The remembered login is damaged, or of another version of auth0-widget.",
            next_step=f"Delete {_shown(self._path)} and log in again.",
        )

    def _decrypted(self, text: str) -> str:
        from cryptography.fernet import Fernet, InvalidToken  # noqa: PLC0415 - slow to import

        if self._remember == "file":
            raise RememberingError(
                "The remembered login is encrypted with a key in the system's keyring.",
                next_step=f"Pass remember='machine', or delete {_shown(self._path)}.",
            )
        try:
            return Fernet(keyring_key(create=False)).decrypt(text.encode()).decode()
        except (InvalidToken, ValueError):
            raise self.damaged() from None
        except MissingExtraError as error:
            raise RememberingError(error.message, next_step=error.next_step) from None


def _encrypted(text: str) -> str:
    from cryptography.fernet import Fernet  # noqa: PLC0415 - slow to import

    try:
        return Fernet(keyring_key(create=True)).encrypt(text.encode()).decode()
    except ValueError:
        raise RememberingError(
            "The entry 'auth0-widget' in the system's keyring is not a key.",
            next_step="Remove that entry from the keyring and log in again.",
        ) from None


def _unusable(what: str, path: Path, error: OSError) -> RememberingError:
    return RememberingError(
        f"{what}, {_shown(path)}, cannot be used: {error.strerror or error}.",
        next_step="Check that it is yours, that no other user may read or write it (chmod go=), "
        "and that the disk is not full.",
    )


def _shown(path: Path) -> str:
    """The path, without the home directory, because that contains the name of the user."""
    try:
        return f"~/{path.relative_to(Path.home()).as_posix()}"
    except (ValueError, RuntimeError):
        return path.name
