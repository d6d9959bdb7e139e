"""Where no page with a button ever answers, whoever waits is told: in a real kernel and terminal.

As in a JupyterLab that has no anywidget, because it runs in another environment than the kernel.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from real_kernel import RealKernel

from auth0_widget.notebook.waiting import PAGE_TIMEOUT, STILL_WAITING

if TYPE_CHECKING:
    from pathlib import Path

WAIT = """
import asyncio
from auth0_widget import LoginWidget
from auth0_widget.notebook import waiting
waiting.PAGE_TIMEOUT = 0
login = LoginWidget(domain="acme.eu.auth0.com", client_id="abc", flow="popup")
try:
    await asyncio.wait_for(asyncio.ensure_future(login), 1)
except asyncio.TimeoutError:
    print("and waited on")
"""


def test_a_cell_in_a_lab_whose_pages_have_no_widgets_is_told() -> None:
    with RealKernel() as kernel:
        # What Jupyter Server asks the kernel when a page connects.
        client = kernel.client
        client.control_channel.send(client.session.msg("kernel_info_request"))
        client.get_control_msg(timeout=60)
        assert kernel.run(WAIT, "a").split("\n") == [STILL_WAITING, "and waited on"]


def test_whoever_awaits_in_a_terminal_is_told(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "IPython", "--ipython-dir", str(tmp_path), "-c", WAIT],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert f"{STILL_WAITING}\nand waited on" in run.stdout, run.stderr


def test_they_are_told_within_ten_seconds() -> None:
    assert PAGE_TIMEOUT < 10
