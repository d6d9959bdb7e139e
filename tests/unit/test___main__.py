from __future__ import annotations

import subprocess
import sys

from auth0_widget import __version__


def test_python_m_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "auth0_widget", "--version"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, f"auth0-widget {__version__}\n")
