"""Runs ``auth0-widget doctor`` on a set-up that works and on seven with a fault.

docs/errors_page.py writes the output into troubleshooting.md. Everything runs on this machine: a
local tenant takes the place of Auth0, and the proxy that refuses connections is started here.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import socket
import tempfile
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from auth0_widget.commands import cli
from auth0_widget.config import CALLBACK_PAGE, DEFAULT_LOOPBACK_PORT
from auth0_widget.doctor.servers import EXTENSION
from auth0_widget.flows import remote_kernel
from auth0_widget.local_tenant import LocalTenant
from auth0_widget.oauth.loopback_address import redirect_uri

if TYPE_CHECKING:
    from collections.abc import Iterator

ORIGIN = "http://localhost:8888"
_FOREIGN = re.compile(
    "AUTH0_|JUPYTER|SSH_|JPY_|SSL_CERT|REQUESTS_CA|VOILA|COLAB|CODESPACES|.*_PROXY$", re.IGNORECASE
)


@dataclass(frozen=True)
class Run:
    """The result of one run of the command.

    Attributes:
        title: What is wrong with the set-up.
        exit_code: The exit code.
        text: The output, in which versions and ports are replaced by fixed ones.
    """

    title: str
    exit_code: int
    text: str


def runs() -> list[Run]:
    """The runs: first with the set-up that works, then with each that does not."""
    port = _free_port()
    link = redirect_uri(port)
    with tempfile.TemporaryDirectory() as folder, _environment(Path(folder)):
        os.environ["AUTH0_WIDGET_LOOPBACK_PORT"] = str(port)
        with LocalTenant(origins=[ORIGIN]) as tenant:
            tenant.application.callbacks += [f"{ORIGIN}/{CALLBACK_PAGE}", link]
            os.environ.update(AUTH0_DOMAIN=tenant.url, AUTH0_CLIENT_ID=tenant.client_id)
            found = [
                _run("Nothing"),
                _run("The client ID is that of another tenant", "--client-id", "somebody-else"),
                _run("The page's origin is not registered", origin="http://localhost:9999"),
                _extension_disabled(Path(folder)),
            ]
            tenant.application.callbacks.remove(link)
            tenant.application.grant_types = ("authorization_code", "refresh_token")
            found += [
                _run(
                    "The page's origin, the link and the code are not set up",
                    origin="http://localhost:9999",
                ),
            ]
        found.append(_run("The tenant is down"))
        with LocalTenant(port=0, origins=[ORIGIN], clock=lambda: time.time() + 600) as late:
            late.application.callbacks.append(link)
            found.append(_run("The clock is off by ten minutes", "--domain", late.url))
        with _refusing_proxy() as proxy:
            os.environ["HTTPS_PROXY"] = proxy
            found.append(_run("The proxy refuses", "--domain", "acme.eu.auth0.com"))
    return found


def _run(title: str, *arguments: str, origin: str = ORIGIN) -> Run:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exit_code = cli.main(["doctor", "--origin", origin, *arguments])
    text = printed.getvalue().replace(
        redirect_uri(int(os.environ["AUTH0_WIDGET_LOOPBACK_PORT"])),
        redirect_uri(DEFAULT_LOOPBACK_PORT),
    )
    return Run(title, exit_code, _everywhere_the_same(text))


def _free_port() -> int:
    """A port for the response of a link: another program here may use the usual one."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _extension_disabled(folder: Path) -> Run:
    """The run with the server extension disabled, and ``callback="page"``, which needs it."""
    disabled = {"ServerApp": {"jpserver_extensions": {EXTENSION: False}}}
    file = folder / "config" / "jupyter_server_config.json"
    file.parent.mkdir()
    file.write_text(json.dumps(disabled), encoding="utf-8")
    changed = {"JUPYTER_CONFIG_DIR": str(file.parent), "JUPYTER_PREFER_ENV_PATH": "0"}
    os.environ.update(changed, AUTH0_WIDGET_CALLBACK="page")
    try:
        return _run('The server extension is disabled, and `callback="page"` needs it')
    finally:
        for name in (*changed, "AUTH0_WIDGET_CALLBACK"):
            del os.environ[name]


@contextlib.contextmanager
def _environment(folder: Path) -> Iterator[None]:
    """Remove the settings and the running servers of the person who runs this.

    The machine counts as the person's own, also if it is a container.
    """
    before, containers = dict(os.environ), remote_kernel.CONTAINERS
    for name in filter(_FOREIGN.match, before):
        del os.environ[name]
    os.environ["JUPYTER_RUNTIME_DIR"] = str(folder / "runtime")
    remote_kernel.CONTAINERS = ()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        remote_kernel.CONTAINERS = containers


@contextlib.contextmanager
def _refusing_proxy() -> Iterator[str]:
    class Refusing(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            self.send_error(403)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Refusing)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _everywhere_the_same(text: str) -> str:
    text = re.sub(r"Python [\d.]+\S* on \w+", "Python 3.13.5 on Linux", text)
    text = re.sub(r"(Packages: ).*", r"\1auth0-widget x.y.z, anywidget x.y.z, …", text)
    text = re.sub(rf"127\.0\.0\.1:(?!{DEFAULT_LOOPBACK_PORT}/)\d+", "127.0.0.1:8400", text)
    return re.sub(r"\b(599|601) seconds", "600 seconds", text)
