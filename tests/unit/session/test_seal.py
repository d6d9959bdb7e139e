from __future__ import annotations

from typing import TYPE_CHECKING

import platformdirs
import pytest

from auth0_widget.base.private_files import read_private, write_private
from auth0_widget.session import seal
from auth0_widget.session.seal import seal_key

if TYPE_CHECKING:
    from pathlib import Path


def test_the_seal_key_is_made_once(private_home: Path) -> None:
    key = seal_key()
    assert len(key) == 32
    assert seal_key() == key
    assert read_private(private_home / "data" / "auth0-widget" / "seal.key") == key


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33])
def test_a_seal_key_of_another_length_is_made_anew(private_home: Path, content: bytes) -> None:
    write_private(private_home / "data" / "auth0-widget" / "seal.key", content)
    assert len(seal_key()) == 32
    assert seal_key() == seal_key() != content


def test_a_seal_key_that_others_have_seen_is_made_anew(private_home: Path) -> None:
    key = seal_key()
    (private_home / "data" / "auth0-widget" / "seal.key").chmod(0o644)
    assert seal_key() != key


def test_where_none_can_be_stored_the_kernel_has_one_for_its_lifetime(private_home: Path) -> None:
    (private_home / "data").write_text("in the way")
    assert len(seal_key()) == 32
    assert seal_key() == seal_key()


def test_a_seal_key_of_another_length_that_cannot_be_replaced_seals_nothing(
    private_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_private(private_home / "data" / "auth0-widget" / "seal.key", b"short")
    monkeypatch.setattr(seal, "write_private", lambda *_: False)
    assert len(seal_key()) == 32


@pytest.mark.parametrize("folder", [None, "~/.local/share"])
def test_a_user_without_a_home_directory_has_a_key_and_no_folder_beside_the_notebook(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: str | None
) -> None:
    def user_data_path(_name: str) -> Path:
        if folder is None:
            raise RuntimeError
        return type(tmp_path)(folder)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(platformdirs, "user_data_path", user_data_path)
    assert len(seal_key()) == 32
    assert seal_key() == seal_key()
    assert list(tmp_path.iterdir()) == []
