"""The local tenant on its own: what ``auth0-widget tenant`` starts.

With a command after ``--`` the tenant runs for as long as that command: a job in CI needs no server
in the background and no fixed port.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from typing import TYPE_CHECKING

from auth0_widget.commands.demo import signals_interrupt
from auth0_widget.commands.output import print_line
from auth0_widget.errors import InvalidSettingError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from auth0_widget.local_tenant import LocalTenant

USUAL_PORT = 8400
"""The default port. With a command, the default is any free port."""

EXAMPLE = """\
port = 8400                        # 0 takes any free port
password = "development-only"      # everybody's; the login page shows it
origins = ["http://localhost:8888"]  # pages that may log in: where your Jupyter is
auto_approve = "ada@example.com"   # approves every device login at once

[lifetimes]                        # seconds; Auth0's defaults where left out
access_token = 3600
refresh_token = 86400

[[users]]                          # instead of Ada, Grace and Alan
email = "ada@example.com"
name = "Ada Lovelace"
claims = { "https://example.com/team" = "engines" }

[[apis]]                           # instead of https://notes.example.com/
identifier = "https://notes.example.com/"
name = "Notes API"
token_lifetime = 3600
scopes = { "read:notes" = "Read your notes", "write:notes" = "Write your notes" }

[[failures]]                       # the next requests to a path fail
path = "/oauth/token"
status = 503
times = 2

[[failures]]                       # or, by name, as in LocalTenant.fail
endpoint = "userinfo"
kind = "rate_limited"
"""
"""A complete configuration, for ``--help`` and the documentation."""

INTERRUPTED = 130
"""The exit code after Ctrl-C has ended the command, as in a shell."""


def run_tenant(
    *,
    port: int | None = None,
    config: Path | None = None,
    origins: Sequence[str] = (),
    auto_approve: str | None = None,
    command: Sequence[str] = (),
) -> int:
    """Run a local tenant until Ctrl-C, or for as long as a command runs.

    Args:
        port: Its port; by default that of the configuration, or 8400.
        config: A TOML file, see ``local_tenant.configuration``.
        origins: Web origins that may log in, beside those of the configuration.
        auto_approve: The e-mail address of a user who approves every device login at once.
        command: A program and its arguments. Its environment variables lead to the tenant.

    Returns:
        The command's exit code; 0 without one.

    Raises:
        MissingExtraError: The extra ``demo`` is not installed.
        InvalidSettingError: A setting is not usable, or the port is taken.
    """
    from auth0_widget.local_tenant import LocalTenant  # noqa: PLC0415 - needs the extra
    from auth0_widget.local_tenant.configuration import (  # noqa: PLC0415 - needs the extra
        Configuration,
        read_configuration,
    )

    settings = Configuration() if config is None else read_configuration(config)
    arguments = dict(settings.arguments)
    arguments["origins"] = [*arguments.get("origins", ()), *origins]
    if auto_approve is not None:
        arguments["auto_approve"] = auto_approve
    if port is None:
        port = settings.port
    if port is None:
        port = 0 if command else USUAL_PORT
    with contextlib.suppress(KeyboardInterrupt), contextlib.ExitStack() as cleanup:
        cleanup.enter_context(signals_interrupt())
        try:
            tenant = cleanup.enter_context(LocalTenant(port=port, **arguments))
        except OSError as error:
            raise InvalidSettingError(
                f"Port {port} cannot be used: {error.strerror}.",
                next_step="Choose another with --port; 0 takes any that is free.",
            ) from None
        except ValueError as error:
            raise InvalidSettingError(
                f"The local tenant cannot be made: {error}.",
                next_step="Correct the configuration, or name one of the tenant's users.",
            ) from None
        for failure in settings.failures:
            order = tenant.fail if "kind" in failure else tenant.fail_next
            order(**failure)
        if command:
            return _run(command, tenant)
        _introduce(tenant)
        threading.Event().wait()
    return INTERRUPTED if command else 0


def environment_of(tenant: LocalTenant) -> dict[str, str]:
    """The environment variables that lead notebooks and programs to a local tenant."""
    variables = {"AUTH0_DOMAIN": tenant.url, "AUTH0_CLIENT_ID": tenant.client_id}
    if tenant.auto_approve is not None:
        variables["AUTH0_WIDGET_FLOW"] = "device"
    return variables


def _run(command: Sequence[str], tenant: LocalTenant) -> int:
    from auth0_widget.local_tenant.proxies import no_proxy_variables  # noqa: PLC0415 - needs the extra

    # A job may set its own flow, and the client ID of another application of this tenant.
    environment = {
        **environment_of(tenant),
        **os.environ,
        **no_proxy_variables(os.environ),
        "AUTH0_DOMAIN": tenant.url,
    }
    if environment["AUTH0_CLIENT_ID"] not in {one.client_id for one in tenant.applications}:
        environment["AUTH0_CLIENT_ID"] = tenant.client_id
    try:
        process = subprocess.Popen(list(command), env=environment)  # noqa: S603 - the user's own
    except OSError as error:
        raise InvalidSettingError(
            f"{command[0]} cannot be started: {error.strerror}.",
            next_step="Write the command after --, as in: auth0-widget tenant -- pytest",
        ) from None
    try:
        return process.wait()
    except KeyboardInterrupt:
        # Ctrl-C has reached the command as well. SIGTERM and SIGHUP have not.
        process.send_signal(signal.SIGTERM)
        process.wait()
        raise


def _introduce(tenant: LocalTenant) -> None:
    print_line(f"Local tenant: {tenant.url}")
    for name, value in environment_of(tenant).items():
        print_line(f"export {name}={value}")
    people = ", ".join(user.email for user in tenant.users)
    print_line(f"Log in as: {people}; password: {tenant.password}")
    print_line("For development only. Stop with Ctrl-C.")
