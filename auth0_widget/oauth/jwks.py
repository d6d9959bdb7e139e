"""The tenant's public signing keys: fetched seldom, shared by the kernels of one user.

A key set is kept in memory and in the user's cache directory, so that restoring a session asks
the tenant nothing. An unknown key ID causes a new fetch, which is how a rotated key is found,
but only so often: made-up key IDs must not become a flood (PyJWKClient's fixed cool-down would
instead refuse a key that was rotated right after a fetch).
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from auth0_widget.base.forks import new_locks_after_fork
from auth0_widget.base.private_files import MAX_FILE, cache_file, read_private, write_private
from auth0_widget.base.strict_json import is_unicode, json_object
from auth0_widget.errors import ConfigurationError, IdTokenKeyError, KeySetError, UnreachableError

if TYPE_CHECKING:
    from pathlib import Path

    from auth0_widget.oauth.client import Tenant

log = logging.getLogger(__name__)

FRESH = 24 * 3600
"""Seconds for which a key set is believed without asking again."""

STALE = 7 * 24 * 3600
"""Seconds for which an old key set still serves when the tenant cannot be asked."""

FETCHES = 4
"""Fetches after which unknown key IDs and failures cause no more within one FETCH_WINDOW."""

FETCH_WINDOW = 60
"""Seconds."""

MIN_RSA_BITS = 2048
"""RFC 7518, 3.3."""

MAX_RSA_BITS = 8192
"""A larger key only makes each verification slow."""

MAX_KEYS = 32
"""Entries of a key set that are looked at; Auth0 publishes two."""

_PUBLIC = ("kty", "n", "e", "kid", "use", "key_ops", "alg")  # the members that are ever stored


class JwksCache:
    """The signing keys of one tenant. Safe to use from several threads."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._lock = threading.Lock()
        self._keys: dict[str | None, list[RSAPublicKey]] = {}
        self._fetched_at = 0.0
        self._fetches: list[float] = []
        self._failure: KeySetError | UnreachableError | None = None
        new_locks_after_fork(self)

    def key(self, kid: str | None) -> RSAPublicKey:
        """The RS256 key with this ID; with none given, the only key of a set of one.

        Raises:
            IdTokenKeyError: The tenant publishes no such key, or several and none was named.
            KeySetError: The tenant's key set is not one, or holds no usable key.
            UnreachableError: No key set is cached and the tenant could not be asked.
            ConfigurationError: Nor is one cached, and the environment's proxy or certificates
                cannot be used.
        """
        with self._lock:
            self._ensure_keys()
            found = self._find(kid)
            if found is None:
                self._load()  # another kernel may have met the new key before us
                found = self._find(kid)
            if found is None and self._may_fetch():
                self._fetch()
                found = self._find(kid)
        if found is None:
            raise IdTokenKeyError
        return found

    def warm(self) -> None:
        """Have the keys at hand; what goes wrong here will be said when a key is needed."""
        try:
            with self._lock:
                self._ensure_keys()
        except (ConfigurationError, KeySetError, UnreachableError) as error:
            log.info("signing keys not warmed: %s", error.code)

    def _find(self, kid: str | None) -> RSAPublicKey | None:
        if kid is None:
            # RFC 7517 lets a set of one key go without an ID; with several, guessing is not ours.
            every = [key for keys in self._keys.values() for key in keys]
            return every[0] if len(every) == 1 else None
        named = self._keys.get(kid, [])
        return named[0] if len(named) == 1 else None

    def _may_fetch(self) -> bool:
        now = time.monotonic()
        self._fetches = [at for at in self._fetches if now - at < FETCH_WINDOW]
        return len(self._fetches) < FETCHES

    def _ensure_keys(self) -> None:
        if self._age() >= FRESH or not self._keys:
            self._load()
        if self._age() < FRESH and self._keys:
            return
        try:
            if self._failure is not None and not self._may_fetch():
                raise self._failure
            self._fetch()
        except (ConfigurationError, KeySetError, UnreachableError):
            if not self._keys or self._age() >= STALE:
                raise
            log.info("signing keys could not be renewed; the cached ones serve on")

    def _age(self) -> float:
        age = time.time() - self._fetched_at
        return age if age >= 0 else float("inf")  # a time in the future is no time at all

    def _fetch(self) -> None:
        self._fetches.append(time.monotonic())
        try:
            entries = _usable_entries(self._tenant.signing_keys())
        except (KeySetError, UnreachableError) as error:
            self._failure = error
            raise
        self._failure = None
        self._keys, self._fetched_at = _by_id(entries), time.time()
        stored = {"fetched_at": self._fetched_at, "keys": [entry for entry, _ in entries]}
        if not write_private(self._path, json.dumps(stored).encode()):
            log.info("signing keys not cached on disk: a new kernel will fetch them again")

    def _load(self) -> None:
        stored = json_object(read_private(self._path) or b"", limit=MAX_FILE) or {}
        fetched_at = stored.get("fetched_at")
        if isinstance(fetched_at, (int, float)) and self._fetched_at < fetched_at <= time.time():
            try:
                self._keys = _by_id(_usable_entries(stored))
            except KeySetError:
                return
            self._fetched_at = float(fetched_at)

    @property
    def _path(self) -> Path | None:
        digest = hashlib.sha256(self._tenant.settings.issuer.encode()).hexdigest()
        return cache_file(f"keys-{digest[:24]}.json")


def _usable_entries(key_set: dict[str, Any]) -> list[tuple[dict[str, str], RSAPublicKey]]:
    """The RS256 keys of a set. A bad key is left out, so that it cannot poison the rest."""
    listed = key_set.get("keys")
    usable = []
    for entry in listed[:MAX_KEYS] if isinstance(listed, list) else []:
        key = _rsa_key(entry)
        if key is not None:
            usable.append(({name: entry[name] for name in _PUBLIC if name in entry}, key))
    if not usable:
        raise KeySetError("The tenant's key set holds no key that can verify RS256.")
    return usable


def _by_id(
    entries: list[tuple[dict[str, str], RSAPublicKey]],
) -> dict[str | None, list[RSAPublicKey]]:
    keys: dict[str | None, list[RSAPublicKey]] = {}
    for entry, key in entries:
        keys.setdefault(entry.get("kid"), []).append(key)
    return keys


def _rsa_key(entry: object) -> RSAPublicKey | None:
    if (
        not isinstance(entry, dict)
        or entry.get("use", "sig") != "sig"
        or not _may_verify(entry)
        or entry.get("alg", "RS256") != "RS256"
        or not isinstance(kid := entry.get("kid", ""), str)
        or not is_unicode(kid)
    ):
        return None
    try:
        # As a key for RS256 it must be RSA, whatever else it says.
        key = jwt.PyJWK({**entry, "alg": "RS256"}).key
    except (jwt.PyJWTError, ValueError, TypeError, ArithmeticError):
        return None
    # A private key is refused too: whoever can read the key set could have signed with it.
    if not isinstance(key, RSAPublicKey) or not MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
        return None
    return key


def _may_verify(entry: dict[str, Any]) -> bool:
    """Whether ``key_ops``, where it is there, lists ``verify`` (RFC 7517, 4.3)."""
    operations = entry.get("key_ops", ["verify"])
    return isinstance(operations, list) and "verify" in operations
