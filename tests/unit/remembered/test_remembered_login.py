"""One login for all processes of a user: what they leave on this machine, and find there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from lifetimes import end_in

from auth0_widget.base import background
from auth0_widget.errors import (
    Auth0WidgetError,
    RememberingError,
    SessionEndedError,
    SessionExpiredError,
    TokenRequestError,
)
from auth0_widget.local_tenant import Api
from auth0_widget.remembered import remembered_login
from auth0_widget.remembered.entry import Entry, dump_entry
from auth0_widget.remembered.remembered_login import RememberedLogin
from auth0_widget.remembered.vault import Vault
from auth0_widget.session.record import Tombstone

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant
    from auth0_widget.session.managed_session import ManagedSession
    from auth0_widget.session.session import Session


ARCHIVE = "https://archive.example.com/"


def full(_: int) -> None:
    """What a disk without room says."""
    raise OSError(28, "No space left on device")


def eventually(condition: Callable[[], bool]) -> None:
    """Wait until it is true."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "it never came true"
        threading.Event().wait(0.005)


class Process:
    """A process that has this machine remember its login."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel, self.login = kernel, kernel.login
        self.vault = Vault("login", "file")
        self.remembered = RememberedLogin(kernel.login, self.vault)

    @property
    def session(self) -> Session:
        session = self.login.session
        assert session is not None
        return session

    @property
    def managed(self) -> ManagedSession:
        return self.session._managed

    def log_in(self, email: str = "ada@example.com") -> Session:
        return self.kernel.log_in(email)

    def stored(self) -> dict[str, Any]:
        entry: dict[str, Any] = json.loads(self.vault.read() or "{}")
        return entry


class Later:
    """A process that stores later, at `go_on`, what it has to store while this is entered."""

    def __init__(self, process: Callable[[], Process], patch: pytest.MonkeyPatch) -> None:
        self.slow, self._patch = process(), patch
        self._at_once = background._start
        self._works: list[Callable[[], None]] = []

    def _start(self, work: Callable[[], None], *, daemon: bool = True) -> None:
        if daemon:
            work()
        else:  # what a program that ends waits for
            self._works.append(work)

    def __enter__(self) -> Process:
        self._patch.setattr(background, "_start", self._start)
        return self.slow

    def __exit__(self, *_: object) -> None:
        self._patch.setattr(background, "_start", self._at_once)

    def go_on(self) -> None:
        """Do all that waits."""
        for work in self._works:
            work()


@pytest.fixture
def process(new_kernel: Callable[..., Kernel]) -> Callable[[], Process]:
    return lambda: Process(new_kernel())


def test_a_login_is_left_to_the_machine_and_renewed(process: Callable[[], Process]) -> None:
    one = process()
    session = one.log_in()
    assert one.managed.refresh_token is None
    assert one.managed.kept_by == "machine"
    assert session.renewable
    before, stored = session.access_token, one.stored()["refresh_token"]
    session.renew()
    assert session.access_token != before
    assert one.stored()["refresh_token"] != stored, "it rotates"
    session.renew()


def test_another_process_has_it_and_asks_the_tenant_for_nothing(
    process: Callable[[], Process], tenant: LocalTenant
) -> None:
    first = process().log_in()
    tenant.requests.clear()
    second = process()
    assert second.session.user.email == "ada@example.com"
    assert second.session.access_token == first.access_token
    assert second.session.renewable
    assert tenant.requests.total == 0, "the signing keys are cached"


def test_one_that_comes_when_the_access_token_is_over_renews_it(
    process: Callable[[], Process], tenant: LocalTenant
) -> None:
    one = process()
    one.log_in()
    entry = one.remembered._read()
    assert isinstance(entry, Entry)
    one.remembered._write(
        replace(entry, record=replace(entry.record, access_token_expires_at=time.time()))
    )
    tenant.requests.clear()
    two, three = process(), process()
    assert two.session.access_token == three.session.access_token
    assert tenant.requests["/oauth/token"] == 1


def test_who_finds_the_tokens_changed_adopts_them(
    process: Callable[[], Process], tenant: LocalTenant
) -> None:
    one, two = process(), process()
    one.log_in()
    two.remembered.check()
    one.session.renew()
    tenant.requests.clear()
    end_in(two.session, 0)
    assert two.session.access_token == one.session.access_token
    assert tenant.requests["/oauth/token"] == 0


def test_a_logout_removes_the_tokens_and_revokes_them(
    process: Callable[[], Process], tenant: LocalTenant, private_home: Path
) -> None:
    one = process()
    session = one.log_in()
    secrets = [one.stored()["refresh_token"], session.access_token, session.id_token]
    revoked = tenant.requests["/oauth/revoke"]
    one.login.logout()
    assert tenant.requests["/oauth/revoke"] == revoked + 1
    for path in private_home.rglob("*"):
        content = path.read_text(errors="replace") if path.is_file() else ""
        assert not any(secret in content for secret in secrets), path
    assert process().login.session is None


def test_a_logout_elsewhere_ends_the_session_here(process: Callable[[], Process]) -> None:
    one, two = process(), process()
    one.log_in()
    two.remembered.check()
    session = two.session
    one.login.logout()
    two.remembered.check()
    assert two.login.session is None
    with pytest.raises(SessionEndedError):
        _ = session.access_token


def test_who_renews_after_a_logout_elsewhere_learns_of_it(process: Callable[[], Process]) -> None:
    one, two = process(), process()
    one.log_in()
    two.remembered.check()
    session = two.session
    one.login.logout()
    with pytest.raises(SessionEndedError):
        session.renew()
    assert two.login.status == "logged_out"


def test_a_logout_elsewhere_does_not_end_a_later_login(process: Callable[[], Process]) -> None:
    one, two = process(), process()
    one.log_in()
    two.remembered.check()
    one.login.logout()
    later = two.log_in()
    two.remembered.check()
    assert later.active
    assert two.managed.kept_by == "machine"


def test_a_logout_in_the_future_ends_no_login_and_is_overwritten_by_the_next(
    process: Callable[[], Process],
) -> None:
    one, two = process(), process()
    session = one.log_in()
    future = Tombstone(time.time() + one.login.settings.leeway + 60)
    one.vault.write(dump_entry(future, one.login.record_format), secret=False)
    one.remembered.check()
    assert session.active
    assert one.login.status == "authenticated"
    # The tombstone has replaced the refresh token.
    with pytest.raises(SessionExpiredError):
        session.renew()
    assert one.managed.no_renewal == "lost"
    two.log_in()
    assert two.managed.kept_by == "machine"
    one.remembered.check()
    session.renew()


def test_a_login_elsewhere_is_had_here(process: Callable[[], Process]) -> None:
    one, two = process(), process()
    assert two.login.session is None
    one.log_in()
    two.remembered.check()
    assert two.session.user.email == "ada@example.com"


def test_another_person_elsewhere_ends_the_session_here(
    process: Callable[[], Process], tenant: LocalTenant
) -> None:
    one, two = process(), process()
    one.log_in("ada@example.com")
    two.remembered.check()
    adas = two.session
    tenant.requests.clear()
    one.log_in("grace@example.com")
    assert tenant.requests["/oauth/revoke"] == 1, "nobody has Ada's any more"
    with pytest.raises(SessionEndedError):
        adas.renew()
    assert two.session.user.email == "grace@example.com"


def test_the_same_person_again_keeps_the_session_and_a_logout_revokes_both(
    process: Callable[[], Process], tenant: LocalTenant
) -> None:
    one, two = process(), process()
    one.log_in()
    two.remembered.check()
    session = two.session
    one.log_in()
    two.remembered.check()
    session.renew()
    tenant.requests.clear()
    two.login.logout()
    assert tenant.requests["/oauth/revoke"] == 2


def test_a_refused_refresh_token_is_remembered_no_longer(
    process: Callable[[], Process], tenant: LocalTenant, private_home: Path
) -> None:
    one, two = process(), process()
    session = one.log_in()
    two.remembered.check()
    left = private_home / "data" / "auth0-widget" / "logins" / "login.json.new"
    left.write_text("of a process that was killed")
    tenant.fail("token", "oauth_error", times=1)
    with pytest.raises(TokenRequestError):
        session.renew()
    assert not left.exists()
    assert session.access_token, "it is good all the same"
    assert not session.renewable
    with pytest.raises(SessionExpiredError):
        two.session.renew()
    assert two.managed.no_renewal == "lost"
    assert process().login.session is None


def test_what_a_logout_cannot_note_it_removes_all_the_same(
    process: Callable[[], Process], private_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = process()
    one.log_in()
    folder = private_home / "data" / "auth0-widget" / "logins"
    (folder / "login.json.new").write_bytes((folder / "login.json").read_bytes())  # of one killed
    monkeypatch.setattr("os.fsync", full)
    one.login.logout()
    assert [each.name for each in folder.iterdir()] == ["login.lock"]
    assert process().login.session is None


class TestWhatComesLate:
    """What a process does in the background may come after what another has done."""

    @pytest.fixture
    def later(self, process: Callable[[], Process], monkeypatch: pytest.MonkeyPatch) -> Later:
        return Later(process, monkeypatch)

    def test_a_login_after_a_logout(self, later: Later, process: Callable[[], Process]) -> None:
        with later as slow:
            session = slow.log_in()
        other = process()
        other.log_in()
        other.login.logout()
        later.go_on()
        assert not session.active
        assert "refresh_token" not in other.stored()

    def test_a_login_after_a_later_one(self, later: Later, process: Callable[[], Process]) -> None:
        with later as slow:
            slow.log_in("ada@example.com")
        process().log_in("grace@example.com")
        later.go_on()
        assert slow.session.user.email == "grace@example.com"
        assert process().session.user.email == "grace@example.com"

    def test_a_logout_after_a_later_login(
        self, later: Later, process: Callable[[], Process]
    ) -> None:
        slow = later.slow
        slow.log_in()
        with later:
            slow.login.logout()
            slow.remembered.check()
            assert slow.login.session is None, "it is not had again from what is stored still"
        process().log_in()
        later.go_on()
        slow.remembered.check()
        assert slow.session.active


def test_nobody_elses_tokens_are_given_for_a_session(process: Callable[[], Process]) -> None:
    one, two = process(), process()
    adas = one.log_in("ada@example.com")
    session_id, tokens = adas._managed.session_id, adas._managed.tokens
    two.log_in("grace@example.com")
    with pytest.raises(SessionEndedError, match="Another person"):
        one.remembered.renew(session_id, tokens)


@pytest.mark.parametrize(
    "trouble", ["unavailable", "http_error", "proxy_json", "answer_lost", "rate_limited"]
)
def test_passing_trouble_costs_nothing(
    process: Callable[[], Process], tenant: LocalTenant, trouble: Any
) -> None:
    tenant.application.refresh_token_overlap = 60
    one = process()
    session = one.log_in()
    tenant.fail("token", trouble, times=1)
    with pytest.raises(Auth0WidgetError) as failure:
        session._managed._renew_once()
    assert failure.value.passing
    assert process().session.renewable
    session.renew()


def test_where_the_renewed_login_cannot_be_stored_this_process_keeps_it(
    process: Callable[[], Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = process()
    session = one.log_in()

    with monkeypatch.context() as disk:
        disk.setattr("os.fsync", full)
        session.renew()
        assert one.managed.kept_by is None
        assert one.managed.refresh_token is not None
        assert one.vault.read() is None, "no process uses the refresh token that was exchanged"
    session.renew()
    assert one.managed.kept_by == "machine", "there is room again"


def test_where_nothing_can_be_replaced_no_refresh_token_is_redeemed(
    process: Callable[[], Process], tenant: LocalTenant, private_home: Path
) -> None:
    one = process()
    session = one.log_in()
    # Root may write into every folder. This stands in the way of each user.
    obstacle = private_home / "data" / "auth0-widget" / "logins" / "login.json.new"
    obstacle.mkdir()
    tenant.requests.clear()
    with pytest.raises(RememberingError, match="cannot be used"):
        session.renew()
    assert tenant.requests.total == 0
    assert session.access_token, "it is good all the same"
    obstacle.rmdir()
    session.renew()


def test_a_login_that_cannot_be_stored_is_told_and_works(
    process: Callable[[], Process],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    one = process()

    monkeypatch.setattr("os.fsync", full)
    session = one.log_in()
    assert "this machine does not remember this login" in caplog.text
    assert "No space left" in caplog.text
    assert session.renewable
    session.renew()


def test_what_cannot_be_read_is_told_at_once_and_left(
    process: Callable[[], Process], private_home: Path
) -> None:
    process().log_in()
    path = private_home / "data" / "auth0-widget" / "logins" / "login.json"
    path.write_text(path.read_text()[:-40])
    before = path.read_bytes()
    with pytest.raises(RememberingError, match="damaged") as refusal:
        process()
    assert "login.json" in refusal.value.next_step
    assert path.read_bytes() == before


def test_another_api_is_served_by_the_same_refresh_token(
    process: Callable[[], Process], tenant: LocalTenant
) -> None:
    tenant.apis.append(Api(ARCHIVE, "Archive", {"read:notes": "Read"}))
    tenant.application.refresh_token_policies = {ARCHIVE: ["read:notes"]}
    process().log_in()
    two = process()
    archive = two.session.for_audience(ARCHIVE, "read:notes")
    claims = jwt.decode(archive.access_token, options={"verify_signature": False})
    assert (claims["aud"], archive.scope) == (ARCHIVE, "read:notes")
    before = archive.access_token
    archive.renew()
    assert archive.access_token != before
    two.session.renew()
    assert process().session.access_token == two.session.access_token


def test_a_forked_child_stores_and_revokes_nothing(
    process: Callable[[], Process], tenant: LocalTenant
) -> None:
    one = process()
    one.log_in()
    before, revoked = one.vault.read(), tenant.requests["/oauth/revoke"]
    child = os.fork()
    if child == 0:  # the child
        one.login.logout()
        one.remembered.check()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert one.vault.read() == before
    assert tenant.requests["/oauth/revoke"] == revoked
    one.session.renew()


def test_a_process_checks_by_itself_whether_another_has_logged_in_or_out(
    process: Callable[[], Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered_login, "CHECK_SECONDS", 0.01)
    one, two = process(), process()
    one.log_in()
    eventually(lambda: two.login.session is not None)
    two.login.logout()
    eventually(lambda: one.login.session is None)


TWENTY_THREADS = """
import sys, threading
from dataclasses import replace
from auth0_widget import LoginWidget

login = LoginWidget(domain=sys.argv[1], client_id=sys.argv[2], remember="file")
session = login.wait(timeout=60)
managed = session._managed
print("ready", flush=True)
sys.stdin.readline()
managed._tokens = replace(managed._tokens, expires_at=0.0)
tokens = []
threads = [
    threading.Thread(target=lambda: tokens.append(session.access_token)) for _ in range(20)
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(tokens) == 20
print(*set(tokens), flush=True)
"""


def test_four_processes_of_twenty_threads_renew_once(tenant: LocalTenant) -> None:
    tenant.auto_approve = "ada@example.com"
    command = [sys.executable, "-c", TWENTY_THREADS, tenant.url, tenant.client_id]
    programs: list[subprocess.Popen[str]] = []
    try:
        for _ in range(4):
            program = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            programs.append(program)
            assert program.stdout is not None
            while program.stdout.readline() != "ready\n":
                assert program.poll() is None  # the first one prints a code, too
        assert tenant.requests["/oauth/token"] == 1, "one login for all of them"
        tenant.requests.clear()
        outputs = []
        for program in programs:
            assert program.stdin is not None
            program.stdin.write("\n")
            program.stdin.flush()
        outputs = [program.communicate(timeout=60)[0].split() for program in programs]
        assert {len(tokens) for tokens in outputs} == {1}
        assert len({tokens[0] for tokens in outputs}) == 1
        assert tenant.requests["/oauth/token"] == 1
    finally:
        for program in programs:
            program.kill()
            program.wait()
