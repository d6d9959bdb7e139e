"""Where no page with a button ever answers, whoever waits is told: in a real kernel and terminal.

As in a JupyterLab that has no anywidget, because it runs in another environment than the kernel.
"""

from __future__ import annotations

import subprocess
import sys

import pytest
from real_kernel import RealKernel

from auth0_widget.notebook.waiting import PAGE_TIMEOUT, STILL_WAITING

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


@pytest.mark.parametrize("wait", ["login.wait()", "asyncio.run(login._session_async())"])
def test_a_script_that_names_a_window_is_told_at_once(wait: str) -> None:
    script = f"""
import asyncio
from auth0_widget import LoginWidget
login = LoginWidget(domain="acme.eu.auth0.com", client_id="abc", flow="popup")
{wait}
"""
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False
    )
    assert "NoPageError: This is no notebook" in run.stderr
    assert "LoginWidget(flow='device')" in run.stderr


def test_they_are_told_within_ten_seconds() -> None:
    assert PAGE_TIMEOUT < 10
