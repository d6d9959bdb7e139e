"""The Chromium of the browser tests: find one, or install one.

``make test`` runs this file; the fixtures import it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

# Debian's packages. The headless shell is Chromium without toolbars, each of which is a page:
# JupyterLab loads in two thirds of the time.
PACKAGES = ("chromium-headless-shell", "chromium")

NAMES = (*PACKAGES, "google-chrome", "google-chrome-stable", "chromium-browser")

FONTS = "fonts-dejavu-core"

REMOTE_HOST = "lab.example"
"""A name of this machine that no page, and no tenant, can tell from another machine's."""

OPTIONS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
    "--no-first-run",
    # And a container's name, as Docker Compose gives it to a service.
    f"--host-resolver-rules=MAP {REMOTE_HOST} 127.0.0.1, MAP jupyter_lab 127.0.0.1",
)
"""Without the options for networking, Chromium sends requests to its vendor at every start."""


def find_chromium() -> str | None:
    """The path of a Chromium or Chrome that starts, or None."""
    installed = [path for path in map(shutil.which, NAMES) if path]
    return next(filter(_starts, installed), None) or _playwright_chromium()


def install_chromium() -> str | None:
    """Install Chromium as this machine allows it and return its path, or None."""
    as_root = os.geteuid() == 0
    if as_root and shutil.which("apt-get"):
        apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
        _run(*apt, "update")
        for package in PACKAGES:
            if not find_chromium():
                _run(*apt, "install", "--yes", "--no-install-recommends", package, FONTS)
    if not find_chromium():
        system_libraries = ["--with-deps"] if as_root else []
        _run(sys.executable, "-m", "playwright", "install", *system_libraries, "chromium")
    return find_chromium()


def _playwright_chromium() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if _starts(path) else None


def _starts(path: str) -> bool:
    # Ubuntu's chromium-browser only prints that a snap must be installed.
    if not Path(path).exists():
        return False
    answer = subprocess.run([path, "--version"], capture_output=True, check=False)
    return answer.returncode == 0


def _run(*command: str) -> None:
    # The caller checks whether it was installed; the output is on the terminal.
    subprocess.run(command, check=False)


if __name__ == "__main__" and not (find_chromium() or install_chromium()):
    sys.exit(
        "No Chromium for the browser tests: install the package chromium (Debian: apt-get install "
        "chromium) or Google Chrome, then run make test again."
    )
