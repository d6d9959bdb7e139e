"""What a command prints."""

from __future__ import annotations


def print_line(line: str) -> None:
    """Print a line at once, so that a program that reads through a pipe need not wait for it."""
    print(line, flush=True)  # noqa: T201 - this is a command's output
