"""Lets the messages of a page reach Python while a cell runs, in each version of ipykernel.

Measured with JupyterLab 4.6 and Notebook 7.6, both of which send the messages of widgets on a
subshell where the kernel has one: does a click in the page reach Python during the cell?

    ipykernel    await in the cell              a cell that blocks
    6.29, 6.30   no                             no
    7.0, 7.2     yes, on the subshell           yes, on the subshell
    7.4          yes, beside the cell           no: in the thread of the last reply

With the functions of this module, every entry is yes. ``make test-matrix`` measures both and prints
a table; its tests are in ``tests/browser/test_waiting.py``.

Versions 7.0 to 7.2 may lose the first control request after they have started (ipykernel issue
1567). Then JupyterLab has no subshell, and no message of a widget arrives until the kernel is
restarted.
"""

from __future__ import annotations

import threading
from collections import deque
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, TypeVar

from auth0_widget.notebook.interrupts import interrupts_deferred
from auth0_widget.notebook.running_cell import running_kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

Message = TypeVar("Message")

_COMM_MESSAGES = frozenset({"comm_open", "comm_msg", "comm_close"})


def reply_on_the_subshell_of_the_front_end(comm: Any) -> None:  # noqa: ANN401 - ipykernel's own class
    """Have the messages of a comm handled on the subshell on which the front end sent them.

    ipykernel 7.4 handles them in the thread that last published on the comm. After any cell that is
    the main thread, where they wait until a blocking cell has ended. Other versions need nothing.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = _subshell_of_the_front_end  # noqa: SLF001 - there is no public way


def _subshell_of_the_front_end(_data: object, subshell: str | None) -> str | None:
    return subshell


def sending_from_any_thread(send: Callable[[Message], None]) -> Callable[[Message], None]:
    """Wrap a function that sends, so that any thread may call it.

    ipykernel 7.0 reads the request of a message from a context variable, which a new thread does
    not have, and fails. The wrapper uses the context of the cell that made the widget.
    """
    context = copy_context()
    return lambda message: context.copy().run(send, message)


def message_pump() -> Callable[[], None] | None:
    """The function that handles the page's messages during a cell, or None if none is needed.

    ipykernel 6 handles one message after the other, and the running cell is one of them. The
    function takes the messages of widgets out of the queue and handles them. It leaves the others
    in their order, so that no cell overtakes another. Call it in the thread of the cell.
    """
    kernel = running_kernel()
    queue = getattr(kernel, "msg_queue", None)
    if queue is None or threading.current_thread() is not threading.main_thread():
        return None

    def pump() -> None:
        kernel.shell_stream.flush()
        ours: deque[Any] = deque()
        try:
            with interrupts_deferred():  # an interrupt must not lose cells in the queue
                for _ in range(queue.qsize()):
                    item = queue.get_nowait()
                    comm = _message_type(kernel, *item[2]) in _COMM_MESSAGES
                    (ours.append if comm else queue.put_nowait)(item)
            while ours:
                _number, dispatch, arguments = ours.popleft()
                _handle(kernel, dispatch(*arguments))
        finally:
            for item in ours:  # after an interrupt, the kernel handles them when the cell has ended
                queue.put_nowait(item)

    return pump


def page_has_connected() -> bool:
    """Whether a page has ever connected to this kernel.

    When a page connects, Jupyter Server sends a ``kernel_info_request`` on the control channel,
    too. Programs that run cells without a page, such as nbclient and Voilà, use that channel for
    nothing.
    """
    kernel = running_kernel()
    return kernel is not None and bool(kernel.get_parent("control"))


def _message_type(kernel: Any, frames: Any = None, *_more: Any) -> str | None:  # noqa: ANN401 - as above
    """The type of a serialized message. The message is not changed."""
    try:
        _identities, message = kernel.session.feed_identities(frames, copy=False)
        header = kernel.session.deserialize(message, content=False, copy=False)["header"]
    except (TypeError, ValueError, KeyError, IndexError):
        return None
    return str(header["msg_type"])


def _handle(kernel: Any, handling: Coroutine[object, object, object]) -> None:  # noqa: ANN401 - as above
    """Handle a message now, then restore the parent of the cell, to which outputs belong."""
    identity = kernel._parent_ident["shell"]  # noqa: SLF001 - as above
    parent = kernel.get_parent("shell")
    on_interrupt = getattr(kernel, "saved_sigint_handler", None)
    try:
        handling.send(None)  # the handlers of comm messages do not suspend
    except StopIteration:
        pass
    finally:
        handling.close()
        kernel.saved_sigint_handler = on_interrupt
        kernel.set_parent(identity, parent, channel="shell")
