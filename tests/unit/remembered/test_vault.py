"""The private file of a remembered login, its lock, and the key in the system's keyring."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from auth0_widget.errors import KeyringError, RememberingError
from auth0_widget.remembered import keyring_key, vault
from auth0_widget.remembered.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from keyrings import MemoryKeyring


def path_of(home: Path) -> Path:
    """Where the vault of these tests has its text."""
    return home / "data" / "auth0-widget" / "logins" / "login.json"


def test_what_is_written_is_read_by_another(private_home: Path) -> None:
    assert Vault("login", "file").read() is None
    with Vault("login", "file").locked():
        Vault("login", "file").write("Ada Łukasiewicz")
    assert Vault("login", "file").read() == "Ada Łukasiewicz"
    assert "Łukasiewicz" in json.loads(path_of(private_home).read_bytes())["plain"]
    Vault("login", "file").remove()
    assert Vault("login", "file").read() is None


def test_its_state_changes_with_each_text() -> None:
    one = Vault("login", "file")
    states = [one.state]
    for text in ("a", "b", "c"):
        one.write(text)
        states.append(one.state)
    assert states[0] is None
    assert len(set(states)) == 4


def test_a_text_that_is_too_large_is_not_written() -> None:
    one = Vault("login", "file")
    one.write("before")
    with pytest.raises(RememberingError, match="too large"):
        one.write("x" * (1 << 18))
    assert one.read() == "before"


def test_a_disk_without_room_leaves_what_was_there(
    private_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Vault("login", "file")
    one.write("before")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(RememberingError, match="No space left"):
        one.write("after")
    assert one.read() == "before"
    assert [each.name for each in path_of(private_home).parent.iterdir()] == ["login.json"]


def test_a_lock_that_another_has_for_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "LOCK_SECONDS", 0.05)
    one = Vault("login", "file")
    refused: list[RememberingError] = []

    def come_too() -> None:
        with pytest.raises(RememberingError, match="Another process") as refusal:
            one.locked().__enter__()
        refused.append(refusal.value)

    with one.locked():
        other = threading.Thread(target=come_too)
        other.start()
        other.join()
    assert refused[0].passing
    with one.locked():
        pass


STOP_IN_MID_WRITE = """
import os, time
from auth0_widget.remembered.vault import Vault
def stop(_):
    print("writing", flush=True)
    time.sleep(600)
vault, os.fsync = Vault("login", "file"), stop
with vault.locked():
    vault.write("after")
"""

WRITE_AND_WRITE = """
import itertools
from auth0_widget.remembered.vault import Vault
vault = Vault("login", "file")
for number in itertools.count():
    with vault.locked():
        assert vault.read() is None or len(vault.read()) == 60_000
        vault.write(chr(97 + number % 26) * 60_000)
    if number == 0:
        print("writing", flush=True)
"""


def killed(program: str, seconds: float = 0) -> None:
    """Run a program, and kill it so many seconds after it has begun to write."""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"writing\n"
        threading.Event().wait(seconds)
        writer.kill()


def test_a_process_that_is_killed_in_mid_write_loses_nothing(private_home: Path) -> None:
    one, folder = Vault("login", "file"), path_of(private_home).parent
    one.write("before")
    killed(STOP_IN_MID_WRITE)
    assert (folder / "login.json.new").read_text() == '{"version": 1, "plain": "after"}'
    assert one.read() == "before"
    with one.locked():  # the system has let go of it
        one.write("later")
    assert one.read() == "later"
    assert not (folder / "login.json.new").exists(), "what was left of it is removed"


def test_killed_at_any_moment_the_text_is_whole() -> None:
    one = Vault("login", "file")
    for number in range(8):
        killed(WRITE_AND_WRITE, number / 5_000)
        text = one.read()
        assert text is not None
        assert (len(text), len(set(text))) == (60_000, 1)
        with one.locked():
            one.write("x" * 60_000)


class TestWithAKeyring:
    def test_the_file_is_of_no_use_without_the_key(
        self, memory_keyring: MemoryKeyring, private_home: Path
    ) -> None:
        Vault("login", "machine").write("the refresh token")
        assert b"refresh" not in path_of(private_home).read_bytes()
        assert Vault("login", "machine").read() == "the refresh token"
        memory_keyring.entries.clear()
        with pytest.raises(KeyringError):
            Vault("login", "machine").read()
        assert path_of(private_home).exists(), "it may be good"

    def test_there_is_one_key_for_all_logins(self, memory_keyring: MemoryKeyring) -> None:
        for name in ("one", "other"):
            Vault(name, "machine").write(name)
        assert list(memory_keyring.entries) == [("auth0-widget", "remembered logins")]
        assert Vault("one", "machine").read() == "one"

    def test_another_key_opens_nothing(
        self, memory_keyring: MemoryKeyring, private_home: Path
    ) -> None:
        Vault("login", "machine").write("text")
        memory_keyring.entries[keyring_key.SERVICE, keyring_key.NAME] = keyring_key._new_key()
        with pytest.raises(RememberingError, match="damaged"):
            Vault("login", "machine").read()
        assert path_of(private_home).exists()

    def test_an_entry_of_somebody_elses_in_its_place(self, memory_keyring: MemoryKeyring) -> None:
        memory_keyring.entries[keyring_key.SERVICE, keyring_key.NAME] = "a password"
        with pytest.raises(RememberingError, match="is not a key"):
            Vault("login", "machine").write("text")

    @pytest.mark.parametrize("name", ["get_password", "set_password"])
    def test_a_keyring_that_is_locked(
        self, memory_keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        monkeypatch.setattr(memory_keyring, name, _locked)
        one = Vault("login", "machine")
        with pytest.raises(KeyringError, match="may be locked") as refusal:
            one.write("text")
        assert refusal.value.passing
        assert "remember='file'" in refusal.value.next_step
        assert one.read() is None, "it does not take the file unless that was said"

    def test_no_keyring_at_all(self, no_keyring: Callable[[], None]) -> None:
        no_keyring()
        with pytest.raises(KeyringError, match="There is no keyring"):
            Vault("login", "machine").write("text")
        Vault("login", "file").write("text")
        assert Vault("login", "machine").read() == "text"

    def test_file_by_name_does_not_ask_for_the_key(
        self, memory_keyring: MemoryKeyring, private_home: Path
    ) -> None:
        Vault("login", "machine").write("text")
        memory_keyring.asked.clear()
        with pytest.raises(RememberingError, match="is encrypted"):
            Vault("login", "file").read()
        assert not memory_keyring.asked
        assert path_of(private_home).exists()


def test_without_the_extra_the_machine_has_a_plain_file(
    private_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (vault, keyring_key):
        monkeypatch.setattr(module, "keyring_is_installed", lambda: False)
    Vault("login", "machine").write("text")
    assert json.loads(path_of(private_home).read_bytes()) == {"version": 1, "plain": "text"}


@pytest.mark.usefixtures("memory_keyring")
def test_without_the_extra_an_encrypted_file_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Vault("login", "machine").write("text")
    for module in (vault, keyring_key):
        monkeypatch.setattr(module, "keyring_is_installed", lambda: False)
    with pytest.raises(RememberingError, match=r"auth0-widget\[keyring\]"):
        Vault("login", "machine").read()


def _locked(*_: object) -> None:
    raise RuntimeError("the collection is locked")
