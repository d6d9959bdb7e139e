"""``auth0-widget setup``: how to make the application in Auth0. It prints, and changes nothing.

The flags are those of the auth0 CLI 1.33.0 (August 2026), as its documentation has them
(auth0/auth0-cli, docs/auth0_apps_create.md, docs/auth0_apps_update.md and docs/auth0_api.md). They
were read and not run: that takes a tenant of Auth0's own.
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from auth0_widget.base.environment import variable
from auth0_widget.base.origins import is_loopback_url
from auth0_widget.commands.output import print_line
from auth0_widget.config import (
    Flow,
    checked_client_id,
    flow_and_port_from_environment,
    resolve_callback,
)
from auth0_widget.doctor.addresses import (
    addresses,
    link_callback,
    placeholder_note,
    urls_to_enter,
)
from auth0_widget.doctor.servers import running_servers
from auth0_widget.errors import InvalidSettingError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OVERLAP = 60
"""Seconds for which a refresh token still works after its first use, in case the response with the
next one was lost (Auth0 docs, "Configure Refresh Token Rotation")."""

_FLAGS = {
    "Allowed Callback URLs": "--callbacks",
    "Allowed Web Origins": "--web-origins",
    "Allowed Logout URLs": "--logout-urls",
}
_ROTATION = {"rotation_type": "rotating", "expiration_type": "expiring", "leeway": OVERLAP}
_SKIP = "skip_non_verifiable_callback_uri_confirmation_prompt"

# Flow → whose application it uses, and what to do. The commands below would make it unusable.
_OTHER_APPLICATIONS: dict[Flow, tuple[str, str]] = {
    "hub": (
        "JupyterHub's own: a Regular Web Application with a secret, without rotation",
        "Set it up as docs/howto/shared-server.md says.",
    ),
    "client_credentials": (
        "that of a job: a Machine to Machine application with a secret",
        "Create it as docs/howto/run-in-ci.md says.",
    ),
}

_NO_ADDRESS = """\

The address of no notebook is known: no Jupyter Server of yours runs here. A terminal, a script and
VS Code need none. For JupyterLab and Notebook, where Log in opens a window, name it:
  auth0-widget setup --origin http://localhost:8888"""

_NO_URLS_FOR_CODE = "a login with a code needs no URLs."
_NO_URLS_FOR_WINDOW = "the URLs that this command prints with --origin."
_ROTATION_STEP = f"""\
  3. Settings, Refresh Token Rotation: turn Allow Refresh Token Rotation on, with a Rotation
     Overlap Period of {OVERLAP} seconds."""
_GRANTS_STEP = """\
  4. Advanced Settings, Grant Types: Authorization Code, Refresh Token, Device Code; no others."""
_CONFIRMATION_STEP = """\
  5. Advanced Settings, OAuth, Non-Verifiable Callback URI End-User Confirmation: while it is on,
     Auth0 asks for one click before it sends a response to this machine, at a login that
     needs no password. Auth0 recommends to leave it on."""


def run_setup(*, client_id: str | None = None, origins: Sequence[str] = ()) -> None:
    """Print the commands and the steps that create or change the application.

    Args:
        client_id: The application to change; by default ``AUTH0_CLIENT_ID``. Without either, the
            commands create one.
        origins: The origins of the pages that show the widget; by default those of the Jupyter
            Servers that run here. Without either, a login with a code is set up, and one by a
            link where the flow has one.

    Raises:
        InvalidClientIdError: The client ID is malformed.
        InvalidSettingError: An origin or a setting is malformed, or the flow uses an application of
            another type.
    """
    client_id = client_id or variable("AUTH0_CLIENT_ID")
    client_id = checked_client_id(client_id) if client_id else None
    flow, port = flow_and_port_from_environment()
    if flow in _OTHER_APPLICATIONS:
        which, step = _OTHER_APPLICATIONS[flow]
        raise InvalidSettingError(
            f"With flow={flow!r}, the application is {which}.",
            next_step=f"{step} For an application of notebooks, unset AUTH0_WIDGET_FLOW.",
        )
    known = addresses(dict.fromkeys(origins), running_servers())
    link = link_callback(flow, port, known)
    urls = urls_to_enter(known, resolve_callback(), link)
    local = link is not None or any(is_loopback_url(one.origin) for one in known)
    lines = [
        "How to make an application for logins from notebooks. Nothing has been changed.",
        *([] if known else _NO_ADDRESS.splitlines()),
        *placeholder_note(urls),
        "",
        *_commands(urls, client_id, confirms=local),
        "",
        *_steps(urls, client_id, flow, confirms=local),
        "",
        "Then set AUTH0_DOMAIN and AUTH0_CLIENT_ID, and run: auth0-widget doctor",
    ]
    print_line("\n".join(lines))


def _commands(
    urls: Mapping[str, Sequence[str]], client_id: str | None, *, confirms: bool
) -> list[str]:
    which = ["update", client_id] if client_id else ["create", "--name", "Notebooks"]
    options = [part for field, listed in urls.items() for part in (_FLAGS[field], ",".join(listed))]
    apps = [
        *("auth0", "apps", *which, "--type", "native", "--auth-method", "None"),
        *("--grants", "code,refresh-token,device-code", *options),
        *("--refresh-token", json.dumps(_ROTATION)),
    ]
    lines = [
        "With the auth0 CLI (https://github.com/auth0/auth0-cli), in a POSIX shell. The flags are",
        "those that the documentation of its version 1.33.0 names; they were not run.",
        "",
    ]
    lines.append("  auth0 login")
    if client_id:
        lines.append(f"  {shlex.join(['auth0', 'apps', 'show', client_id])}")
        lines.append("  # The next line replaces whole lists: add the URLs that are to stay.")
    lines.append(f"  {shlex.join(apps)}")
    if confirms:
        patch = ["auth0", "api", "patch", f"clients/{client_id or 'CLIENT_ID'}"]
        lines += [
            "  # Only to do without the confirmation page of step 5 below:",
            f"  # {shlex.join([*patch, '--data', json.dumps({_SKIP: True})])}",
        ]
    return lines


def _steps(
    urls: Mapping[str, Sequence[str]], client_id: str | None, flow: Flow, *, confirms: bool
) -> list[str]:
    lines = ["Or in Auth0's dashboard, https://manage.auth0.com:", ""]
    if client_id:
        lines.append(f"  1. Applications, the one with the Client ID {client_id}: type Native.")
    else:
        lines.append("  1. Applications, Create Application: choose Native. It has no secret.")
    without = _NO_URLS_FOR_WINDOW if flow == "popup" else _NO_URLS_FOR_CODE
    lines.append("  2. Settings:" if urls else f"  2. Settings: {without}")
    lines += [f"     {field}: {', '.join(listed)}" for field, listed in urls.items()]
    lines += _ROTATION_STEP.splitlines() + _GRANTS_STEP.splitlines()
    return lines + _CONFIRMATION_STEP.splitlines() if confirms else lines
