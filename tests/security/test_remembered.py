"""Threat 47: what lies on this machine of a login that it remembers, and what is believed of it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from auth0_widget.errors import IdTokenSubjectError, RememberingError
from auth0_widget.remembered.remembered_login import RememberedLogin
from auth0_widget.remembered.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant


@pytest.fixture
def path(private_home: Path) -> Path:
    return private_home / "data" / "auth0-widget" / "logins" / "login.json"


@pytest.fixture
def process(new_kernel: Callable[..., Kernel]) -> Callable[..., Kernel]:
    """A process that has this machine remember its login."""

    def start(**changed: Any) -> Kernel:
        kernel = new_kernel(**changed)
        RememberedLogin(kernel.login, Vault("login", "file"))
        return kernel

    return start


@pytest.fixture
def remembered(process: Callable[..., Kernel]) -> Kernel:
    """One with Ada's login, which is remembered."""
    kernel = process()
    kernel.log_in("ada@example.com")
    return kernel


def change(path: Path, **changed: Any) -> None:
    """Change members of what is stored."""
    entry = json.loads(json.loads(path.read_text())["plain"])
    path.write_text(json.dumps({"version": 1, "plain": json.dumps(entry | changed)}))


def change_record(path: Path, **changed: Any) -> None:
    """Change members of the record in it."""
    entry = json.loads(json.loads(path.read_text())["plain"])
    change(path, record=json.dumps(json.loads(entry["record"]) | changed))


@pytest.mark.usefixtures("remembered")
def test_threat_47_only_its_owner_may_read_it(path: Path, shown: Any) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert not [each for each in path.parent.iterdir() if each.stat().st_mode & 0o077]
    shown("owner only")


@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize("mode", [0o644, 0o660, 0o606, 0o602])
def test_threat_47_a_file_that_others_may_touch(
    path: Path, process: Callable[..., Kernel], refused: Any, mode: int
) -> None:
    path.chmod(mode)
    with refused(RememberingError):
        process()
    assert path.exists()


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o707])
def test_threat_47_a_folder_that_others_may_enter(path: Path, refused: Any, mode: int) -> None:
    path.parent.mkdir(parents=True)
    path.parent.chmod(mode)
    with refused(RememberingError):
        Vault("login", "file")


@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_threat_47_something_else_in_the_place_of_the_file(
    path: Path, process: Callable[..., Kernel], refused: Any, kind: str
) -> None:
    real = path.rename(path.with_name("real"))
    make = {"link": lambda: path.symlink_to(real), "pipe": lambda: os.mkfifo(path, 0o600)}
    make.get(kind, path.mkdir)()
    with refused(RememberingError):
        process()


def test_threat_47_a_link_in_the_place_of_the_folder(
    path: Path, tmp_path: Path, refused: Any
) -> None:
    path.parent.parent.mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    path.parent.symlink_to(tmp_path / "elsewhere")
    with refused(RememberingError):
        Vault("login", "file")


def test_threat_47_a_link_in_the_place_of_the_lock(
    path: Path, tmp_path: Path, refused: Any
) -> None:
    vault, precious = Vault("login", "file"), tmp_path / "precious"
    precious.write_text("precious")
    path.with_suffix(".lock").symlink_to(precious)
    with refused(RememberingError), vault.locked():
        pass
    assert precious.read_text() == "precious"


def test_threat_47_a_link_in_the_place_of_the_new_file(path: Path, tmp_path: Path) -> None:
    vault, precious = Vault("login", "file"), tmp_path / "precious"
    precious.write_text("precious")
    path.with_name("login.json.new").symlink_to(precious)
    vault.write("text")
    assert (precious.read_text(), vault.read()) == ("precious", "text")


@pytest.mark.usefixtures("remembered")
def test_threat_47_another_users_file(
    path: Path, refused: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = Vault("login", "file")
    monkeypatch.setattr(os, "getuid", lambda: path.stat().st_uid + 1)
    with refused(RememberingError):
        vault.read()


@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 4096,
        b"{}",
        b"[]",
        b'{"version": 2, "plain": "{}"}',
        b'{"version": 1, "plain": {}}',
        b'{"version": 1, "plain": "{}"}',
        b'{"version": 1, "plain": "{}", "more": NaN}',
        b'{"version": 1, "encrypted": "gAAAAA"}',
        b'{"version": 1, "plain": "' + b"[" * 100_000 + b'"}',
        b"x" * (1 << 19),
    ],
    ids=lambda content: repr(content[:30]),
)
def test_threat_47_what_is_no_entry_is_not_trusted_and_not_deleted(
    path: Path, process: Callable[..., Kernel], refused: Any, content: bytes
) -> None:
    path.write_bytes(content)
    with refused(RememberingError) as refusal:
        process()
    assert path.read_bytes() == content
    assert str(path.parents[3]) not in str(refusal.value)


@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize(
    "changed",
    [
        {"refresh_token": ""},
        {"refresh_token": 7},
        {"refresh_token": None},
        {"superseded": None},
        {"superseded": [""]},
        {"record": None},
        {"record": "{}"},
        {"record": "[" * 100},
    ],
    ids=str,
)
def test_threat_47_a_member_that_is_malformed(
    path: Path, process: Callable[..., Kernel], refused: Any, changed: dict[str, Any]
) -> None:
    change(path, **changed)
    with refused(RememberingError):
        process()


@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "https://evil.example/"},
        {"client_id": "another"},
        {"audience": "https://api.example"},
        {"organization": "org_1"},
    ],
    ids=str,
)
def test_threat_47_the_entry_of_another_application(
    path: Path, process: Callable[..., Kernel], refused: Any, changed: dict[str, Any]
) -> None:
    change_record(path, **changed)
    with refused(RememberingError):
        process()


@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize(
    "changed", [{"profile": {"sub": "somebody else"}}, {"id_token": "a.b.c"}], ids=str
)
def test_threat_47_an_entry_whose_person_is_not_proven(
    path: Path,
    process: Callable[..., Kernel],
    tenant: LocalTenant,
    shown: Any,
    changed: dict[str, Any],
) -> None:
    change_record(path, **changed)
    before = path.read_bytes()
    tenant.requests.clear()
    assert process().login.session is None
    assert tenant.requests.total == 0
    assert path.read_bytes() == before
    shown("not taken up, left")


def test_threat_47_another_persons_refresh_token(
    path: Path, process: Callable[..., Kernel], remembered: Kernel, refused: Any
) -> None:
    adas = path.read_bytes()
    remembered.login.logout()
    graces = process()
    graces.log_in("grace@example.com")
    stolen = json.loads(json.loads(path.read_text())["plain"])["refresh_token"]
    path.write_bytes(adas)
    change(path, refresh_token=stolen)
    session = process().login.session
    assert session is not None
    assert session.user.email == "ada@example.com"
    with refused(IdTokenSubjectError):
        session.renew()
    assert session.user.email == "ada@example.com"


def test_threat_47_a_logout_leaves_no_token_on_the_disk(
    path: Path, remembered: Kernel, private_home: Path, shown: Any
) -> None:
    entry = json.loads(json.loads(path.read_text())["plain"])
    path.with_name("login.json.new").write_bytes(path.read_bytes())  # of a killed process
    remembered.login.logout()
    record = json.loads(entry["record"])
    secrets = (entry["refresh_token"], record["access_token"], record["id_token"])
    files = [each for each in private_home.rglob("*") if each.is_file()]
    assert path in files, "it looks in the right place"
    for file in files:
        content = file.read_text(errors="replace")
        assert not any(secret in content for secret in secrets), file
    shown("removed and revoked")


def test_threat_47_nothing_is_stored_unless_it_was_asked_for(
    kernel: Kernel, path: Path, shown: Any
) -> None:
    kernel.log_in()
    assert not path.parent.exists()
    shown("no file")


VISITED = """
from auth0_widget import LoginWidget
login = LoginWidget()
print(login.session, login._login.settings.remember)
"""


@pytest.mark.usefixtures("remembered")
def test_threat_47_a_variable_makes_no_visitor_of_a_program_this_person(
    tenant: LocalTenant, path: Path, shown: Any
) -> None:
    kernel_name = next(path.parent.glob("*.json"))
    assert kernel_name.name == "login.json"
    done = subprocess.run(
        [sys.executable, "-c", VISITED],
        env=os.environ | tenant.environment | {"AUTH0_WIDGET_REMEMBER": "file"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["None", "None"]
    shown("not taken up")
