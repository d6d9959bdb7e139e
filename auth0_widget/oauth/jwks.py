"""The tenant's public signing keys (JWKS), cached for all kernels of one user.

The cache is in memory and on disk, so that restoring a session needs no request. An unknown key ID
causes a new fetch, because the tenant may have rotated its keys. The number of fetches is limited,
because an attacker can make key IDs up. (PyJWKClient has a fixed pause instead, in which it refuses
a key that was rotated right after a fetch.)
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from typing import TYPE_CHECKING, Any

from auth0_widget.base.forks import forks_deferred, new_locks_after_fork
from auth0_widget.base.private_files import MAX_FILE, cache_file, read_private, write_private
from auth0_widget.base.strict_json import is_unicode, json_object
from auth0_widget.errors import ConfigurationError, IdTokenKeyError, KeySetError, UnreachableError

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    from auth0_widget.oauth.client import Tenant

log = logging.getLogger(__name__)

MAX_KEY_SET_AGE = 24 * 3600
"""Seconds for which a key set is used without a new fetch."""

STALE_IF_ERROR = 7 * 24 * 3600
"""Seconds for which an old key set is used where a new fetch fails (as in RFC 5861, 4)."""

MAX_FETCHES = 4
"""Fetches within `FETCH_WINDOW`, at most."""

FETCH_WINDOW = 60
"""Seconds in which fetches are counted."""

PREFETCH_PAUSE = 600
"""Seconds after a fetch in which clicks on Log in cause no other one. In a class whose tenant is
overloaded, people click again and again."""

MIN_RSA_BITS = 2048
"""The smallest size of a key (RFC 7518, 3.3)."""

MAX_RSA_BITS = 8192
"""The largest size of a key. Larger ones make each verification slow."""

MAX_KEYS = 32
"""Entries of a key set that are used. Auth0 publishes two."""

# The members of an entry that are stored on disk.
_STORED_MEMBERS = ("kty", "n", "e", "kid", "use", "key_ops", "alg")


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
        """The RS256 key with this ID. Without an ID, the key of a set that has only one.

        Raises:
            IdTokenKeyError: The key set has no such key, or several keys and no ID was given.
            KeySetError: The tenant sent no key set, or one without a usable key.
            UnreachableError: No key set is cached, and the tenant could not be asked.
            ConfigurationError: No key set is cached, and the proxy or the certificates that the
                environment names cannot be used.
        """
        with self._lock:
            self._ensure_keys()
            found = self._find(kid)
            if found is None:
                self._load()  # another kernel may have stored the new key
                found = self._find(kid)
            if found is None and self._may_fetch():
                self._fetch()
                found = self._find(kid)
        if found is None:
            raise IdTokenKeyError
        return found

    def prefetch(self) -> None:
        """Fetch the keys while a person logs in, also if some are cached.

        When the response comes, the newest keys are there, and so is an open connection to the
        tenant, for the exchange of the code. A failure is logged; `key` will raise it again if no
        keys are cached. Nothing is sent within `PREFETCH_PAUSE` of another fetch: Auth0 limits the
        requests for the key set, which is an endpoint of its Authentication API (Auth0 docs, "Rate
        Limit Configurations: Free": 20 a second, of 300 a minute in all).
        """
        try:
            with self._lock:
                self._ensure_keys()
                if self._fetches and time.monotonic() - self._fetches[-1] < PREFETCH_PAUSE:
                    return
                self._count_fetch()
                asked_at = time.time()
            # Without the lock, so that nobody who needs a cached key waits for the tenant.
            entries = usable_keys(self._tenant.signing_keys())
            with self._lock:
                if self._fetched_at <= asked_at:  # else another thread has fetched newer ones
                    self._replace_keys(entries)
        except (ConfigurationError, KeySetError, UnreachableError) as error:
            log.info("the signing keys could not be fetched ahead of time: %s", error.code)

    def _find(self, kid: str | None) -> RSAPublicKey | None:
        if kid is None:
            # A token needs no key ID where the set has one key (OpenID Connect Core 10.1).
            every = [key for keys in self._keys.values() for key in keys]
            return every[0] if len(every) == 1 else None
        named = self._keys.get(kid, [])
        return named[0] if len(named) == 1 else None

    def _may_fetch(self) -> bool:
        now = time.monotonic()
        return len([at for at in self._fetches if now - at < FETCH_WINDOW]) < MAX_FETCHES

    def _count_fetch(self) -> None:
        self._fetches = [*self._fetches[1 - MAX_FETCHES :], time.monotonic()]

    def _ensure_keys(self) -> None:
        if self._age() >= MAX_KEY_SET_AGE or not self._keys:
            self._load()
        if self._age() < MAX_KEY_SET_AGE and self._keys:
            return
        try:
            if self._failure is not None and not self._may_fetch():
                raise self._failure
            self._fetch()
        except (ConfigurationError, KeySetError, UnreachableError):
            if not self._keys or self._age() >= STALE_IF_ERROR:
                raise
            log.info("the signing keys could not be fetched; the cached ones are used")

    def _age(self) -> float:
        age = time.time() - self._fetched_at
        return age if age >= 0 else float("inf")  # the clock was set back

    def _fetch(self) -> None:
        self._count_fetch()
        try:
            entries = usable_keys(self._tenant.signing_keys())
        except (KeySetError, UnreachableError) as error:
            self._failure = error
            raise
        self._replace_keys(entries)

    def _replace_keys(self, entries: list[tuple[dict[str, str], RSAPublicKey]]) -> None:
        self._failure = None
        self._keys, self._fetched_at = _by_kid(entries), time.time()
        stored = {"fetched_at": self._fetched_at, "keys": [entry for entry, _ in entries]}
        if not write_private(self._path, json.dumps(stored).encode()):
            log.info("the signing keys could not be stored: each kernel will fetch them")

    def _load(self) -> None:
        stored = json_object(read_private(self._path) or b"", limit=MAX_FILE) or {}
        fetched_at = stored.get("fetched_at")
        if isinstance(fetched_at, (int, float)) and self._fetched_at < fetched_at <= time.time():
            try:
                self._keys = _by_kid(usable_keys(stored))
            except KeySetError:
                return
            self._fetched_at = float(fetched_at)

    @property
    def _path(self) -> Path | None:
        digest = hashlib.sha256(self._tenant.settings.issuer.encode()).hexdigest()
        return cache_file(f"keys-{digest[:24]}.json")


def usable_keys(key_set: dict[str, Any]) -> list[tuple[dict[str, str], RSAPublicKey]]:
    """The RS256 keys of a set, each with its entry. Entries that cannot be used are left out."""
    listed = key_set.get("keys")
    usable = []
    for entry in listed[:MAX_KEYS] if isinstance(listed, list) else []:
        key = _rsa_key(entry)
        if key is not None:
            usable.append(({name: entry[name] for name in _STORED_MEMBERS if name in entry}, key))
    if not usable:
        raise KeySetError("The tenant's key set holds no key that can verify RS256.")
    return usable


def _by_kid(
    entries: list[tuple[dict[str, str], RSAPublicKey]],
) -> dict[str | None, list[RSAPublicKey]]:
    keys: dict[str | None, list[RSAPublicKey]] = {}
    for entry, key in entries:
        keys.setdefault(entry.get("kid"), []).append(key)
    return keys


def _rsa_key(entry: object) -> RSAPublicKey | None:
    with forks_deferred():  # loaded by Tenant.import_libraries when a widget is shown
        import jwt  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: PLC0415

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
        # With alg RS256, PyJWK accepts RSA keys only.
        key = jwt.PyJWK({**entry, "alg": "RS256"}).key
    except (jwt.PyJWTError, ValueError, TypeError, ArithmeticError):
        return None
    # RSAPublicKey: a private key is refused, because anybody could sign with a published one.
    if not isinstance(key, RSAPublicKey) or not MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
        return None
    return key


def _may_verify(entry: dict[str, Any]) -> bool:
    """Whether ``key_ops``, if present, contains ``verify`` (RFC 7517, 4.3)."""
    operations = entry.get("key_ops", ["verify"])
    return isinstance(operations, list) and "verify" in operations
