"""The Jupyter Servers of this user: where their pages are, and whether they have our extension."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from auth0_widget.config import CALLBACK_PAGE
from auth0_widget.doctor.report import Finding
from auth0_widget.errors import Auth0WidgetError, CallbackPageMissingError
from auth0_widget.oauth.transport import Transport

if TYPE_CHECKING:
    from auth0_widget.config import ResponseDelivery

EXTENSION = "auth0_widget.server"
_LOOK_YOURSELF = (
    f"Open the path {CALLBACK_PAGE} below the server's address in the browser: if the extension is "
    "enabled, the page says 'Back to your notebook'."
)
_TITLE = b"<title>Back to your notebook</title>"


@dataclass(frozen=True, slots=True)
class Server:
    """A Jupyter Server that runs on this machine.

    Attributes:
        origin: The origin of its pages, as the server itself knows it.
        base_url: The path below which its pages are; begins and ends with a slash.
    """

    origin: str
    base_url: str

    def serves_callback_page(self) -> bool:
        """Whether it serves the callback page, which needs no login.

        Raises:
            Auth0WidgetError: It could not be asked.
        """
        transport = Transport(self.origin, "The Jupyter Server")
        try:
            return _TITLE in transport.request("GET", f"{self.base_url}{CALLBACK_PAGE}").body
        finally:
            transport.close()


def running_servers() -> list[Server]:
    """The servers that this user runs on this machine, from any Python environment."""
    try:
        from jupyter_server.serverapp import list_running_servers  # noqa: PLC0415 - seldom needed
    except ImportError:
        return []
    found = []
    for one in list_running_servers():
        parts = urlsplit(one.get("url", ""))
        if parts.hostname:
            found.append(Server(f"{parts.scheme}://{parts.netloc}", one.get("base_url", "/")))
    return found


def extension(servers: list[Server], callback: ResponseDelivery) -> Finding:
    """Whether the servers that run serve the callback page; if none runs, whether one would.

    Only ``callback="page"`` needs it.
    """
    if servers:
        try:
            all_serve = all(server.serves_callback_page() for server in servers)
        except Auth0WidgetError as error:
            return Finding(
                "note",
                f"Whether the callback page is served is not known. {error.message}",
                _LOOK_YOURSELF,
                "window" if callback == "page" else None,
            )
        if all_serve:
            return Finding("good", "The Jupyter Server serves the callback page")
        missing = "The Jupyter Server that runs here does not serve the callback page"
    elif _is_enabled():
        return Finding("good", f"The Jupyter Server extension {EXTENSION} is enabled")
    else:
        missing = f"The Jupyter Server extension {EXTENSION} is not enabled here"
    enable = f"Run: jupyter server extension enable --sys-prefix {EXTENSION}; then restart it."
    if callback == "page":
        installing = CallbackPageMissingError.default_next_step
        return Finding(
            "bad",
            f"{missing}, and callback='page' needs it",
            f"{enable} Or: {installing}",
            "window",
        )
    return Finding("note", f"{missing}; only callback='page' needs it", enable)


def _is_enabled() -> bool:
    """Whether a Jupyter Server that starts in this environment would load the extension."""
    try:
        from jupyter_core.paths import jupyter_config_path  # noqa: PLC0415 - seldom needed
        from jupyter_server.services.config import ConfigManager  # noqa: PLC0415 - as well
    except ImportError:
        return False
    manager = ConfigManager(read_config_path=jupyter_config_path())
    found = manager.get("jupyter_server_config")  # type: ignore[no-untyped-call] # theirs
    server = found.get("ServerApp", {})
    enabled = server.get("jpserver_extensions", {}) if isinstance(server, dict) else {}
    return isinstance(enabled, dict) and enabled.get(EXTENSION) is True
