"""The command ``auth0-widget``: its arguments, and what becomes of its errors."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from auth0_widget import __version__
from auth0_widget.demo import run_demo
from auth0_widget.errors import Auth0WidgetError

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_CANNOT = 2
"""The exit code when the command cannot do what it was asked; argparse uses the same."""

_HIGHEST_PORT = 65535


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0, or 2 after one sentence on stderr.

    Args:
        arguments: The command line without the program's name; by default this process's.
    """
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except Auth0WidgetError as error:
        print(f"auth0-widget: {error}", file=sys.stderr)  # noqa: T201 - a command's output
        return EXIT_CANNOT
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="auth0-widget", description="The login for notebooks.")
    parser.add_argument("--version", action="version", version=f"auth0-widget {__version__}")
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
    return parser


def _port(text: str) -> int:
    # Called by argparse, which puts the option's name before the sentence.
    if not text.isdecimal() or not 1 <= int(text) <= _HIGHEST_PORT:
        message = f"{text!r} is not a port: give a number from 1 to {_HIGHEST_PORT}"
        raise argparse.ArgumentTypeError(message)
    return int(text)
