"""Workers of a Dask cluster get the next token from the kernel, through the scheduler."""

from __future__ import annotations

import asyncio
import pickle
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from distributed import Client, LocalCluster
from distributed.comm import tcp
from lifetimes import Clock, end_in
from pools import die_reading, digest, read_until_the_next_token, told_of

from auth0_widget.local_tenant import Api, NotesApi
from auth0_widget.session import renewal
from auth0_widget.workers import token_requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kernel import Kernel

    from auth0_widget import Session
    from auth0_widget.local_tenant import LocalTenant

AUDIENCE = "https://notes.example.com/"
SCOPE = "openid profile email offline_access read:notes"


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(
        n_workers=2, threads_per_worker=2, processes=True, dashboard_address=None
    ) as running:
        yield running


@pytest.fixture
def client(cluster: LocalCluster) -> Iterator[Client]:
    with Client(cluster) as connected:
        yield connected


@pytest.fixture
def kernel(new_kernel: Callable[..., Kernel]) -> Kernel:
    kernel: Kernel = new_kernel(audience=AUDIENCE, scope=SCOPE)
    return kernel


@pytest.fixture
def api(tenant: LocalTenant) -> Iterator[NotesApi]:
    with NotesApi(tenant.url) as running:
        yield running


@pytest.fixture
def only_the_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    """The workers are on this machine, and are to do without the kernel's socket all the same."""
    monkeypatch.setattr("auth0_widget.workers.kernel_socket.path_of_this_kernel", lambda: None)


@pytest.fixture
def impatient(client: Client) -> Iterator[None]:
    """Workers that wait no longer than two seconds for one response."""
    client.run(setattr, token_requests, "RESPONSE_TIMEOUT", 2)
    yield
    client.run(setattr, token_requests, "RESPONSE_TIMEOUT", token_requests.RESPONSE_TIMEOUT)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """All that the client and the scheduler, which are in this process, send to anybody."""
    frames: list[bytes] = []
    to_frames: Any = vars(tcp)["to_frames"]

    async def recorded(*arguments: Any, **options: Any) -> Any:
        made = await to_frames(*arguments, **options)
        frames.extend(bytes(frame) for frame in made)
        return made

    monkeypatch.setattr(tcp, "to_frames", recorded)
    return frames


@pytest.mark.usefixtures("only_the_scheduler")
def test_workers_call_the_api_across_three_lifetimes_of_a_token_and_one_may_be_killed(
    client: Client,
    kernel: Kernel,
    api: NotesApi,
    tmp_path: Path,
    sent: list[bytes],
) -> None:
    # Two seconds of real time: the workers are other processes.
    scopes = {"read:notes": "Read your notes"}
    kernel.tenant.apis[:] = [Api(AUDIENCE, "Notes", scopes, token_lifetime=2)]
    session = kernel.log_in()
    source = session.token_source(client)
    tokens = []
    for lifetime in range(3):
        tokens.append(session.access_token)
        work = [
            client.submit(read_until_the_next_token, source, api.url, pure=False) for _ in range(4)
        ]
        if lifetime == 1:
            work.append(client.submit(die_reading, source, api.url, str(tmp_path / "killed")))
        assert {status for task in client.gather(work) for status in task} == {200}
    assert (tmp_path / "killed").exists()
    tokens.append(session.access_token)
    assert len(set(tokens)) == 4
    everything = b"".join(sent)
    assert all(token.encode() in everything for token in tokens), "what was sent is seen here"
    issued = kernel.tenant._context.ledger.refresh_tokens
    assert len(issued) >= 4
    secrets = [*issued, session.id_token, "ada@example.com", "Lovelace"]
    assert [secret for secret in secrets if secret.encode() in everything] == []


@pytest.mark.usefixtures("only_the_scheduler")
def test_what_ends_a_session_is_told_to_its_workers(client: Client, kernel: Kernel) -> None:
    session = kernel.log_in()
    source = session.token_source(client)
    end_in(session, -1)
    task = client.submit(told_of, pickle.dumps(source), pure=False)
    assert task.result() == digest(session.access_token)
    end_in(session, -1)
    pickled = pickle.dumps(source)
    session._managed.end()
    assert client.submit(told_of, pickled, pure=False).result() == "session_ended"


@pytest.mark.usefixtures("only_the_scheduler", "impatient")
def test_workers_wait_for_as_long_as_their_kernel_waits_for_the_tenant(
    client: Client,
    login_as: Callable[..., Session],
    local_tenant: LocalTenant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked_again, waiting = threading.Event(), []
    respond = token_requests.response_to

    def response_to(asked: Any) -> Any:
        response = respond(asked)
        if response == {"waiting": True}:
            waiting.append(response)
        if len(waiting) == 10:
            asked_again.set()
        return response

    class Held(Clock):
        """The tenant is asked again once workers have been told ten times that they must wait."""

        def sleep(self, seconds: float) -> None:
            assert asked_again.wait(60)
            self.go_on(seconds)

    pool = ThreadPoolExecutor(1)

    async def to_thread(work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(pool, work, *arguments)

    # As where there are more workers than an event loop has threads.
    monkeypatch.setattr(asyncio, "to_thread", to_thread)
    monkeypatch.setattr(token_requests, "TOKEN_TIMEOUT", 0.5)
    monkeypatch.setattr(token_requests, "response_to", response_to)
    monkeypatch.setattr(renewal, "time", Held())
    session = login_as()
    source = session.token_source(client)
    end_in(session, -1)
    local_tenant.fail("token", "unavailable")
    pickled = pickle.dumps(source)
    tasks = [client.submit(told_of, pickled, pure=False) for _ in range(4)]
    told = client.gather(tasks)
    assert told == [digest(session.access_token)] * 4
    pool.shutdown()


@pytest.mark.usefixtures("only_the_scheduler", "impatient")
def test_a_worker_whose_kernel_has_left_the_cluster_is_told_within_seconds(
    cluster: LocalCluster, kernel: Kernel
) -> None:
    session = kernel.log_in()
    with Client(cluster, set_as_default=False) as kernel_s:
        source = session.token_source(kernel_s)
        end_in(session, -1)
        pickled = pickle.dumps(source)
    with Client(cluster) as another:
        assert another.submit(told_of, pickled, pure=False).result() == "kernel_gone"


@pytest.mark.usefixtures("only_the_scheduler")
def test_the_kernel_responds_to_the_workers_of_its_cluster_and_nobody_else(
    client: Client, kernel: Kernel
) -> None:
    session = kernel.log_in()
    source = session.token_source(client)
    name = source._address.name
    responses: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as evil:
        address = f"tcp://127.0.0.1:{evil.getsockname()[1]}"
        evil.settimeout(0.5)
        asked = [
            {"worker": address, "request": "1", "source": name, "rejected": None},
            {"worker": address, "request": ["1"], "source": name},
            {"worker": address, "request": "1", "source": "another"},
            "nonsense",
        ]
        for event in asked:
            client.log_event(f"auth0-widget-{name}", event)
        # The kernel has taken those once it responds to this one.
        end_in(session, -1)
        task = client.submit(told_of, pickle.dumps(source), pure=False)
        responses.append(task.result())
        with pytest.raises(TimeoutError):
            evil.accept()
    assert responses == [digest(session.access_token)]
