"""``auth0-widget doctor``: prints what the doctor finds, and gives the exit code."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING

from auth0_widget.doctor.examination import examine_environment

if TYPE_CHECKING:
    from collections.abc import Sequence

UNHEALTHY = 1
"""The exit code when no login can work."""


def run_doctor(
    *, domain: str | None = None, client_id: str | None = None, origins: Sequence[str] = ()
) -> int:
    """Print the report on what a login would meet here. 0 when one can work, else 1.

    Args:
        domain: The tenant; by default that of the environment.
        client_id: The application; by default that of the environment.
        origins: Of the pages; by default those of the Jupyter Servers that run here.
    """
    report = examine_environment(domain=domain, client_id=client_id, origins=tuple(origins))
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a console of Windows may know no tick
    print(report)  # noqa: T201 - this is a command's output
    return 0 if report.ok else UNHEALTHY
