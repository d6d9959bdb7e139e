"""The cell that is running, and the kernel that runs it."""

from __future__ import annotations

import sys
from typing import Any, NamedTuple


class RunningCell(NamedTuple):
    """The cell that runs: its ID in the notebook, and the request that runs it."""

    cell: str
    request: str


def running_cell() -> RunningCell | None:
    """The cell whose code is running, or None where the front end does not tell its ID.

    JupyterLab 4 and Notebook 7 send it along, as ``cellId`` in the request's metadata.
    """
    try:
        request = running_kernel().get_parent("shell")
        return RunningCell(request["metadata"]["cellId"], request["header"]["msg_id"])
    except (AttributeError, LookupError, TypeError):
        return None


def is_held_by_a_variable(thing: object) -> bool:
    """Whether a variable of the notebook holds it; what IPython keeps of outputs is none."""
    names = getattr(running_shell(), "user_ns", {})
    return any(value is thing for name, value in tuple(names.items()) if not name.startswith("_"))


def running_kernel() -> Any:  # noqa: ANN401 - None, or ipykernel's own class
    """The running kernel, without importing one where there is none."""
    return getattr(running_shell(), "kernel", None)


def running_shell() -> Any:  # noqa: ANN401 - None, or IPython's own class
    """The running IPython, without importing it where there is none."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None
