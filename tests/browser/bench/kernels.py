"""The ipykernels of the waiting stories: the newest, and older ones.

``python tests/browser/bench/kernels.py`` installs the older ones, each with this package into its
own environment below ``.venv-kernels``. Without it, only the newest is used.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[3]
OLDER_KERNELS = ROOT / ".venv-kernels"
VERSIONS = ("6.29.5", "6.30.1", "7.0.1", "7.2.0")
NEWEST_KERNEL = "python3"
"""The kernelspec of the interpreter that runs the tests."""

_PREFIX = "ipykernel-"


def older_kernels() -> list[str]:
    """The names of the installed older kernels' kernelspecs, the oldest first."""
    specs = (OLDER_KERNELS / "share" / "jupyter" / "kernels").glob(f"{_PREFIX}*")
    return sorted(path.name for path in specs)


def version_of(kernelspec: str) -> str:
    """The version of a kernelspec's ipykernel."""
    newest = kernelspec == NEWEST_KERNEL
    return version("ipykernel") if newest else kernelspec.removeprefix(_PREFIX)


def install(number: str) -> None:
    """Make an environment with this ipykernel, and a kernelspec that names it."""
    home = OLDER_KERNELS / number
    python = home / "bin" / "python"
    spec = OLDER_KERNELS / "share" / "jupyter" / "kernels" / f"{_PREFIX}{number}" / "kernel.json"
    if spec.exists():
        return
    _run(sys.executable, "-m", "venv", str(home))
    pip = (str(python), "-m", "pip", "install", "--quiet")
    _run(*pip, f"ipykernel=={number}", "requests", "--editable", str(ROOT))
    spec.parent.mkdir(parents=True, exist_ok=True)
    command = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    name = f"ipykernel {number}"
    spec.write_text(json.dumps({"argv": command, "display_name": name, "language": "python"}))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, env={**os.environ, "SKIP_JUPYTER_BUILDER": "1"})


if __name__ == "__main__":
    for each in VERSIONS:
        install(each)
