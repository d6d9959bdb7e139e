from __future__ import annotations

import os
import pathlib
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
import pytest

from auth0_widget.base.private_files import (
    MAX_FILE,
    cache_file,
    data_file,
    read_private,
    write_private,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def no_home(*_: object) -> Path:
    raise RuntimeError  # as platformdirs does since 4.4


def unexpanded(name: str) -> Path:
    return pathlib.Path("~/.local/share") / name  # as before


def test_what_is_written_is_read_and_nobody_else_s(tmp_path: Path) -> None:
    path = tmp_path / "new" / "directory" / "file"
    assert write_private(path, b"content")
    assert read_private(path) == b"content"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert write_private(path, b"changed")
    assert read_private(path) == b"changed"
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o640, 0o604, 0o610, 0o601, 0o666])
def test_a_file_that_others_may_touch_counts_as_absent(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "file"
    write_private(path, b"content")
    path.chmod(mode)
    assert read_private(path) is None


def test_a_file_of_somebody_else_counts_as_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_private(path, b"content")
    monkeypatch.setattr(os, "getuid", lambda: path.stat().st_uid + 1)
    assert read_private(path) is None


def test_links_pipes_and_directories_count_as_absent(tmp_path: Path) -> None:
    target, link, pipe = tmp_path / "target", tmp_path / "link", tmp_path / "pipe"
    write_private(target, b"content")
    link.symlink_to(target)
    os.mkfifo(pipe, 0o600)
    assert read_private(target) == b"content"
    assert [read_private(path) for path in (link, pipe, tmp_path, tmp_path / "none")] == [None] * 4


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_private(path, b"x" * MAX_FILE)
    assert len(read_private(path) or b"") == MAX_FILE
    write_private(path, b"x" * (MAX_FILE + 1))
    assert read_private(path) is None


def test_no_more_than_the_limit_is_ever_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_private(path, b"")
    os.truncate(path, 64 * MAX_FILE)
    tracemalloc.start()
    assert read_private(path) is None
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * MAX_FILE


def test_what_cannot_be_written_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert not write_private(tmp_path / "file" / "inside", b"content")

    def full(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(Path, "replace", full)
    assert not write_private(tmp_path / "other", b"content")
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == ["file"]


def test_a_private_path_is_in_the_user_s_own_folder(private_home: Path) -> None:
    assert data_file("key") == private_home / "data" / "auth0-widget" / "key"
    assert cache_file("key") == private_home / "cache" / "auth0-widget" / "key"


@pytest.mark.parametrize("find", [no_home, unexpanded])
def test_where_there_is_no_home_directory_nothing_is_read_or_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, find: Callable[..., Path]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(platformdirs, "user_data_path", find)
    path = data_file("key")
    assert path is None
    assert not write_private(path, b"content")
    assert read_private(path) is None
    assert list(tmp_path.iterdir()) == []
