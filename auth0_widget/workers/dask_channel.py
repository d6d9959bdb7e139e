"""How a worker of a Dask cluster asks the kernel for an access token: through the scheduler.

The worker logs an event on a topic that cannot be guessed. The event contains no token. The
kernel's client has subscribed to the topic, and makes the worker run a function that receives the
response. Both use the connections of the cluster, with its encryption.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import sys
import threading
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from auth0_widget.base.redaction import frames_without_values
from auth0_widget.errors import KernelGoneError
from auth0_widget.workers import token_requests

if TYPE_CHECKING:
    from auth0_widget.base.redaction import Secret

log = logging.getLogger(__name__)

_listening: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
_pending: dict[str, _PendingRequest] = {}


class _PendingRequest:
    """A request of this worker, and its response once it has come."""

    def __init__(self) -> None:
        self.received = threading.Event()
        self.response: dict[str, Any] = {}


def listen(client: Any, name: str) -> None:  # noqa: ANN401 - Dask is no dependency of ours
    """Respond to the workers of a client's cluster from now on.

    Args:
        client: A ``distributed.Client`` of this process.
        name: The name of the session whose access tokens they ask for, see `token_requests`.
    """
    names = _listening.setdefault(client, set())
    if name in names:
        return
    names.add(name)
    tasks: set[asyncio.Task[None]] = set()
    responses = _Responses()

    def on_event(event: tuple[float, Any]) -> None:
        task = asyncio.get_running_loop().create_task(_respond(client, name, event[1], responses))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    client.subscribe_topic(_topic(name), on_event)


class _Responses:
    """The kernel's responses. Workers that ask for the same at the same time get the same one.

    A response may take seconds, and occupies a thread of the event loop, which has only a few.
    """

    def __init__(self) -> None:
        self._coming: dict[tuple[str, str | None], asyncio.Task[dict[str, Any]]] = {}

    async def to(self, source: str, rejected: str | None) -> dict[str, Any]:
        """The response to a request for an access token."""
        key = source, rejected
        coming = self._coming.get(key)
        if coming is None:
            asked = {"source": source, "rejected": rejected}
            work = asyncio.to_thread(token_requests.response_to, asked)
            coming = self._coming[key] = asyncio.get_running_loop().create_task(work)
            coming.add_done_callback(lambda _: self._coming.pop(key))
        return await coming


async def _respond(client: Any, name: str, asked: Any, responses: _Responses) -> None:  # noqa: ANN401 - as above
    match asked:
        case {"worker": str(worker), "request": str(number), "source": str(source)}:
            rejected = asked.get("rejected")
        case _:
            return
    if source != name:
        return
    response = await responses.to(source, rejected if isinstance(rejected, str) else None)
    # Respond to the cluster's workers only: the scheduler would connect to any address.
    if worker in await client.nthreads():
        try:
            await client.run(_receive_response, number, response, workers=[worker])
        except Exception as error:  # noqa: BLE001 - the worker may have ended
            log.info("a worker could not be sent its response: %s", frames_without_values(error))


def current_client() -> Any:  # noqa: ANN401 - as above
    """The Dask client that this process uses, or None."""
    distributed = sys.modules.get("distributed")
    with contextlib.suppress(ValueError):
        return distributed and distributed.default_client()
    return None


def is_worker() -> bool:
    """Whether this code runs in a task of a Dask worker."""
    return _worker() is not None


def ask(name: str, rejected: Secret | None) -> token_requests.WorkerToken | None:
    """Ask the kernel for an access token, from a worker. None if it has to be asked again.

    Raises:
        KernelGoneError: No kernel has responded.
        Auth0WidgetError: The error that the kernel sent.
    """
    worker, number, pending = _worker(), secrets.token_urlsafe(16), _PendingRequest()
    if worker is None:
        raise KernelGoneError
    _pending[number] = pending
    try:
        asked = token_requests.request(name, rejected)
        worker.log_event(_topic(name), {"worker": worker.address, "request": number, **asked})
        pending.received.wait(token_requests.RESPONSE_TIMEOUT)
    finally:
        del _pending[number]
    return token_requests.token_from_response(pending.response)


def _receive_response(number: str, response: dict[str, Any]) -> None:
    """Receive a response. The kernel makes the worker call this function."""
    pending = _pending.get(number)
    if pending is not None:
        pending.response = response
        pending.received.set()


def _worker() -> Any:  # noqa: ANN401 - as above
    with contextlib.suppress(ImportError, ValueError):
        from distributed import get_worker  # noqa: PLC0415 - no dependency of ours

        return get_worker()
    return None


def _topic(name: str) -> str:
    return f"auth0-widget-{name}"
