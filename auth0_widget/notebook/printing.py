"""Prints what a waiting cell has to tell the person."""

from __future__ import annotations

from auth0_widget.notebook.front_ends import page_never_connected
from auth0_widget.notebook.running_cell import running_kernel


def print_for_person(text: str) -> None:
    """Print a text. If no page shows the output of the cell, write it to the kernel's log, too.

    nbconvert, nbclient and papermill show what is printed after the notebook has run. The log of
    the kernel's application goes directly to the terminal in which they were started.
    """
    print(text, flush=True)  # noqa: T201 - the person must see it
    if page_never_connected():
        running_kernel().log.warning("%s", text)
