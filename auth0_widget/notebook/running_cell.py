"""The cell that is running, and the kernel that runs it."""

from __future__ import annotations

import sys
from typing import Any, NamedTuple


class RunningCell(NamedTuple):
    """The running cell: its ID in the notebook, and the ID of the request that runs it."""

    cell: str
    request: str


def running_cell() -> RunningCell | None:
    """The running cell, or None where the front end does not send its ID.

    JupyterLab 4 and Notebook 7 send it as ``cellId`` in the metadata of the request.
    """
    try:
        request = running_kernel().get_parent("shell")
        return RunningCell(request["metadata"]["cellId"], request["header"]["msg_id"])
    except (AttributeError, LookupError, TypeError):
        return None


def page_connection() -> str | None:
    """The ID of the connection of the page whose message the kernel is handling, or None.

    A page has one connection to a kernel, to run cells and for the messages of its widgets. The
    Jupyter protocol calls the ID ``session``, in the header of each message.
    """
    try:
        return str(running_kernel().get_parent("shell")["header"]["session"])
    except (AttributeError, LookupError, TypeError):
        return None


def is_held_by_a_variable(thing: object) -> bool:
    """Whether a variable refers to this object. IPython's output history does not count."""
    names = getattr(running_shell(), "user_ns", {})
    return any(value is thing for name, value in tuple(names.items()) if not name.startswith("_"))


def running_kernel() -> Any:  # noqa: ANN401 - None, or ipykernel's own class
    """The running kernel, or None. ipykernel is not imported."""
    return getattr(running_shell(), "kernel", None)


def running_shell() -> Any:  # noqa: ANN401 - None, or IPython's own class
    """The running IPython shell, or None. IPython is not imported."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None
