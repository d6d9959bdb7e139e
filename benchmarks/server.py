"""How much later JupyterLab starts with the server extension and its top bar."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from measure import Row, Table, in_turn, ratios

from auth0_widget.commands.demo import JupyterLab, usable_port

LABEXTENSIONS = Path(__file__).parents[1] / "js" / "labextensions"
WITHOUT = "--ServerApp.jpserver_extensions={'auth0_widget.server': False}"
WITH = f"--LabServerApp.extra_labextensions_path={LABEXTENSIONS}"
SETTINGS = {"AUTH0_DOMAIN": "acme.eu.auth0.com", "AUTH0_CLIENT_ID": "client"}


_LOADING = """
import sys, time
from jupyter_server.serverapp import ServerApp
app = ServerApp()
off = "--ServerApp.jpserver_extensions={'auth0_widget.server': False}"
app.initialize([off, "--allow-root", "--port=0"])
here, begun = "auth0_widget.server" in sys.modules, time.process_time()
import auth0_widget.server
auth0_widget.server._load_jupyter_server_extension(app)
taken = time.process_time() - begun
assert not here and "auth0WidgetChannel" in app.web_app.settings["page_config_data"]
print(1000 * taken)
"""


def _processor_ms(option: str) -> float:
    """Milliseconds of a processor that a server has taken when it responds."""
    with tempfile.TemporaryDirectory() as folder:
        before = set(psutil.Process().children())
        lab = JupyterLab(
            Path(folder),
            port=usable_port(0),
            environment=SETTINGS,
            options=["--LabApp.extension_manager=readonly", option],
        )
        try:
            lab.start()
            (server,) = set(psutil.Process().children()) - before
            times = server.cpu_times()
            taken: float = 1000 * (times.user + times.system)
            return taken
        finally:
            lab.stop()


def _loading_ms() -> float:
    """Milliseconds of a processor that a server takes to load the extension."""
    with tempfile.TemporaryDirectory() as folder:
        own = {"JUPYTER_CONFIG_DIR": folder, "JUPYTER_RUNTIME_DIR": folder, **SETTINGS}
        done = subprocess.run(
            [sys.executable, "-c", _LOADING],
            env={**os.environ, **own},
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
        )
    return float(done.stdout)


def measure(runs: int) -> Table:
    """JupyterLab's start with the extension and without it, in turn."""
    begun = time.time()
    taken = in_turn(
        {"without": lambda: _processor_ms(WITHOUT), "with": lambda: _processor_ms(WITH)}, runs
    )
    loading = in_turn({"loading": _loading_ms}, runs)["loading"]
    more = [one - other for one, other in zip(taken["with"], taken["without"], strict=True)]
    return Table(
        "The start of JupyterLab",
        "Time of a processor until the server responds, with the extension enabled and with it "
        "disabled, in turn, each time a new server with an application for the top bar. "
        f"{runs} starts of each took {time.time() - begun:.0f} s.",
        [
            Row("JupyterLab without the extension", taken["without"], "ms"),
            Row("JupyterLab with it", taken["with"], "ms"),
            Row("the difference, run by run", more, "ms", at_most=50),
            Row("with it, times without it", ratios(taken["with"], taken["without"])),
            Row("in the server, to load the extension", loading, "ms"),
        ],
    )
