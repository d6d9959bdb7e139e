"""A real JupyterHub, with its proxy, as the documentation's example sets it up."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import nbformat
from nbformat.v4 import new_code_cell, new_notebook

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from auth0_widget.local_tenant import LocalTenant

ROOT = Path(__file__).parents[2]
HERE = ROOT / "tests/hub"
EXAMPLE = ROOT / "docs/examples/jupyterhub_config.py"
PROXY = HERE / "node_modules/configurable-http-proxy/bin/configurable-http-proxy"
START_TIMEOUT = 120
"""Seconds; a hub takes three to start, on a machine that does nothing else."""


def free_ports(number: int) -> Iterator[int]:
    """Ports that are free."""
    held = []
    for _ in range(number):
        held.append(socket.socket())
        held[-1].bind(("127.0.0.1", 0))
    for one in held:
        yield one.getsockname()[1]
        one.close()


class HubProcess:
    """JupyterHub as a child process, on loopback.

    Attributes:
        port: The port of its proxy, which serves all users' pages.
        origin: The origin of these pages.
        tenant: Its identity provider.
    """

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self._directory = directory
        self._log = directory / "hub.log"
        self.port, hub, proxy, service = free_ports(4)
        self.origin = f"http://127.0.0.1:{self.port}"
        ours = ("AUTH0_", "JUPYTER")
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(ours)},
            "HUB_URL": self.origin,
            "HUB_PORTS": json.dumps([hub, proxy, service]),
            "HUB_DIRECTORY": str(directory),
            "HUB_PROXY": json.dumps(["node", str(PROXY)]),
            "EXAMPLE": str(EXAMPLE),
            "JUPYTERHUB_CRYPT_KEY": "ab" * 32,
            "JUPYTER_CONFIG_DIR": str(directory / "config"),
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.tenant: LocalTenant | None = None

    def start(self) -> None:
        """Start it, and return once it serves its login page."""
        config = self._directory / "config" / "jupyter_server_config.json"
        config.parent.mkdir()
        lab = {"expose_app_in_browser": True, "extension_manager": "readonly", "news_url": None}
        config.write_text(json.dumps({"LabApp": lab}), encoding="utf-8")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub", "-f", str(HERE / "jupyterhub_config.py")],
                cwd=self._directory,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        with httpx.Client(base_url=self.origin, trust_env=False, timeout=5) as client:
            deadline = time.monotonic() + START_TIMEOUT
            while time.monotonic() < deadline and self._process.poll() is None:
                try:
                    if client.get("/hub/login").is_success:
                        return
                except httpx.TransportError:
                    pass
                time.sleep(0.1)
        self.stop()
        raise AssertionError(self.log()[-3000:])

    def stop(self) -> None:
        """End it, its proxy, and all users' servers."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(60)

    def log(self) -> str:
        """The log so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def home(self, user: str) -> Path:
        """The folder in which this user's server runs."""
        folder = self._directory / user
        folder.mkdir(exist_ok=True)
        return folder

    def write(self, user: str, name: str, *cells: str) -> Path:
        """Write a notebook of code cells into a user's folder."""
        path = self.home(user) / f"{name}.ipynb"
        kernel = {"name": "python3", "display_name": "python3", "language": "python"}
        notebook = new_notebook(
            cells=[new_code_cell(source) for source in cells], metadata={"kernelspec": kernel}
        )
        nbformat.write(notebook, path)
        return path


class UserServer:
    """One user's JupyterLab on the hub; a `Notebook` is open in it."""

    def __init__(self, hub: HubProcess, user: str) -> None:
        self.root = f"{hub.origin}/user/{quote(user, safe='@')}"

    def url_in(self, _front_end: str, notebook: str) -> str:
        """The address that opens a notebook."""
        return f"{self.root}/lab/tree/{notebook}?here="

    def shut_down(self, *_names: str) -> None:
        """Do nothing: the kernels end with the hub."""


def tokens_in(log: str) -> list[str]:
    """Anything in a log that looks like a token."""
    return re.findall(r"eyJ[\w-]{20,}|v1\.[\w-]{20,}", log)
