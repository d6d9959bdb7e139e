"""Sockets of this user's own: where they are made, and what is left when they cannot be."""

from __future__ import annotations

import os
import socket
import stat
import tempfile
from pathlib import Path

import pytest

from auth0_widget.base.local_sockets import peer_is_this_user, private_socket


def test_it_is_bound_in_a_new_folder_that_only_this_user_may_enter() -> None:
    parent = Path(tempfile.mkdtemp())  # pytest's own paths are too long
    endpoint, path = private_socket("name", parent)
    with endpoint:
        assert path.parent.parent == parent
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert stat.S_ISSOCK(path.stat().st_mode)
    path.unlink()
    path.parent.rmdir()
    parent.rmdir()


def test_a_path_that_is_too_long_leaves_nothing_and_another_is_taken(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 120)
    endpoint, path = private_socket("name", long)
    endpoint.close()
    assert list(long.iterdir()) == []
    path.unlink()
    path.parent.rmdir()


def test_where_it_can_be_made_nowhere_the_last_reason_is_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> str:
        raise PermissionError

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    with pytest.raises(PermissionError):
        private_socket("name", tmp_path)


def test_another_users_process_is_told_from_this_users(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert peer_is_this_user(ours)
        monkeypatch.setattr(os, "getuid", lambda: 4711)
        assert not peer_is_this_user(ours)
