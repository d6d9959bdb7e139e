"""The JavaScript and CSS files that ``js/`` builds."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import NamedTuple

from auth0_widget.errors import MissingBundleError

_STATIC = Path(__file__).parents[1] / "static"


class Bundle(NamedTuple):
    """The files of one build.

    ``loader`` and ``style`` are sent with every widget and saved with the notebook. ``page`` is the
    code of the card, which the loader requests once in each browser page.
    """

    loader: str
    style: str
    page: str


@functools.cache
def bundle() -> Bundle:
    """The bundle. All files are read together, because an update may replace them later.

    Raises:
        MissingBundleError: The front end was not built (in a checkout only).
    """
    try:
        names = ("widget.js", "widget.css", "page.js")
        return Bundle(*((_STATIC / name).read_text(encoding="utf-8") for name in names))
    except OSError:
        raise MissingBundleError from None
