"""JupyterLab and the local tenant side by side: what ``auth0-widget demo`` starts.

JupyterLab runs as a child process in a temporary directory, with a copy of the notebooks and with
settings of its own. The demo neither reads nor changes the user's own Jupyter.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import webbrowser
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import httpx

from auth0_widget.commands.output import print_line
from auth0_widget.config import CALLBACK_PAGE
from auth0_widget.errors import Auth0WidgetError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import FrameType

FIRST_NOTEBOOK = "01_login.ipynb"
"""The notebook that the demo opens."""

USUAL_PORT = 8888
"""Jupyter's default port. At the same address each time, the browser keeps one localStorage."""

START_TIMEOUT = 120
"""Seconds that JupyterLab may take to start; a cold start on a slow disk took 40."""

# JupyterLab 4.6 asks whether to fetch news even with --LabApp.news_url=None.
_QUIET = {"@jupyterlab/apputils-extension/notification": {"fetchNews": "false"}}

_STOP_SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


class DemoError(Auth0WidgetError):
    """The demo cannot run here with these options."""

    code = "demo"
    default_message = "The demo could not be started."
    default_next_step = "Run it again with --help to see its options."


class JupyterLab:
    """One JupyterLab server as a child process, on loopback, isolated from the user's own.

    Args:
        directory: Where its settings, its log and the folder ``notebooks`` lie.
        port: The port to listen on; it must be free.
        environment: Environment variables for the kernels, added to this process's. Those of this
            process that begin with ``AUTH0_`` or ``JUPYTER`` are left out.
        settings: JupyterLab's settings by schema, as in its Advanced Settings Editor.
        options: Further command line options of ``jupyter lab``.
        base_url: The path that everything lies below, as JupyterHub gives each user one.
    """

    def __init__(  # noqa: PLR0913 - one argument for each setting of a server
        self,
        directory: Path,
        *,
        port: int,
        environment: Mapping[str, str],
        settings: Mapping[str, Mapping[str, object]] = MappingProxyType({}),
        options: Sequence[str] = (),
        base_url: str = "/",
    ) -> None:
        self.notebooks = directory / "notebooks"
        self.origin = f"http://127.0.0.1:{port}"
        self.root = f"{self.origin}{base_url}".rstrip("/")
        self.token = secrets.token_urlsafe(24)
        self._settings = {**_QUIET, **settings}
        self._settings_directory = directory / "config" / "lab" / "user-settings"
        self._log_path = directory / "jupyterlab.log"
        self._environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("AUTH0_", "JUPYTER"))
            },
            "JUPYTER_CONFIG_DIR": str(directory / "config"),
            "JUPYTER_DATA_DIR": str(directory / "data"),
            "JUPYTER_RUNTIME_DIR": str(directory / "runtime"),
            "IPYTHONDIR": str(directory / "ipython"),
            # By the environment, because other users of the machine can read a command line.
            "JUPYTER_TOKEN": self.token,
            **environment,
        }
        self._command = [
            *(sys.executable, "-m", "jupyterlab", "--no-browser"),
            "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.port={port}",
            f"--ServerApp.base_url={base_url}",
            "--ServerApp.port_retries=0",
            f"--ServerApp.root_dir={self.notebooks}",
            *(["--allow-root"] if getattr(os, "geteuid", lambda: 1)() == 0 else []),
            *options,
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, notebook: str) -> str:
        """The address that opens a notebook, Jupyter's token included."""
        return f"{self.root}/lab/tree/{notebook}?token={self.token}"

    def start(self) -> None:
        """Start the server and return once it responds to requests.

        Raises:
            MissingExtraError: JupyterLab is not installed.
            DemoError: It ended, or did not respond within ``START_TIMEOUT`` seconds.
        """
        if find_spec("jupyterlab") is None:
            extra = "demo"
            raise MissingExtraError(extra)
        self.notebooks.mkdir(parents=True, exist_ok=True)
        for schema, values in self._settings.items():
            path = self._settings_directory / f"{schema}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values), encoding="utf-8")
        with self._log_path.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Keeps the terminal's Ctrl-C, at which Jupyter asks a question, away from it.
                start_new_session=True,
            )
        # trust_env=False: no proxy can reach this machine's loopback address.
        # The token: if another server has taken the port meanwhile, it refuses the request.
        client = httpx.Client(
            base_url=self.root,
            headers={"Authorization": f"token {self.token}"},
            trust_env=False,
            timeout=5,
        )
        with client:
            for _ in range(START_TIMEOUT * 10):
                if self.wait(timeout=0.1) is not None:
                    break
                with contextlib.suppress(httpx.TransportError):
                    if client.get("/api/status").is_success:
                        return
        self.stop()
        last_lines = "\n".join(self.log().splitlines()[-5:])
        message = f"JupyterLab did not start. Its last words:\n{last_lines}\n"
        raise DemoError(message, next_step="Run 'jupyter lab' to see whether it starts by itself.")

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait until the server ends and return its exit code; None after ``timeout`` seconds."""
        if self._process is None:
            return None
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    def log(self) -> str:
        """What the server has printed so far."""
        return self._log_path.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """End the server and its kernels. Does nothing if it has ended already."""
        if self._process is None:
            return
        self._process.terminate()
        if self.wait(timeout=15) is None:
            # Its kernels watch their parent process, and end when it does.
            self._process.kill()
            self._process.wait()
        self._process = None


def run_demo(*, port: int | None = None, open_browser: bool = True) -> None:
    """Run the local tenant and JupyterLab until Ctrl-C, SIGTERM or JupyterLab's own shut-down.

    Args:
        port: JupyterLab's port; None takes 8888, or any free port when that is in use.
        open_browser: Whether to open the first notebook in the user's browser.

    Raises:
        MissingExtraError: The extra ``demo`` is not installed.
        DemoError: The port cannot be used, or JupyterLab did not start.
    """
    from auth0_widget.local_tenant import LocalTenant  # noqa: PLC0415 - needs the extra

    port = usable_port(port)
    origins = [f"http://127.0.0.1:{port}", f"http://localhost:{port}"]
    with contextlib.suppress(KeyboardInterrupt), contextlib.ExitStack() as cleanup:
        cleanup.enter_context(signals_interrupt())
        temporary = tempfile.TemporaryDirectory(
            prefix="auth0-widget-demo-", ignore_cleanup_errors=True
        )
        directory = Path(cleanup.enter_context(temporary))
        tenant = cleanup.enter_context(LocalTenant(origins=origins))
        tenant.application.callbacks += [f"{origin}/{CALLBACK_PAGE}" for origin in origins]
        lab = JupyterLab(
            directory,
            port=port,
            environment=tenant.environment,
        )
        shutil.copytree(
            shipped_notebooks(), lab.notebooks, ignore=shutil.ignore_patterns(".ipynb_checkpoints")
        )
        cleanup.callback(lab.stop)
        lab.start()
        url = lab.url(FIRST_NOTEBOOK)
        print_line(f"JupyterLab: {url}")
        print_line(f"Local tenant: {tenant.url}")
        print_line(f"Log in as: {tenant.users[0].email}, password: {tenant.password}")
        print_line("Stop with Ctrl-C. Changes to the notebooks are not kept.")
        if open_browser:
            webbrowser.open(url)
        lab.wait()
    print_line("Stopped.")


def shipped_notebooks() -> Path:
    """The folder of tutorials: inside an installed package, or beside it in a checkout.

    Raises:
        DemoError: There is none, so the installation is damaged.
    """
    package = Path(__file__).parents[1]
    for folder in (package / "notebooks", package.parent / "notebooks"):
        if (folder / FIRST_NOTEBOOK).is_file():
            return folder
    message = f"The notebook {FIRST_NOTEBOOK} is missing from this installation."
    raise DemoError(message, next_step="Install auth0-widget again.")


def usable_port(wanted: int | None = None) -> int:
    """Return the wanted port of 127.0.0.1 if it is free; for None the usual one, or any free one.

    Raises:
        DemoError: The wanted port is in use, or not for this user.
    """
    candidates = [USUAL_PORT, 0] if wanted is None else [wanted]
    for candidate in candidates:
        with socket.socket() as probe:
            # As the server does: a port whose last connection is in TIME_WAIT is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError as error:
                reason = error.strerror
            else:
                return int(probe.getsockname()[1])
    message = f"Port {candidates[-1]} cannot be used: {reason}."
    raise DemoError(message, next_step="Choose another with --port, or leave --port out.")


@contextlib.contextmanager
def signals_interrupt() -> Iterator[None]:
    """Let the first signal that ends programs raise KeyboardInterrupt, and ignore the rest."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        # A second Ctrl-C must not interrupt the cleanup that the first one began.
        for number in _STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in _STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
