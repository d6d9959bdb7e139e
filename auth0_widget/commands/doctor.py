"""``auth0-widget doctor``: prints the doctor's report."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING

from auth0_widget.commands.output import print_line
from auth0_widget.doctor.examination import examine_environment

if TYPE_CHECKING:
    from collections.abc import Sequence

UNHEALTHY = 1
"""The exit code when no login can work, or when it is unclear whether one can."""


def run_doctor(
    *, domain: str | None = None, client_id: str | None = None, origins: Sequence[str] = ()
) -> int:
    """Print the doctor's report, and return the exit code: 0 if a login can work, else 1.

    Args:
        domain: The tenant; by default ``AUTH0_DOMAIN``.
        client_id: The application; by default ``AUTH0_CLIENT_ID``.
        origins: The pages' origins; by default those of the Jupyter Servers that run here.
    """
    report = examine_environment(domain=domain, client_id=client_id, origins=tuple(origins))
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a Windows console may not encode the ✓
    print_line(str(report))
    return 0 if report.ok else UNHEALTHY
