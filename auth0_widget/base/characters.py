"""The characters of texts that are written into requests."""

from __future__ import annotations

import re

SCOPE_CHARACTER = r"[\x21\x23-\x5b\x5d-\x7e]"
"""The regular expression for a character of a scope (RFC 6749, 3.3)."""

_VISIBLE_ASCII = re.compile(r"[\x21-\x7e]+")


def is_visible_ascii(text: str, *, longest: int = 512) -> bool:
    """Whether a text has 1 to ``longest`` characters of ASCII, without spaces and controls."""
    return len(text) <= longest and _VISIBLE_ASCII.fullmatch(text) is not None
