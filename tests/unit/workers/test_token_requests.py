"""What a kernel responds to its workers, also while it waits itself."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from auth0_widget.base.background import run_in_thread
from auth0_widget.base.redaction import Secret
from auth0_widget.errors import KernelGoneError, SessionEndedError, SessionExpiredError
from auth0_widget.session.token_source import KernelAddress, TokenSource, token_source
from auth0_widget.workers import kernel_socket, token_requests

if TYPE_CHECKING:
    from auth0_widget.workers.token_requests import Tokens


class Waiting:
    """A session that waits for a person, as with ``on_expiry = "wait"``."""

    def __init__(self) -> None:
        self.tokens: Tokens = token_requests.WorkerToken(Secret("old"), 0.0, 1.0)
        self.replaceable = True
        self.came = threading.Event()
        self.asked = 0
        self.error: Exception | None = None

    def valid_access_token(self, rejected: Secret | None = None) -> Secret:
        assert rejected is None
        self.asked += 1
        assert self.came.wait(30)
        if self.error is not None:
            raise self.error
        self.tokens = token_requests.WorkerToken(Secret("new"), 0.0, 1e12)
        return self.tokens.access_token


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Waiting:
    monkeypatch.setattr(token_requests, "TOKEN_TIMEOUT", 0.05)
    return Waiting()


def test_a_worker_is_told_to_ask_again_while_the_kernel_waits_for_a_person(
    provider: Waiting,
) -> None:
    asked = token_requests.request(token_requests.register(provider), None)
    for _ in range(3):
        assert token_requests.token_from_response(token_requests.response_to(asked)) is None
    assert provider.asked == 1, "the person is asked once"
    provider.came.set()
    offer = None
    while offer is None:
        offer = token_requests.token_from_response(token_requests.response_to(asked))
    assert offer.access_token.reveal() == "new"


def test_a_worker_waits_as_long_as_its_kernel_does(
    provider: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = token_source(provider, [], None)
    # As in another process.
    monkeypatch.setattr(
        "auth0_widget.session.token_source.token_requests.provider_of", lambda _: None
    )
    real = kernel_socket.ask
    times: list[None] = []

    def ask(path: str, name: str, rejected: Secret | None) -> token_requests.WorkerToken | None:
        times.append(None)
        if len(times) == 3:
            provider.came.set()
        with monkeypatch.context() as here:
            here.setattr(token_requests, "provider_of", lambda _: provider)
            return real(path, name, rejected)

    monkeypatch.setattr(kernel_socket, "ask", ask)
    assert source.access_token == "new"
    assert len(times) >= 3


def test_how_the_waiting_ends_is_told(provider: Waiting) -> None:
    asked = token_requests.request(token_requests.register(provider), None)
    provider.error = SessionExpiredError("Nobody came.")
    provider.came.set()
    response = {"waiting": True}
    while response == {"waiting": True}:
        response = token_requests.response_to(asked)
    with pytest.raises(SessionExpiredError, match="Nobody came"):
        token_requests.token_from_response(response)


def test_a_provider_has_one_name(provider: Waiting) -> None:
    assert (
        token_requests.register(provider)
        == token_requests.register(provider)
        != token_requests.register(Waiting())
    )


def test_an_error_has_the_class_of_its_code_and_no_other() -> None:
    failed = {"error": "session_ended", "message": "Over.", "next_step": "Log in."}
    with pytest.raises(SessionEndedError, match=r"Over\. Log in\."):
        token_requests.token_from_response(failed)
    with pytest.raises(KernelGoneError):
        token_requests.token_from_response(failed | {"error": "invalid_setting"})


def test_a_worker_asks_no_more_when_its_task_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = threading.Event()

    def ask(*_: object) -> None:
        """The kernel waits for a person."""
        asked.set()

    monkeypatch.setattr(kernel_socket, "ask", ask)
    expired = token_requests.WorkerToken(Secret("old"), 0.0, 1.0)
    source = TokenSource(KernelAddress("name", "socket", dask=False), [], expired)

    async def main() -> None:
        call = asyncio.ensure_future(run_in_thread(source.valid_access_token))
        assert await asyncio.to_thread(asked.wait, 20)
        call.cancel()

    asyncio.run(main())
    assert source._asking.acquire(timeout=20), "its thread goes on asking"
