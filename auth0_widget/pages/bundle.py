"""The front end's own files, as ``js/`` builds them."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import NamedTuple

from auth0_widget.errors import MissingBundleError

_STATIC = Path(__file__).parents[1] / "static"


class Bundle(NamedTuple):
    """One build of the front end.

    ``loader`` and ``style`` go with every widget, and are saved with the notebook. ``page`` is the
    code of the card, which the loader asks for once in each browser page.
    """

    loader: str
    style: str
    page: str


@functools.cache
def bundle() -> Bundle:
    """The bundle: all of it read at once, since an update may replace it while the kernel runs.

    Raises:
        MissingBundleError: The front end was not built (in a checkout only).
    """
    try:
        names = ("widget.js", "widget.css", "page.js")
        return Bundle(*((_STATIC / name).read_text(encoding="utf-8") for name in names))
    except OSError:
        raise MissingBundleError from None
