from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from auth0_widget.errors import IdTokenKeyError, KeySetError, TenantDownError
from auth0_widget.oauth import jwks as keys_module
from auth0_widget.oauth.jwks import MAX_KEY_SET_AGE, STALE_IF_ERROR

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = 1_800_000_000


@pytest.fixture
def stopped() -> Any:
    """A clock that stands still, until its ``shift`` moves it."""
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def stored(private_home: Path) -> Callable[[], Path]:
    def path() -> Path:
        (found,) = (private_home / "cache" / "auth0-widget").iterdir()
        return found

    return path


def test_one_fetch_serves_many_verifications(publisher: Any, signer: Any) -> None:
    keys = publisher.cache()
    numbers = {keys.key("key-1").public_numbers() for _ in range(50)}
    assert numbers == {signer.private.public_key().public_numbers()}
    assert publisher.fetches == 1


def test_warming_saves_the_fetch_for_later(publisher: Any) -> None:
    keys = publisher.cache()
    keys.prefetch()
    keys.prefetch()
    assert keys.key("key-1")
    assert publisher.fetches == 1


def test_warming_brings_the_newest_keys_and_leaves_fetches_for_unknown_ones(
    publisher: Any, signer: Any, other_signer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    keys = publisher.cache()
    assert keys.key("key-1")
    publisher.keys = [other_signer.jwk]
    now += keys_module.PREFETCH_PAUSE
    for _ in range(keys_module.MAX_FETCHES):
        keys.prefetch()
    assert publisher.fetches == 2
    assert publisher.cache().key("key-2"), "other kernels have it, too"
    publisher.keys = [signer.jwk]
    assert keys.key("key-1")
    assert publisher.fetches == 3


@pytest.mark.parametrize("failure", [TenantDownError, KeySetError])
def test_warming_that_fails_leaves_the_cached_keys(
    publisher: Any, monkeypatch: pytest.MonkeyPatch, failure: Any
) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    keys = publisher.cache()
    assert keys.key("key-1")
    publisher.failure = failure()
    now += keys_module.PREFETCH_PAUSE
    keys.prefetch()
    assert publisher.fetches == 2
    assert keys.key("key-1")
    assert publisher.fetches == 2


def test_nobody_waits_for_warming_and_what_it_brings_late_replaces_nothing_newer(
    publisher: Any, other_signer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    keys = publisher.cache()
    assert keys.key("key-1")
    now += keys_module.PREFETCH_PAUSE
    asked, go_on = threading.Event(), threading.Event()
    old = {"keys": list(publisher.keys)}

    def slow() -> Any:
        asked.set()
        assert go_on.wait(60)
        return old

    with monkeypatch.context() as patch:
        patch.setattr(publisher, "signing_keys", slow)
        warming = threading.Thread(target=keys.prefetch)
        warming.start()
        assert asked.wait(60)
    publisher.keys = [other_signer.jwk]
    used = ThreadPoolExecutor()
    assert used.submit(keys.key, "key-1").result(60)
    assert used.submit(keys.key, "key-2").result(60)
    go_on.set()
    warming.join(60)
    used.shutdown()
    fetches = publisher.fetches
    assert keys.key("key-2")
    assert publisher.fetches == fetches


def test_warming_keeps_quiet_about_failures(
    publisher: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for failure in (TenantDownError(), KeySetError()):
        publisher.failure = failure
        publisher.cache().prefetch()
        assert failure.code in caplog.text


def test_other_kernels_of_the_user_need_no_fetch(publisher: Any) -> None:
    publisher.cache().prefetch()
    publisher.failure = TenantDownError()
    assert publisher.cache().key("key-1")
    assert publisher.fetches == 1


def test_another_process_reads_the_same_cache(publisher: Any, settings: Any) -> None:
    publisher.cache().prefetch()
    program = f"""
from types import SimpleNamespace
from auth0_widget.config import Settings
from auth0_widget.oauth.jwks import JwksCache
settings = Settings(origin={settings.origin!r}, client_id="another-client")
print(JwksCache(SimpleNamespace(settings=settings)).key("key-1").key_size)
"""
    run = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert run.stdout.strip() == "2048"


def test_each_tenant_has_a_cache_of_its_own(
    publisher: Any, settings: Any, private_home: Path
) -> None:
    publisher.cache().prefetch()
    publisher.settings = type(settings)(origin="https://other.auth0.com", client_id="x")
    publisher.cache().prefetch()
    assert publisher.fetches == 2
    assert len(list((private_home / "cache" / "auth0-widget").iterdir())) == 2


def test_only_public_members_are_stored_for_this_user_only(
    publisher: Any, signer: Any, other_signer: Any, stored: Callable[[], Path]
) -> None:
    publisher.keys = [
        signer.jwk | {"x5c": ["certificate"], "note": "x"},
        other_signer.private_jwk,
        {"kty": "oct", "k": "c2VjcmV0", "kid": "key-3"},
    ]
    publisher.cache().prefetch()
    path = stored()
    content = json.loads(path.read_text())
    assert content["keys"] == [signer.jwk]
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_published_private_key_verifies_nothing(publisher: Any, signer: Any) -> None:
    publisher.keys = [signer.private_jwk]
    with pytest.raises(KeySetError):
        publisher.cache().key("key-1")


@pytest.mark.parametrize(
    "content",
    [b"", b"x", b"[]", b"{}", b'{"fetched_at": 1e999, "keys": []}', b"[" * 100_000, b"\xff"],
    ids=lambda content: repr(content[:12]),
)
def test_a_damaged_cache_is_fetched_anew(
    publisher: Any, stored: Callable[[], Path], content: bytes
) -> None:
    publisher.cache().prefetch()
    stored().write_bytes(content)
    assert publisher.cache().key("key-1")
    assert publisher.fetches == 2
    assert publisher.cache().key("key-1")
    assert publisher.fetches == 2


@pytest.mark.usefixtures("stopped")
@pytest.mark.parametrize("fetched_at", [NOW + 1, "now", None, 0, NOW - MAX_KEY_SET_AGE])
def test_a_cache_without_a_believable_time_is_fetched_anew(
    publisher: Any, stored: Callable[[], Path], fetched_at: object
) -> None:
    publisher.cache().prefetch()
    content = json.loads(stored().read_text())
    stored().write_text(json.dumps(content | {"fetched_at": fetched_at}))
    assert publisher.cache().key("key-1")
    assert publisher.fetches == 2


@pytest.mark.usefixtures("stopped")
@pytest.mark.parametrize("fetched_at", [NOW + 1, NOW - 1])
def test_a_stored_set_that_is_not_newer_than_ours_or_of_the_future_brings_no_key(
    publisher: Any, other_signer: Any, stored: Callable[[], Path], fetched_at: int
) -> None:
    keys = publisher.cache()
    keys.prefetch()
    content = {"fetched_at": fetched_at, "keys": [other_signer.jwk]}
    path = stored()
    path.write_text(json.dumps(content))
    with pytest.raises(IdTokenKeyError):
        keys.key("key-2")


@pytest.mark.usefixtures("stopped")
@pytest.mark.parametrize("entries", [[], [{"kty": "oct"}], None])
def test_a_stored_set_without_a_usable_key_is_fetched_anew(
    publisher: Any, stored: Callable[[], Path], entries: object
) -> None:
    publisher.cache().prefetch()
    stored().write_text(json.dumps({"fetched_at": NOW, "keys": entries}))
    assert publisher.cache().key("key-1")
    assert publisher.fetches == 2


def test_only_the_first_entries_of_a_key_set_are_looked_at(publisher: Any, signer: Any) -> None:
    publisher.keys = [{}] * (keys_module.MAX_KEYS - 1) + [signer.jwk]
    assert publisher.cache().key("key-1")
    publisher.keys = [{}] * keys_module.MAX_KEYS + [signer.jwk]
    publisher.settings = type(publisher.settings)(origin="https://other.auth0.com", client_id="x")
    with pytest.raises(KeySetError):
        publisher.cache().key("key-1")


def test_keys_are_asked_for_again_after_a_day(publisher: Any, stopped: Any) -> None:
    keys = publisher.cache()
    assert keys.key("key-1")
    stopped.shift(MAX_KEY_SET_AGE - 1)
    assert keys.key("key-1")
    assert publisher.fetches == 1
    stopped.shift(1)
    assert keys.key("key-1")
    assert publisher.fetches == 2


def test_a_clock_that_was_set_back_makes_no_key_eternal(publisher: Any, stopped: Any) -> None:
    keys = publisher.cache()
    assert keys.key("key-1")
    stopped.shift(-1)
    assert keys.key("key-1")
    assert publisher.fetches == 2


def test_without_any_keys_an_outage_is_told(publisher: Any) -> None:
    publisher.failure = TenantDownError()
    with pytest.raises(TenantDownError):
        publisher.cache().key("key-1")


def test_old_keys_serve_on_for_a_week_and_no_longer(publisher: Any, stopped: Any) -> None:
    keys = publisher.cache()
    keys.prefetch()
    publisher.failure = TenantDownError()
    stopped.shift(STALE_IF_ERROR - 1)
    assert keys.key("key-1")
    stopped.shift(1)
    with pytest.raises(TenantDownError):
        keys.key("key-1")


def test_where_nothing_can_be_stored_memory_will_do(
    publisher: Any, private_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    (private_home / "cache").write_text("a file where the directory should be")
    keys = publisher.cache()
    assert keys.key("key-1")
    assert keys.key("key-1")
    assert publisher.fetches == 1
    assert "could not be stored" in caplog.text


def test_failures_are_not_asked_for_without_end_and_end_after_a_minute(
    publisher: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    publisher.failure = TenantDownError()
    keys = publisher.cache()
    for _ in range(20):
        with pytest.raises(TenantDownError):
            keys.key("key-1")
    assert publisher.fetches == keys_module.MAX_FETCHES
    publisher.failure = None
    now += keys_module.FETCH_WINDOW
    assert keys.key("key-1")


def test_a_failure_that_is_over_holds_nothing_up(publisher: Any, stopped: Any) -> None:
    keys = publisher.cache()
    publisher.failure = TenantDownError()
    keys.prefetch()
    publisher.failure = None
    for fetches in range(2, keys_module.MAX_FETCHES + 3):
        keys.prefetch()
        assert publisher.fetches == fetches
        stopped.shift(MAX_KEY_SET_AGE)


def test_an_unknown_key_of_a_known_tenant_is_told_as_that(publisher: Any) -> None:
    with pytest.raises(IdTokenKeyError):
        publisher.cache().key("key-of-somebody-else")


@pytest.mark.parametrize(
    "limit",
    [
        {"key_ops": ["encrypt"]},
        {"key_ops": []},
        {"key_ops": "verify"},
        {"key_ops": {"verify": True}},
        {"use": "enc"},
        {"alg": "RS512"},
        {"kid": "key-\ud83d"},
    ],
    ids=str,
)
def test_a_key_that_says_it_is_for_something_else_verifies_nothing(
    publisher: Any, signer: Any, other_signer: Any, limit: dict[str, Any]
) -> None:
    publisher.keys = [signer.jwk | limit, other_signer.jwk | {"key_ops": ["verify"]}]
    keys = publisher.cache()
    with pytest.raises(IdTokenKeyError):
        keys.key((signer.jwk | limit)["kid"])
    assert keys.key("key-2")


def test_what_limits_a_key_is_stored_with_it(
    publisher: Any, signer: Any, stored: Callable[[], Path]
) -> None:
    publisher.keys = [signer.jwk | {"key_ops": ["verify"]}]
    publisher.cache().prefetch()
    (entry,) = json.loads(stored().read_text())["keys"]
    assert entry["key_ops"] == ["verify"]
