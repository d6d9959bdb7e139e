"""Where a person reads what a cell that waits has to say."""

from __future__ import annotations

from auth0_widget.notebook.front_ends import no_page_ever
from auth0_widget.notebook.running_cell import running_kernel


def tell_person(text: str) -> None:
    """Print it; where no page shows what a cell prints, write it to the kernel's log as well.

    nbconvert, nbclient and papermill keep what is printed until the notebook has run. The log of
    the kernel's application goes to the terminal that they were started in, past what captures a
    cell's output.
    """
    print(text, flush=True)  # noqa: T201 - this is what it is for
    if no_page_ever():
        running_kernel().log.warning("%s", text)
