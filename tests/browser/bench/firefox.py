"""The Firefox of `make test-firefox`: find Debian's, or install it.

Playwright's own Firefox is a patched one. Debian's is driven by WebDriver BiDi, which this version
of playwright speaks with it; newer ones send a command that Firefox ESR 153 does not know.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

PLAYWRIGHT = "playwright==1.60.0"
FOLDER = Path(__file__).parents[3] / ".venv-firefox"
"""Where that version of playwright is; beside the one that drives Chromium."""

PACKAGES = ("firefox-esr", "fonts-dejavu-core")
NAMES = ("firefox-esr", "firefox")


def find_firefox() -> str | None:
    """The path of a Firefox, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def launch_firefox(playwright: Playwright) -> Browser:
    """Firefox without a window."""
    return playwright.firefox.launch(channel="moz-firefox", executable_path=find_firefox())


def _install() -> None:
    if not find_firefox() and os.geteuid() == 0 and shutil.which("apt-get"):
        apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
        subprocess.run([*apt, "update"], check=False)
        subprocess.run(
            [*apt, "install", "--yes", "--no-install-recommends", *PACKAGES], check=False
        )
    if not FOLDER.exists():
        uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet"]
        subprocess.run([*uv, "--target", FOLDER, PLAYWRIGHT], check=True)


if __name__ == "__main__":
    _install()
    if not find_firefox():
        sys.exit("No Firefox was found: install the package firefox-esr, then run this again.")
