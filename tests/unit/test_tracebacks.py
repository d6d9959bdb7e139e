"""What is shown of our errors: in a real kernel, in nbclient, in a terminal, outside IPython."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import nbformat.v4 as notebooks
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from real_kernel import RealKernel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOST = "https://other.example.com"

# A session whose token may not go to that host: the error comes out of the depths of httpx.
CODE = f"""
import httpx
from auth0_widget.session.request_auth import SessionAuth
auth = SessionAuth(None, ["https://api.example.com"])


def fetch():
    return httpx.get("{HOST}/data", auth=auth)


def main():
    wanted = "the caller's own value"
    return fetch()


main()
"""


def _plain(lines: list[str]) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(lines))


def _assert_short(shown: str) -> None:
    assert "UntrustedUrlError: The access token is not sent to https://other.example.com" in shown
    assert "Use auth=session.auth_for(" in shown, "the next step"
    assert f'httpx.get("{HOST}/data"' in shown, "the caller's own line"
    assert "return fetch()" in shown
    assert "_client.py" not in shown
    assert "request_auth.py" not in shown


@pytest.fixture(scope="module")
def kernel() -> Iterator[RealKernel]:
    with RealKernel() as kernel:
        yield kernel


def _shown(kernel: RealKernel, code: str) -> str:
    reply = kernel.reply(kernel.client.execute(code, stop_on_error=False))
    assert reply["status"] == "error"
    return _plain(reply["traceback"])


def test_a_kernel_shows_the_callers_own_lines_and_what_to_do(kernel: RealKernel) -> None:
    _assert_short(_shown(kernel, CODE))


@pytest.mark.parametrize("mode", ["Verbose", "Plain"])
def test_another_xmode_shows_every_frame(kernel: RealKernel, mode: str) -> None:
    kernel.run(f"get_ipython().run_line_magic('xmode', '{mode}')", cell="mode")
    try:
        shown = _shown(kernel, CODE)
    finally:
        kernel.run("get_ipython().run_line_magic('xmode', 'Context')", cell="mode")
    assert "request_auth.py" in shown
    assert "UntrustedUrlError" in shown


def test_an_error_of_the_users_own_keeps_its_frames(kernel: RealKernel) -> None:
    assert "_client.py" in _shown(kernel, "import httpx\nhttpx.Client().send(None)")


def test_nbclient_shows_the_same() -> None:
    notebook = notebooks.new_notebook(cells=[notebooks.new_code_cell(CODE)])
    with pytest.raises(CellExecutionError) as failed:
        NotebookClient(notebook).execute()
    _assert_short(_plain([str(failed.value)]))


def _run(*command: str) -> str:
    run = subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, check=False
    )
    return _plain([run.stdout + run.stderr])


def test_ipython_in_a_terminal_shows_the_same(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(CODE)
    _assert_short(_run("IPython", "--no-banner", "--ipython-dir", str(tmp_path), str(script)))


def test_python_outside_ipython_shows_every_frame(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(CODE)
    run = subprocess.run(
        [sys.executable, str(tmp_path / "script.py")], capture_output=True, text=True, check=False
    )
    assert "request_auth.py" in run.stderr
