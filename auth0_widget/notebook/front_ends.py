"""Front ends in which no cell can wait for a person, how to tell them, and what to do there.

Measured with Voilà 0.5.13, ipykernel 7.4 and marimo 0.25.2: does a click in the page reach Python?

    front end                       await in a cell   a cell that blocks   await in a task
    Voilà, also with kernels
      that it started beforehand    no (1)            no (1)               yes
    Voilà, progressive rendering    yes               no                   yes
    marimo edit, marimo run         no (2)            no (2)               yes

1. The page appears when all cells have run, so that a cell that waits keeps everybody from it.
2. The page's messages queue up behind the cell; the card says that it is not connected.

The device flow needs no click, only a printed code that somebody sees. In Voilà what a cell prints
appears after the cell. ``marimo edit`` shows it at once, ``marimo run`` in the server's terminal.

marimo runs the kernels of all visitors of an app in one process, each in a thread of its own.
"""

from __future__ import annotations

import inspect
import os
import sys
import threading
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING

from comm import DummyComm

from auth0_widget.errors import CellCannotWaitError
from auth0_widget.notebook.kernels import page_has_connected
from auth0_widget.notebook.running_cell import running_kernel, running_shell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auth0_widget.config import Flow

_CELL_RUNNERS = ("IPython.core.interactiveshell", "marimo._runtime.executor")


def cannot_wait_error(flow: Flow) -> CellCannotWaitError | None:
    """The error of whoever would wait here for ever; None where somebody may log in meanwhile."""
    if flow in {"client_credentials", "hub"} or not _in_a_cell():
        return None
    # Jupyter Server greets a kernel for each page that connects: here, none has come yet.
    if in_voila() and not page_has_connected():
        return CellCannotWaitError(
            "Voila shows its page when all cells have run: no cell can wait for somebody to log in."
        )
    match _marimo_mode(), flow:
        case ("edit" | "run", "auto" | "popup" | "loopback"):
            return CellCannotWaitError(
                "marimo hears its page when no cell runs: no cell can wait for somebody to log in."
            )
        case ("run", "device"):
            return CellCannotWaitError(
                "An app of marimo does not show what its cells print: nobody would see the code."
            )
        case _:
            return None


def in_voila() -> bool:
    """Whether Voilà has started this kernel."""
    return "VOILA_BASE_URL" in os.environ  # SERVER_SOFTWARE comes later than some cells


_one_person = False


@contextmanager
def one_person() -> Iterator[None]:
    """Have the widgets of this process share their logins, as those of one kernel do.

    For a process that is known to serve one person though it is no kernel, such as a test's.
    """
    global _one_person  # noqa: PLW0603 - a process is one, or it is not
    before, _one_person = _one_person, True
    try:
        yield
    finally:
        _one_person = before


def current_kernel() -> threading.Thread | None:
    """The thread that stands for the caller's kernel, and is gone when the kernel has ended.

    None where it is not known that this process serves one person, as in an app server (Solara,
    Shiny, Panel, Streamlit, Dash, Gradio): nothing may be shared there.
    """
    if "marimo" in sys.modules:
        # A thread that marimo knows nothing of may be any visitor's: it has a kernel of its own.
        return threading.current_thread()
    # An app server may set up an IPython or a Kernel for each visitor, but no kernel application.
    application = sys.modules.get("ipykernel.kernelapp")
    in_kernel = application is not None and application.IPKernelApp.initialized()
    return threading.main_thread() if in_kernel or _one_person else None


def no_page_possible(comm: object) -> str | None:
    """Why no page can ever show this widget, as the beginning of a sentence; None where one may.

    Args:
        comm: The widget's. Outside of front ends it is one that sends nothing anywhere.
    """
    if not isinstance(comm, DummyComm) or "marimo" in sys.modules:
        return None
    if running_shell() is not None:
        return "IPython in a terminal shows no Log in button"
    return "This is no notebook, where a Log in button could be shown"


def no_page_ever() -> bool:
    """Whether this is a kernel that no page has ever connected to, as under nbconvert."""
    return running_kernel() is not None and not page_has_connected() and not in_voila()


def _in_a_cell() -> bool:
    """Whether the caller holds up a cell: not in a task or a thread that a cell has started."""
    for frame, _line in traceback.walk_stack(inspect.currentframe()):
        module = str(frame.f_globals.get("__name__"))
        if module.startswith(_CELL_RUNNERS):
            return True
        if module.startswith("asyncio."):
            return False  # what lies below is the event loop, in which cells run, too
    return False


def _marimo_mode() -> str | None:
    """``edit`` or ``run`` in a kernel of marimo, without importing it where it is not."""
    marimo = sys.modules.get("marimo")
    mode = marimo.app_meta().mode if marimo is not None else None
    return mode if mode in ("edit", "run") else None
