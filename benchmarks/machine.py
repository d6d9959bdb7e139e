"""What it was measured on, and how quiet it was."""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import subprocess
import time
from importlib.metadata import version
from pathlib import Path

PACKAGES = (
    "auth0-widget",
    "anywidget",
    "ipywidgets",
    "ipykernel",
    "jupyterlab",
    "httpx",
    "PyJWT",
    "cryptography",
)


def describe() -> dict[str, str]:
    """The machine and the versions, by name."""
    return {
        "machine": f"{_processor()}, {os.cpu_count()} cores, {_memory()}",
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "Python": platform.python_version(),
        "Node": _said("node", "--version"),
        "Chromium": _said("chromium-headless-shell", "--version") or _said("chromium", "--version"),
        **{package: version(package) for package in PACKAGES},
    }


def noise() -> float:
    """How many times its median a fixed piece of work takes at least, in one try of twenty.

    1.0 is a machine that has nothing else to do.
    """
    taken = []
    for _ in range(200):
        begun = time.perf_counter()
        sum(range(100_000))
        taken.append(time.perf_counter() - begun)
    return sorted(taken)[-10] / statistics.median(taken)


def load() -> float:
    """How many programs wanted to run, over the last minute."""
    return os.getloadavg()[0]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(": ")[2]
    return platform.machine()


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GB"


def _said(*command: str) -> str:
    if shutil.which(command[0]) is None:
        return ""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip()
