"""A link as a QR code (ISO/IEC 18004), which the kernel makes and the card draws."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auth0_widget.pages.messages import QrCode


def qr_code_of(text: str) -> QrCode:
    """The QR code of a text."""
    import segno  # noqa: PLC0415 - seldom needed

    modules = segno.make(text, micro=False, error="m").matrix
    path = ""
    for y, row in enumerate(modules):
        x = 0
        for dark, run in groupby(row):
            width = len(list(run))
            if dark:
                path += f"M{x} {y}h{width}v1h-{width}z"
            x += width
    return {"size": len(modules), "path": path}
