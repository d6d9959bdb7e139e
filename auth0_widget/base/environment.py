"""Environment variables that people set."""

from __future__ import annotations

import os


def variable(name: str) -> str | None:
    """The value of an environment variable, without spaces around it; None if nothing is left.

    A file of variables that was written on Windows can leave a carriage return at the end of each
    value.
    """
    return os.environ.get(name, "").strip() or None
