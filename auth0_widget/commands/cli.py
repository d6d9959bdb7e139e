"""The command ``auth0-widget``: its arguments and its exit codes."""

from __future__ import annotations

import argparse
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from auth0_widget.commands.demo import run_demo
from auth0_widget.commands.doctor import run_doctor
from auth0_widget.commands.setup import run_setup
from auth0_widget.commands.tenant import EXAMPLE, USUAL_PORT, run_tenant
from auth0_widget.errors import Auth0WidgetError

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_CANNOT = 2
"""The exit code when the command cannot do what it was asked; argparse uses the same."""

_HIGHEST_PORT = 65535

_TENANT_MANUAL = """\
Run the local tenant: a stand-in for Auth0 on this machine, with invented people,
for development and tests. It prints the variables that lead to it.

  auth0-widget tenant --origin http://localhost:8888
      for your own Jupyter, which finds the tenant by the printed variables

  auth0-widget tenant --auto-approve ada@example.com -- pytest --nbval notebooks/
      run notebooks unattended: AUTH0_DOMAIN, AUTH0_CLIENT_ID and
      AUTH0_WIDGET_FLOW=device are set for the command after --

Exit codes: that of the command after --, or 130 if Ctrl-C has ended it; without
a command, 0 after Ctrl-C. 2 if the tenant or the command cannot be started, after
one sentence that says why."""

_DOCTOR_MANUAL = """\
Check everything that a login needs, from Python to the tenant, and say what is
wrong and what to do about it. It sends the tenant the requests of a login, with
made-up codes: Auth0's log shows them as failed exchanges. It changes nothing.

  auth0-widget doctor
      in a terminal; in a notebook: !auth0-widget doctor, or login.doctor()

You may show its output to others: it contains no secret, no e-mail address, no
name of a user and no path of your files. It does name the addresses of your
notebooks, which may contain the name of this machine.

Exit codes: 0 when a login can work in at least one way; 1 when none can, or it is unclear."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0, or 2 after one sentence on stderr.

    After ``auth0-widget tenant -- COMMAND``, the exit code is that of the command.

    Args:
        arguments: The command line without the program's name; by default this process's.
    """
    options = _parser().parse_args(arguments)
    try:
        exit_code: int | None = options.run(options)
    except Auth0WidgetError as error:
        print(f"auth0-widget: {error}", file=sys.stderr)  # noqa: T201 - a command's output
        return EXIT_CANNOT
    return exit_code or 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="auth0-widget", description="The login for notebooks.")
    parser.add_argument(
        "--version", action="version", version=f"auth0-widget {version('auth0-widget')}"
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    demo = commands.add_parser(
        "demo",
        help="log in, in JupyterLab, at a local tenant",
        description="Start a local stand-in for Auth0 and JupyterLab, and open a notebook that "
        "logs in there. Everything listens on this machine only and ends with Ctrl-C.",
    )
    demo.add_argument("--port", type=_port, help="JupyterLab's port (default: 8888, or a free one)")
    demo.add_argument(
        "--no-browser", action="store_true", help="print the addresses, open no browser"
    )
    demo.set_defaults(
        run=lambda options: run_demo(port=options.port, open_browser=not options.no_browser)
    )
    _add_tenant(commands)
    _add_doctor(commands)
    _add_setup(commands)
    return parser


def _add_setup(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    setup = commands.add_parser(
        "setup",
        help="print how to make the application in Auth0",
        description="Print the commands of the auth0 CLI, and the steps in Auth0's dashboard, that "
        "make an application for your notebooks, or correct the one that there is. Nothing is "
        "changed. The commands were read in the CLI's documentation, and not run.",
    )
    setup.add_argument("--client-id", help="an application to correct (default: AUTH0_CLIENT_ID)")
    _add_origin(setup)
    setup.set_defaults(
        run=lambda options: run_setup(client_id=options.client_id, origins=options.origin)
    )


def _add_origin(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--origin",
        action="append",
        default=[],
        metavar="URL",
        help="where a page with the widget is, as in https://hub.example.com; may be given several "
        "times (default: the Jupyter Servers that run here)",
    )


def _add_doctor(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    doctor = commands.add_parser(
        "doctor",
        help="check whether a login can work here, and say why not",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=_DOCTOR_MANUAL,
    )
    doctor.add_argument("--domain", help="the tenant (default: AUTH0_DOMAIN)")
    doctor.add_argument("--client-id", help="the application (default: AUTH0_CLIENT_ID)")
    _add_origin(doctor)
    doctor.set_defaults(
        run=lambda options: run_doctor(
            domain=options.domain, client_id=options.client_id, origins=options.origin
        )
    )


def _add_tenant(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    tenant = commands.add_parser(
        "tenant",
        help="run the local tenant, alone or while another command runs",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=_TENANT_MANUAL,
        epilog=f"A configuration, every part of which may be left out:\n\n{EXAMPLE}",
    )
    tenant.add_argument(
        "--port",
        type=_port,
        help=f"its port (default: the configuration's, or {USUAL_PORT}; with a command a free one)",
    )
    tenant.add_argument("--config", type=Path, metavar="FILE", help="a TOML file, see below")
    tenant.add_argument(
        "--origin",
        action="append",
        default=[],
        metavar="URL",
        help="where your Jupyter is, as in http://localhost:8888; may be given several times",
    )
    tenant.add_argument(
        "--auto-approve",
        metavar="EMAIL",
        help="a user who approves every device login at once, so that notebooks run unattended",
    )
    tenant.add_argument(
        "command",
        nargs="*",
        metavar="-- COMMAND",
        help="a command to run with the tenant, which stops when it ends",
    )
    tenant.set_defaults(
        run=lambda options: run_tenant(
            port=options.port,
            config=options.config,
            origins=options.origin,
            auto_approve=options.auto_approve,
            command=options.command,
        )
    )


def _port(text: str) -> int:
    # argparse puts the option's name before this message.
    if not text.isdecimal() or not 1 <= int(text) <= _HIGHEST_PORT:
        message = f"{text!r} is not a port: give a number from 1 to {_HIGHEST_PORT}"
        raise argparse.ArgumentTypeError(message)
    return int(text)
