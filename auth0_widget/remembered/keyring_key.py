"""The key that encrypts remembered logins. It is stored in the system's keyring.

The logins themselves are not stored there: an entry of the Windows keyring has 2560 bytes at most,
and a file can be replaced completely or not at all.
"""

from __future__ import annotations

import importlib.util

from auth0_widget.errors import KeyringError, MissingExtraError

SERVICE, NAME = "auth0-widget", "remembered logins"
"""The name of the entry in the keyring."""


def keyring_is_installed() -> bool:
    """Whether the extra ``keyring`` is installed."""
    return importlib.util.find_spec("keyring") is not None


def keyring_key(*, create: bool) -> bytes:
    """The key, for Fernet.

    Args:
        create: Whether to create a key if there is none.

    Raises:
        KeyringError: There is no keyring, it is locked, it failed, or it has no key.
        MissingExtraError: The package ``keyring`` is not installed.
    """
    if not keyring_is_installed():
        raise MissingExtraError("keyring")
    import keyring  # noqa: PLC0415 - an optional extra
    from keyring.backends.fail import Keyring as NoKeyring  # noqa: PLC0415 - as well

    if isinstance(keyring.get_keyring(), NoKeyring):
        raise KeyringError("There is no keyring that this process can use.")
    try:
        key = keyring.get_password(SERVICE, NAME)
        if key is None and create:
            keyring.set_password(SERVICE, NAME, _new_key())
            key = keyring.get_password(SERVICE, NAME)
    except Exception as error:  # noqa: BLE001 - the backends raise errors of their own
        raise KeyringError(
            f"The system's keyring failed ({type(error).__name__}): it may be locked."
        ) from None
    if key is None:
        raise KeyringError
    return key.encode()


def _new_key() -> str:
    from cryptography.fernet import Fernet  # noqa: PLC0415 - it takes time to import

    return Fernet.generate_key().decode()
