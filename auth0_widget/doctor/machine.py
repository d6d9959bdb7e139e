"""Checks of this machine: Python, the packages, where the kernel runs, the connection settings."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import socket
from pathlib import Path

from auth0_widget.doctor.report import Finding
from auth0_widget.errors import Auth0WidgetError, LoopbackPortError, MissingBundleError
from auth0_widget.oauth.environment import CERTIFICATE_VARIABLES
from auth0_widget.oauth.loopback_address import ADDRESSES
from auth0_widget.oauth.proxy import proxy_for, proxy_host
from auth0_widget.oauth.transport import Transport

_PACKAGES = (
    *("auth0-widget", "anywidget", "ipywidgets", "httpx", "PyJWT"),
    *("ipykernel", "jupyterlab", "notebook", "jupyterhub", "voila", "marimo"),
)

# Environment variable → where a process that has it runs. The last four were only read about.
_RUNTIMES = {
    "VOILA_BASE_URL": "Voilà",
    "JUPYTERHUB_API_URL": "a server of JupyterHub",
    "COLAB_RELEASE_TAG": "Google Colab",
    "CODESPACES": "GitHub Codespaces",
    "DATABRICKS_RUNTIME_VERSION": "Databricks",
    "KAGGLE_KERNEL_RUN_TYPE": "Kaggle",
}
_KERNEL = "JPY_PARENT_PID"  # jupyter_client gives it to each kernel that it starts


def python() -> Finding:
    """Which Python runs, and on what system."""
    return Finding("good", f"Python {platform.python_version()} on {platform.system()}")


def packages() -> Finding:
    """Which versions are installed beside this Python; the Jupyter Server's may be others."""
    versions = {name: _version(name) for name in _PACKAGES}
    found = [f"{name} {version}" for name, version in versions.items() if version]
    return Finding("good", f"Packages: {', '.join(found)}")


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def missing_bundle() -> Finding | None:
    """The finding that the widget's JavaScript or style sheet is missing; None if it is not."""
    static = Path(__file__).parents[1] / "static"
    if (static / "widget.js").is_file() and (static / "widget.css").is_file():
        return None
    return Finding.of_error(MissingBundleError())


def runtime() -> Finding:
    """Where this process seems to run."""
    seen = [name for variable, name in _RUNTIMES.items() if variable in os.environ]
    if _KERNEL in os.environ:
        seen.insert(0, "a Jupyter kernel")
    if not seen:
        seen = ["no kernel: a terminal or a script"]
    return Finding("good", f"Run from {', in '.join(seen)}")


def port_taken(port: int, *, needed: bool) -> Finding | None:
    """The finding that a login by a link cannot listen at this port; None if it can.

    Args:
        port: The port.
        needed: Whether the flow allows no other way to log in.
    """
    try:
        socket.create_server((ADDRESSES[0][0], port)).close()
    except OSError:
        return Finding(
            "bad" if needed else "note",
            f"The port {port} for the response of a login by a link cannot be used now",
            LoopbackPortError.default_next_step,
            "link",
        )
    return None


def connection(origin: str) -> Finding:
    """The proxy for requests to the tenant, and the certificates that are trusted."""
    try:
        Transport(origin).close()  # it uses the proxy and the certificates
        proxy = proxy_for(origin)
    except Auth0WidgetError as error:
        return Finding.of_error(error)
    # Only the host: the proxy's URL may contain a user name and a password.
    through = f"through the proxy at {proxy_host(proxy)}" if proxy else "without a proxy"
    named = [variable for variable in CERTIFICATE_VARIABLES if os.environ.get(variable)]
    last = (
        f"{', '.join(named[:-1])} and {named[-1]} name" if named[1:] else f"{''.join(named)} names"
    )
    also = f", and the certificates that {last}" if named else ""
    return Finding(
        "good",
        f"The tenant is asked {through}; trusted are the system's and certifi's certificates{also}",
    )
