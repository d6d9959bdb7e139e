"""One refresh token for all kernels of a user: kernels that share a keeper."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from lifetimes import end_in

from auth0_widget.base import background
from auth0_widget.config import KEEPER_VARIABLE
from auth0_widget.errors import AudienceNotGrantedError, KeeperError, SessionEndedError
from auth0_widget.keeper import channel, client, kept_login, messages
from auth0_widget.keeper import listener as listening
from auth0_widget.keeper.channel import KeeperAddress, connect
from auth0_widget.keeper.keeper import Keeper
from auth0_widget.keeper.kept_login import KeptLogin, keep_in_server
from auth0_widget.keeper.listener import Listener
from auth0_widget.keeper.messages import Done, Join, Keep, LogOut, Renew, Stored, to_json
from auth0_widget.local_tenant import Api
from auth0_widget.login.login import Login
from auth0_widget.session.factory import session_from_record
from auth0_widget.session.record import Tombstone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kernel import Kernel

    from auth0_widget.config import Flow
    from auth0_widget.keeper.channel import Connection
    from auth0_widget.local_tenant import LocalTenant
    from auth0_widget.session.session import Session


_START = background._start
ARCHIVE = "https://archive.example.com/"


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    made = Listener(Keeper().serve, tmp_path)
    yield made
    made.close()


@pytest.fixture
def kernels(
    new_kernel: Callable[..., Kernel], listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Kernel]:
    monkeypatch.setattr(background, "_start", _START)  # what is done in the background, is

    def start() -> Kernel:
        kernel = new_kernel()
        assert KeptLogin(kernel.login, listener.address_file).settled.wait(10)
        return kernel

    return start


def log_in(kernel: Kernel) -> Session:
    """A person logs in there."""
    response = kernel.tenant.sign_in(kernel.open())
    kernel.receive("authorization_response", response=response)
    eventually(lambda: kernel.login.session)
    session = kernel.login.session
    assert session is not None
    return session


def eventually(condition: Callable[[], Any]) -> None:
    """Wait until it is true."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "it never came true"
        threading.Event().wait(0.005)


def test_a_kernel_hands_its_refresh_token_over_and_forgets_it(
    kernels: Callable[[], Kernel],
) -> None:
    kernel = kernels()
    session = log_in(kernel)
    eventually(lambda: session._managed.refresh_token is None)
    assert session.renewable
    assert session._managed.kept_by == "server"
    before = session.access_token
    session.renew()
    assert session.access_token != before


def test_another_kernel_joins_without_a_click_and_renews(kernels: Callable[[], Kernel]) -> None:
    first = log_in(kernels())
    eventually(lambda: first._managed.refresh_token is None)
    second = kernels()
    eventually(lambda: second.login.session is not None)
    joined = second.login.session
    assert joined is not None
    assert joined.user.sub == first.user.sub
    assert joined.renewable
    assert joined._managed.no_renewal is None
    joined.renew()
    eventually(lambda: first.access_token == joined.access_token)


def test_an_address_file_that_is_another_users_is_no_keeper(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    # After `su` in a terminal. Root may look into every folder, but not at a name of this length.
    monkeypatch.setenv(KEEPER_VARIABLE, f"/{'x' * 5000}")
    assert not keep_in_server(kernel.login)


@pytest.mark.parametrize("flow", ["device", "client_credentials", "hub"])
def test_only_a_login_of_a_person_takes_up_a_persons_session(
    *,
    flow: Flow,
    kernels: Callable[[], Kernel],
    new_kernel: Callable[..., Kernel],
    listener: Listener,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = log_in(kernels())
    eventually(lambda: first._managed.refresh_token is None)
    other = new_kernel()
    login = Login(replace(other.settings, flow=flow))
    monkeypatch.setenv(KEEPER_VARIABLE, str(listener.address_file))
    keep_in_server(login)
    assert (login.session is not None) is (flow == "device")


def test_a_logout_in_one_kernel_ends_the_session_in_all(kernels: Callable[[], Kernel]) -> None:
    one, other = kernels(), kernels()
    session = log_in(one)
    eventually(lambda: other.login.session is not None)
    joined = other.login.session
    assert joined is not None
    other.login.logout()
    eventually(lambda: one.login.session is None)
    for ended in (session, joined):
        with pytest.raises(SessionEndedError):
            _ = ended.access_token


def test_a_kernel_ignores_a_logout_of_the_keeper_that_lies_in_the_future(
    kernels: Callable[[], Kernel], listener: Listener
) -> None:
    kernel = kernels()
    session, login = log_in(kernel), kernel.login
    eventually(lambda: session._managed.refresh_token is None)
    tombstone = Tombstone(time.time() + login.settings.leeway + 60)
    kept = KeptLogin(login, listener.address_file)
    kept._apply_stored(Stored(login.record_format.dump(tombstone), renewable=False))
    session.renew()
    assert login.status == "authenticated"


def test_the_keeper_ignores_a_logout_that_lies_in_the_future(
    kernels: Callable[[], Kernel], listener: Listener
) -> None:
    session = log_in(kernels())
    eventually(lambda: session._managed.refresh_token is None)
    settings = session._managed.settings
    ahead = connect(KeeperAddress.read(listener.address_file))
    ahead.send(to_json(Join(settings.origin, settings.client_id, None, None, settings.scope)))
    assert ahead.receive(10)["type"] == "stored"
    ahead.send(to_json(LogOut(1, time.time() + settings.leeway + 60)))
    assert ahead.receive(10)["type"] == "done"
    ahead.close()
    session.renew()


def test_twenty_kernels_renew_once(kernels: Callable[[], Kernel], tenant: LocalTenant) -> None:
    first = log_in(kernels())
    eventually(lambda: first._managed.refresh_token is None)
    others = [kernels() for _ in range(19)]
    eventually(lambda: all(other.login.session is not None for other in others))
    joined = (other.login.session for other in others)
    sessions = [first, *(session for session in joined if session is not None)]
    assert len(sessions) == 20
    before = first._managed.tokens
    seen = [(each._managed, each._managed.tokens) for each in sessions]
    tenant.requests.clear()
    threads = [
        threading.Thread(
            target=managed.renew_unless_changed, args=(tokens,), kwargs={"retry": True}
        )
        for managed, tokens in seen
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    eventually(lambda: len({each.access_token for each in sessions}) == 1)
    assert first._managed.tokens is not before
    assert tenant.requests["/oauth/token"] == 1


def test_when_the_server_has_gone_the_session_lasts_until_its_access_token_ends(
    kernels: Callable[[], Kernel], listener: Listener
) -> None:
    session = log_in(kernels())
    eventually(lambda: session._managed.refresh_token is None)
    listener.close()
    eventually(lambda: not session.renewable)
    assert session._managed.no_renewal == "lost"
    assert session.access_token


def test_a_kernel_whose_connection_was_closed_connects_again(
    kernels: Callable[[], Kernel], listener: Listener
) -> None:
    session = log_in(kernels())
    eventually(lambda: session._managed.refresh_token is None)
    (endpoint,) = listener._open  # closed as by a keeper whose message the kernel does not read
    endpoint.shutdown(socket.SHUT_RDWR)
    eventually(lambda: listener._open - {endpoint})
    other = kernels()
    session.renew()
    eventually(lambda: other.login.session is not None)
    other.login.logout()
    eventually(lambda: not session.active)


def test_a_kernel_whose_first_connection_failed_gets_the_session_later(
    kernels: Callable[[], Kernel], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = log_in(kernels())
    eventually(lambda: session._managed.refresh_token is None)
    accept, responds = channel.accept, threading.Event()

    def accept_later(endpoint: socket.socket, key: bytes) -> Connection:
        responds.wait(10)
        return accept(endpoint, key)

    monkeypatch.setattr(kept_login, "RETRY_SECONDS", (0.0, 0.1, 0.1, 5.0))
    with monkeypatch.context() as busy:
        busy.setattr(listening, "accept", accept_later)
        busy.setattr(channel, "HANDSHAKE_SECONDS", 0.05)
        late = kernels()
        assert late.login.session is None
    responds.set()
    eventually(lambda: late.login.session)
    late.login.logout()
    eventually(lambda: not session.active)


def test_a_session_that_has_lost_the_keeper_is_renewable_once_it_is_reached_again(
    kernels: Callable[[], Kernel], listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_login, "RETRY_SECONDS", (0.05,) * 200)
    session = log_in(kernels())
    eventually(lambda: session._managed.refresh_token is None)
    place = Path(KeeperAddress.read(listener.address_file).place)
    elsewhere = place.rename(place.with_name("elsewhere"))
    (endpoint,) = listener._open
    endpoint.shutdown(socket.SHUT_RDWR)
    eventually(lambda: not session.renewable)
    elsewhere.rename(place)
    eventually(lambda: session.renewable)
    session.renew()


@pytest.mark.parametrize(
    ("ended", "pauses", "tries"), [(False, (0.0, 0.0, 0.0), 4), (True, (0.0, 3600.0), 0)]
)
def test_a_kernel_stops_trying_to_connect(
    *,
    ended: bool,
    pauses: tuple[float, ...],
    tries: int,
    new_kernel: Callable[..., Kernel],
    listener: Listener,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    threads: list[threading.Thread] = []

    def start(work: Callable[[], None], *, daemon: bool = True) -> None:
        threads.append(threading.Thread(target=work, daemon=daemon))
        threads[-1].start()

    monkeypatch.setattr(background, "_start", start)
    monkeypatch.setattr(kept_login, "RETRY_SECONDS", pauses)
    monkeypatch.setattr(listener, "_slots", threading.BoundedSemaphore(0))  # it accepts no more
    if ended:
        listener.close()
    assert KeptLogin(new_kernel().login, listener.address_file).settled.wait(10)
    for thread in threads:  # the first one starts the second one
        thread.join(10)
        assert not thread.is_alive()
    assert caplog.text.count("kernels asked the keeper") == tries


def test_a_kernel_does_not_connect_again_to_a_keeper_that_it_does_not_understand(
    new_kernel: Callable[..., Kernel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    joined = []

    def of_another_version(connection: Connection) -> None:
        joined.append(connection.receive(10))
        connection.send({"type": "of_tomorrow"})

    monkeypatch.setattr(background, "_start", _START)
    listener = Listener(of_another_version, tmp_path)
    kernel = new_kernel()
    KeptLogin(kernel.login, listener.address_file)
    eventually(lambda: joined and not listener._open)
    session = log_in(kernel)
    assert session._managed.refresh_token is not None
    assert len(joined) <= 2, "at first, and with the login"
    listener.close()


def test_a_kernel_asks_a_keeper_that_does_not_understand_it_at_intervals(
    new_kernel: Callable[..., Kernel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    joined = []

    def of_an_older_version(connection: Connection) -> None:
        connection.receive(10)
        joined.append(time.monotonic())
        connection.send(to_json(Stored(None, renewable=False)))
        assert connection.receive(10)["type"] == "keep"

    monkeypatch.setattr(background, "_start", _START)
    monkeypatch.setattr(kept_login, "RETRY_SECONDS", (0.1,))
    listener, kernel = Listener(of_an_older_version, tmp_path), new_kernel()
    KeptLogin(kernel.login, listener.address_file)
    log_in(kernel)
    eventually(lambda: len(joined) >= 5)
    assert joined[4] - joined[2] >= 0.2
    listener.close()


def test_a_kernel_asks_a_keeper_that_closes_each_connection_ever_more_slowly(
    new_kernel: Callable[..., Kernel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    def connect_after(_kept: KeptLogin, _failed: object, *, after: float = 0.0) -> None:
        pauses.append(after)

    monkeypatch.setattr(KeptLogin, "_connect", connect_after)
    kept = KeptLogin(new_kernel().login, tmp_path / "address")
    for _ in range(8):
        kept._connection_lost(0.1)
    assert pauses == [0, 1, 2, 4, 8, 16, 32, 60, 60]
    kept._connection_lost(kept_login.STABLE_SECONDS)
    kept._connection_lost(0.1)
    assert pauses[-2:] == [1, 2], "after a connection that has lasted, it begins anew"


def test_a_kernel_that_was_stopped_gets_tokens_that_have_not_expired(
    new_kernel: Callable[..., Kernel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "_start", _START)
    keeper, kernel = Keeper(), new_kernel()
    listener = Listener(keeper.serve, tmp_path)
    KeptLogin(kernel.login, listener.address_file)
    session = log_in(kernel)
    managed = session._managed
    eventually(lambda: managed.refresh_token is None)
    before, kept = managed.tokens, keeper.login_of(kernel.settings).session
    assert kept is not None
    kept.renew()
    eventually(lambda: managed.tokens is not before)
    end_in(kept, 0)
    managed._tokens = before  # the kernel has not read what the keeper sent meanwhile
    session.renew()
    assert not managed.tokens.expired
    listener.close()


def test_a_clock_that_is_set_back_costs_no_renewal(kernels: Callable[[], Kernel]) -> None:
    session = log_in(kernels())
    managed = session._managed
    eventually(lambda: managed.refresh_token is None)
    tokens = managed._tokens
    managed._tokens = replace(
        tokens, saved_at=tokens.saved_at + 3600, expires_at=tokens.expires_at + 3600
    )
    before = session.access_token
    session.renew()
    assert session.access_token != before


def test_what_the_keeper_sends_is_applied_in_its_order(
    kernels: Callable[[], Kernel], monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = kernels()
    session, login = log_in(kernel), kernel.login
    eventually(lambda: session._managed.refresh_token is None)
    kept = session._managed._refresh_tokens.holder
    assert isinstance(kept, KeptLogin)
    record = login.record_format.dump(session._managed.to_record())
    works: list[Callable[[], None]] = []
    monkeypatch.setattr(background, "_start", lambda work, **_: works.append(work))
    kept._receive_stored(Stored(record, renewable=True))
    kept._receive_stored(Stored(record, renewable=False))
    for work in reversed(works):  # threads come in any order
        work()
    assert not session.renewable


def test_a_logout_is_sent_after_the_login_that_it_ends(
    new_kernel: Callable[..., Kernel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []

    def note(connection: Connection) -> None:
        while True:
            message = connection.receive()
            heard.append(message["type"])
            joined = message["type"] == "join"
            reply = Stored(None, renewable=False) if joined else Done(message["number"], None)
            connection.send(to_json(reply))

    threads: list[threading.Thread] = []

    def start(work: Callable[[], None], *, daemon: bool = True) -> None:
        thread = threading.Thread(target=work, daemon=daemon)
        threads.append(thread)
        thread.start()

    listener, kernel = Listener(note, tmp_path), new_kernel()

    def keep_while_the_person_logs_out(*arguments: Any) -> Keep:
        monkeypatch.setattr(messages, "Keep", Keep)
        begun = len(threads)
        kernel.login.logout()
        for thread in threads[begun:]:
            thread.join(0.3)  # as long as it likes, but not until the end of this function
        return Keep(*arguments)

    monkeypatch.setattr(background, "_start", start)
    monkeypatch.setattr(messages, "Keep", keep_while_the_person_logs_out)
    KeptLogin(kernel.login, listener.address_file)
    response = kernel.tenant.sign_in(kernel.open())
    kernel.receive("authorization_response", response=response)
    eventually(lambda: len(heard) == 3)
    assert heard == ["join", "keep", "log_out"]
    listener.close()


def test_the_keeper_gets_access_tokens_for_other_apis_too(
    kernels: Callable[[], Kernel], tenant: LocalTenant
) -> None:
    tenant.apis.append(Api(ARCHIVE, "Archive", {"read:notes": "Read"}))
    tenant.application.refresh_token_policies = {ARCHIVE: ["read:notes"]}
    session = log_in(kernels())
    eventually(lambda: session._managed.refresh_token is None)
    archive = session.for_audience(ARCHIVE, "read:notes")
    claims = jwt.decode(archive.access_token, options={"verify_signature": False})
    assert (claims["aud"], archive.scope) == (ARCHIVE, "read:notes")
    before = archive.access_token
    archive.renew()
    assert archive.access_token != before
    with pytest.raises(AudienceNotGrantedError):
        session.for_audience("https://nobody.example.com/")
    session.renew()


def test_a_keeper_that_hangs_costs_no_login(
    new_kernel: Callable[..., Kernel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hear_and_say_nothing(connection: Connection) -> None:
        while True:
            connection.receive()

    monkeypatch.setattr(background, "_start", _START)
    monkeypatch.setattr(client, "REPLY_SECONDS", 0.05)
    listener = Listener(hear_and_say_nothing, tmp_path)
    kernel = new_kernel()
    kept = KeptLogin(kernel.login, listener.address_file)
    session = log_in(kernel)
    assert kept.settled.wait(10)
    assert session._managed.refresh_token is not None, "nobody has taken it"
    session.renew()
    listener.close()


def test_a_kernel_without_a_reply_says_whom_it_has_asked(
    kernels: Callable[[], Kernel], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = log_in(kernels())
    eventually(lambda: session._managed.refresh_token is None)
    monkeypatch.setattr(client, "REPLY_SECONDS", 0.0)
    with pytest.raises(KeeperError, match="which keeps this login, has not replied"):
        session.renew()
    assert session.access_token, "and it is good all the same"
    assert session.renewable


def test_a_kernel_that_is_killed_while_it_renews_costs_the_others_nothing(
    kernels: Callable[[], Kernel], listener: Listener
) -> None:
    session = log_in(kernels())
    eventually(lambda: session._managed.refresh_token is None)
    settings, managed = session._managed.settings, session._managed
    doomed = connect(KeeperAddress.read(listener.address_file))
    doomed.send(
        to_json(
            Join(settings.origin, settings.client_id, None, None, settings.scope)  # as a kernel
        )
    )
    assert doomed.receive(10)["type"] == "stored"
    before = session.access_token
    doomed.send(to_json(Renew(1, managed.session_id, managed.tokens.access_token.digest)))
    doomed.close()
    eventually(lambda: session.access_token != before)
    session.renew()


def test_a_kernel_that_finds_no_socket_keeps_its_refresh_token(
    kernels: Callable[[], Kernel], listener: Listener
) -> None:
    early = kernels()
    Path(KeeperAddress.read(listener.address_file).place).unlink()
    session = log_in(kernels())
    assert session._managed.refresh_token is not None
    session.renew()
    assert early.login.session is None
    later = log_in(early)  # over the connection that it has
    eventually(lambda: later._managed.refresh_token is None)


def test_a_kernel_forgets_what_it_handed_over_also_if_the_record_comes_first(
    kernels: Callable[[], Kernel], new_kernel: Callable[..., Kernel], listener: Listener
) -> None:
    session = log_in(new_kernel())
    managed = session._managed
    assert managed.refresh_token is not None
    copy = session_from_record(managed._tenant, managed._jwks, managed.to_record())
    copy.set_holder(KeptLogin(kernels().login, listener.address_file))
    managed.adopt(copy)
    assert managed.kept_by == "server"
    assert managed.end() == [], "the keeper revokes it"


def test_two_servers_of_one_user_have_a_login_each(
    new_kernel: Callable[..., Kernel],
    kernels: Callable[[], Kernel],
    tmp_path: Path,
    tenant: LocalTenant,
) -> None:
    other_server = Listener(Keeper().serve, tmp_path)
    session = log_in(kernels())
    eventually(lambda: session._managed.refresh_token is None)
    others = new_kernel()
    assert KeptLogin(others.login, other_server.address_file).settled.wait(10)
    assert others.login.session is None
    others_session = log_in(others)
    eventually(lambda: others_session._managed.refresh_token is None)
    tenant.requests.clear()
    others.login.logout()
    eventually(lambda: tenant.requests["/oauth/revoke"] == 1)
    session.renew()
    other_server.close()


@pytest.mark.parametrize(
    "malformed",
    [
        {"type": "renew", "number": 1},
        {"type": "renew", "number": "1", "session_id": "x", "digest": "x"},
        {"type": "log_out", "number": 1, "at": "now"},
        {"type": "keep", "number": 1, "record": "x" * 300_000, "refresh_token": "x"},
        {"type": "keep", "number": 1, "record": "{}", "refresh_token": "x" * 70_000},
        {"type": "join"},
        {"type": "stored", "record": None, "renewable": False},
    ],
    ids=lambda message: str(message)[:60],
)
def test_a_malformed_message_ends_its_connection_and_touches_no_session(
    kernels: Callable[[], Kernel], listener: Listener, malformed: dict[str, Any]
) -> None:
    session = log_in(kernels())
    eventually(lambda: session._managed.refresh_token is None)
    settings = session._managed.settings
    connection = connect(KeeperAddress.read(listener.address_file))
    connection.send(to_json(Join(settings.origin, settings.client_id, None, None, settings.scope)))
    assert connection.receive(10)["type"] == "stored"
    connection.send(malformed)
    with pytest.raises(KeeperError):
        connection.receive(10)
    connection.close()
    session.renew()
    assert session._managed.kept_by == "server"


def test_a_kernel_with_other_scopes_has_the_session_and_sees_what_is_missing(
    kernels: Callable[[], Kernel], new_kernel: Callable[..., Kernel], listener: Listener
) -> None:
    session = log_in(kernels())
    eventually(lambda: session._managed.refresh_token is None)
    wants_more = new_kernel(scope="openid profile email offline_access read:notes")
    assert KeptLogin(wants_more.login, listener.address_file).settled.wait(10)
    joined = wants_more.login.session
    assert joined is not None
    assert joined.missing_scope == "read:notes"
    joined.renew()
    assert session.active
