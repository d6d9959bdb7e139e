"""A token source in other processes of this machine: whoever starts them, and however."""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import joblib
import pytest
from lifetimes import end_in
from pools import digest, read_notes, told, told_of

from auth0_widget.errors import KernelGoneError, SessionEndedError
from auth0_widget.local_tenant import NotesApi
from auth0_widget.session import renewal
from auth0_widget.workers import kernel_socket, token_requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kernel import Kernel
    from lifetimes import Clock

    from auth0_widget.local_tenant import LocalTenant
    from auth0_widget.session.session import Session

NOTES = {"audience": "https://notes.example.com/", "scope": "openid offline_access read:notes"}

# Python 3.12 warns of forks beside threads: the locks of those threads stay locked in the child.
# Ours are replaced there.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")


@pytest.fixture
def session(new_kernel: Callable[..., Kernel]) -> Session:
    session: Session = new_kernel(**NOTES).log_in()
    return session


@pytest.fixture
def api(tenant: LocalTenant) -> Iterator[NotesApi]:
    with NotesApi(tenant.url) as running:
        yield running


def in_a_pool(method: str, work: Callable[..., Any], *arguments: Any) -> Any:
    with multiprocessing.get_context(method).Pool(1) as pool:
        return pool.apply(work, arguments)


def in_loky(work: Callable[..., Any], *arguments: Any) -> Any:
    (result,) = joblib.Parallel(n_jobs=2, backend="loky")([joblib.delayed(work)(*arguments)])
    return result


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_pool_calls_the_api_and_gets_the_next_token(
    session: Session, api: NotesApi, tenant: LocalTenant, method: str
) -> None:
    source = session.token_source()
    end_in(session, -1)
    tenant.requests.clear()
    assert in_a_pool(method, read_notes, source, api.url) == 200
    assert tenant.requests["/oauth/token"] == 1, "by the kernel"
    assert in_a_pool(method, told, source) == digest(session.access_token)


def test_joblib_calls_the_api_and_gets_the_next_token(
    session: Session, api: NotesApi, tenant: LocalTenant
) -> None:
    source = session.token_source()
    end_in(session, -1)
    tenant.requests.clear()
    assert in_loky(read_notes, source, api.url) == 200
    assert tenant.requests["/oauth/token"] == 1


def test_a_token_that_the_api_rejects_is_replaced(
    session: Session, api: NotesApi, tenant: LocalTenant
) -> None:
    source = session.token_source()
    tenant.rotate_keys(keep_old=False)
    before = digest(session.access_token)
    assert in_a_pool("fork", read_notes, source, api.url) == 200
    assert digest(session.access_token) != before


def test_a_forked_child_asks_its_parent_and_renews_nothing(
    session: Session, tenant: LocalTenant
) -> None:
    end_in(session, -1)
    source = session.token_source()
    tenant.requests.clear()
    here = multiprocessing.get_context("fork")
    # The pool's children have these two from their parent, and not from a pickle.
    results = here.SimpleQueue()
    for child in (
        here.Process(target=lambda: results.put(told(session))),
        here.Process(target=lambda: results.put(told(source))),
    ):
        child.start()
        child.join()
    assert results.get() == "forked_process"
    assert results.get() == digest(session.access_token)
    assert tenant.requests["/oauth/token"] == 1
    session.renew()


def test_in_the_kernel_it_is_the_session_s_own_token(session: Session) -> None:
    source = session.token_source()
    copy = pickle.loads(pickle.dumps(source))
    session.renew()
    assert source.access_token == copy.access_token == session.access_token
    assert source.expires_at == copy.expires_at == session.expires_at


def test_the_sources_of_a_session_are_one_for_dask(session: Session) -> None:
    first = session.token_source().__dask_tokenize__()
    session.renew()
    assert session.token_source().__dask_tokenize__() == first


def test_an_error_of_the_kernel_is_the_worker_s_error(
    session: Session, tenant: LocalTenant, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal, "time", clock)
    source = session.token_source()
    end_in(session, -1)
    tenant.fail("token", "unavailable", times=None)
    pickled = pickle.dumps(source)
    assert in_a_pool("fork", told_of, pickled) == "tenant_down"
    session._managed.end()
    assert in_a_pool("fork", told_of, pickled) == "session_ended"
    with pytest.raises(SessionEndedError):
        pickle.dumps(source)


KERNEL = """
import pickle, sys
from auth0_widget.base.redaction import Secret
from auth0_widget.session.token_source import token_source
from auth0_widget.workers.token_requests import WorkerToken

class Holder:
    tokens = WorkerToken(Secret("the-access-token"), 0.0, float(sys.argv[1]))
    def valid_access_token(self, rejected=None):
        return self.tokens.access_token

print(pickle.dumps(token_source(Holder(), ["https://api.example.com"], None)).hex(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def new_pickle() -> Iterator[Callable[..., tuple[bytes, subprocess.Popen[bytes]]]]:
    """A source from a kernel of its own, which lives on until it is ended."""
    kernels: list[subprocess.Popen[bytes]] = []

    def make(expires_in: float) -> tuple[bytes, subprocess.Popen[bytes]]:
        command = [sys.executable, "-c", KERNEL, str(time.time() + expires_in)]
        kernel = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        kernels.append(kernel)
        assert kernel.stdout is not None
        return bytes.fromhex(kernel.stdout.readline().decode()), kernel

    yield make
    for kernel in kernels:
        kernel.kill()
        kernel.communicate()


@pytest.mark.parametrize("end", ["exit", "kill"])
def test_a_worker_that_outlives_its_kernel_is_told_within_seconds(
    new_pickle: Callable[..., tuple[bytes, subprocess.Popen[bytes]]], end: str
) -> None:
    pickled, kernel = new_pickle(expires_in=-1)
    source = pickle.loads(pickled)
    assert source.access_token == "the-access-token", "while it lives, it is asked"
    if end == "kill":
        kernel.kill()
    kernel.communicate()
    began = time.monotonic()
    with pytest.raises(KernelGoneError):
        _ = source.access_token
    with pytest.raises(KernelGoneError):
        httpx.get("https://api.example.com", auth=source.auth)
    assert time.monotonic() - began < 10


def test_a_token_that_is_still_good_is_used_without_its_kernel(
    new_pickle: Callable[..., tuple[bytes, subprocess.Popen[bytes]]],
) -> None:
    pickled, kernel = new_pickle(expires_in=30)
    kernel.kill()
    kernel.communicate()
    source = pickle.loads(pickled)
    assert source.access_token == "the-access-token"


def test_a_kernel_that_does_not_respond_is_given_up(
    new_pickle: Callable[..., tuple[bytes, subprocess.Popen[bytes]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(token_requests, "RESPONSE_TIMEOUT", 0.2)
    pickled, kernel = new_pickle(expires_in=-1)
    kernel.send_signal(signal.SIGSTOP)
    with pytest.raises(KernelGoneError):
        _ = pickle.loads(pickled).access_token


def test_threads_of_a_worker_ask_once(
    new_pickle: Callable[..., tuple[bytes, subprocess.Popen[bytes]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pickled, _ = new_pickle(expires_in=40)
    source = pickle.loads(pickled)
    object.__setattr__(source._tokens, "expires_at", time.time() + 1)
    asked: list[str] = []
    ask = kernel_socket.ask

    def counted(path: str, name: str, rejected: Any) -> Any:
        asked.append(name)
        return ask(path, name, rejected)

    monkeypatch.setattr(kernel_socket, "ask", counted)
    with ThreadPoolExecutor(20) as threads:
        tokens = set(threads.map(lambda _: source.access_token, range(50)))
    assert (tokens, len(asked)) == ({"the-access-token"}, 1)
