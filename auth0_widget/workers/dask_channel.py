"""How a worker of a Dask cluster asks the kernel for the next token: through the scheduler.

The worker logs an event under a topic that nobody else can guess; there is no token in it. The
kernel's client, which has subscribed to it, has the worker run a function that hands over the
response. Both go over the connections that the cluster has, with the encryption that it has.
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
    """Where the response to one request is put."""

    def __init__(self) -> None:
        self.received = threading.Event()
        self.response: dict[str, Any] = {}


def listen(client: Any, name: str) -> None:  # noqa: ANN401 - Dask is no dependency of ours
    """Answer the workers of this client's cluster.

    Args:
        client: A ``distributed.Client`` of this process.
        name: The source that they ask for.
    """
    names = _listening.setdefault(client, set())
    if name in names:
        return
    names.add(name)
    tasks: set[asyncio.Task[None]] = set()

    def on_event(event: tuple[float, Any]) -> None:
        task = asyncio.get_running_loop().create_task(_respond(client, name, event[1]))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    client.subscribe_topic(_topic(name), on_event)


async def _respond(client: Any, name: str, asked: Any) -> None:  # noqa: ANN401 - as above
    match asked:
        case {"worker": str(worker), "request": str(number), "source": str(source)}:
            rejected = asked.get("rejected")
        case _:
            return
    if source != name:
        return
    asked_for = {"source": source, "rejected": rejected}
    response = await asyncio.to_thread(token_requests.response_to, asked_for)
    # The cluster's own workers and nobody else: the scheduler would connect to any address.
    if worker in await client.nthreads():
        try:
            await client.run(_receive_response, number, response, workers=[worker])
        except Exception as error:  # noqa: BLE001 - the worker has ended meanwhile
            log.info("a worker could not be answered: %s", frames_without_values(error))


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
    """The next token, from the kernel whose client listens in this worker's cluster.

    None where it is to be asked again.

    Raises:
        KernelGoneError: There is none.
        Auth0WidgetError: The kernel's own error.
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
    """Run by the worker, for the kernel: hand over a response."""
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
