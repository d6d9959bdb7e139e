"""Front ends in which no cell can wait for a person, and how they are recognized.

Measured with Voilà 0.5.13, ipykernel 7.4 and marimo 0.25.2: does a click in the page reach Python?

    front end                       await in a cell   a cell that blocks   await in a task
    Voilà, also with kernels
      that it started beforehand    no (1)            no (1)               yes
    Voilà, progressive rendering    yes               no                   yes
    marimo edit, marimo run         no (2)            no (2)               yes

1. The page appears when all cells have run, so a waiting cell keeps it from appearing.
2. The page's messages are queued until the cell has ended; the card says that it is not connected.

The device flow needs no click, but the person must see the code that it prints. Voilà shows the
output of a cell after the cell has ended, ``marimo edit`` at once, and ``marimo run`` prints it to
the terminal of the server.

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

from auth0_widget.config import FLOW_FACTS
from auth0_widget.errors import CellCannotWaitError
from auth0_widget.notebook.kernels import page_has_connected
from auth0_widget.notebook.running_cell import running_kernel, running_shell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auth0_widget.config import Flow

_PROMPT_OF_IPYTHON = "In : "
_CELL_RUNNERS = ("IPython.core.interactiveshell", "marimo._runtime.executor")


def cannot_wait_error(flow: Flow) -> CellCannotWaitError | None:
    """The error to raise where a wait could never end, else None."""
    facts = FLOW_FACTS[flow]
    if not facts.needs_person or not _in_a_cell():
        return None
    # In Voilà, no page connects before all cells have run.
    if in_voila() and not page_has_connected():
        return CellCannotWaitError(
            "Voila shows its page after all cells have run, so no cell can wait for somebody "
            "to log in."
        )
    match _marimo_mode():
        case "edit" | "run" if facts.clicked:
            return CellCannotWaitError(
                "marimo handles messages of its page only while no cell runs, so no cell can wait "
                "for somebody to log in."
            )
        case "run" if facts.has_code:
            return CellCannotWaitError(
                "An app of marimo does not show what its cells print, so nobody would see the code."
            )
        case _:
            return None


def in_voila() -> bool:
    """Whether Voilà started this kernel."""
    return "VOILA_BASE_URL" in os.environ  # SERVER_SOFTWARE is set too late for some cells


def serves_visitors() -> bool:
    """Whether this kernel was started for a visitor of an app, who is not its author."""
    return in_voila() or _marimo_mode() == "run"


_shares_logins = False


@contextmanager
def shared_logins() -> Iterator[None]:
    """Let the widgets of this process share their logins, as the widgets of a kernel do.

    Use it in a process that is no kernel and serves one person, such as a test.
    """
    global _shares_logins  # noqa: PLW0603 - a fact of the process
    before, _shares_logins = _shares_logins, True
    try:
        yield
    finally:
        _shares_logins = before


def current_kernel() -> threading.Thread | None:
    """The thread of the caller's kernel, which ends with the kernel.

    None if the process may serve several people, as app servers do (Solara, Shiny, Panel,
    Streamlit, Dash, Gradio). Their widgets must not share logins.
    """
    if "marimo" in sys.modules:
        # marimo runs the kernel of each visitor in a thread. Any other thread gets its own logins.
        return threading.current_thread()
    # An app server may have an IPython shell or a Kernel object for each visitor, but it has no
    # kernel application.
    application = sys.modules.get("ipykernel.kernelapp")
    in_kernel = application is not None and application.IPKernelApp.initialized()
    serves_one_person = in_kernel or _shares_logins or _at_a_terminal()
    return threading.main_thread() if serves_one_person else None


def _at_a_terminal() -> bool:
    """Whether this is an interactive Python or IPython in a terminal."""
    application = sys.modules.get("IPython.terminal.ipapp")
    if application is not None and application.TerminalIPythonApp.initialized():
        return True
    # The prompt is set in an interactive Python only, and by each shell of IPython, of which an app
    # server may create one for each visitor.
    return getattr(sys, "ps1", _PROMPT_OF_IPYTHON) != _PROMPT_OF_IPYTHON


def no_page_reason(comm: object) -> str | None:
    """Why no page can show this widget, as the beginning of a sentence. None if a page may.

    Args:
        comm: The comm of the widget. Without a front end it is a `DummyComm`, which sends nothing.
    """
    if not isinstance(comm, DummyComm) or _marimo_mode() is not None:
        return None
    if running_shell() is not None:
        return "IPython in a terminal shows no Log in button"
    return "This is no notebook, where a Log in button could be shown"


def page_never_connected() -> bool:
    """Whether no page has ever connected to this kernel, as under nbconvert."""
    return running_kernel() is not None and not page_has_connected() and not in_voila()


def _in_a_cell() -> bool:
    """Whether the caller blocks a cell, because it is not in a task or thread of its own."""
    for frame, _line in traceback.walk_stack(inspect.currentframe()):
        module = str(frame.f_globals.get("__name__"))
        if module.startswith(_CELL_RUNNERS):
            return True
        if module.startswith("asyncio."):
            # A task. The frames below are those of the event loop, which runs cells, too.
            return False
    return False


def _marimo_mode() -> str | None:
    """``edit`` or ``run`` in a kernel of marimo, else None. marimo is not imported."""
    marimo = sys.modules.get("marimo")
    mode = marimo.app_meta().mode if marimo is not None else None
    return mode if mode in ("edit", "run") else None
