"""The characters of texts that are written into requests."""

from __future__ import annotations

import re

SCOPE_CHARACTER = r"[\x21\x23-\x5b\x5d-\x7e]"
"""The regular expression for a character of a scope (RFC 6749, 3.3)."""

_QUOTES = frozenset("\"'`\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb")  # those of texts, too
_VISIBLE_ASCII = re.compile(r"[\x21-\x7e]+")


def is_visible_ascii(text: str, *, longest: int = 512) -> bool:
    """Whether a text has 1 to ``longest`` characters of ASCII, without spaces and controls."""
    return len(text) <= longest and _VISIBLE_ASCII.fullmatch(text) is not None


def is_quoted(text: str) -> bool:
    """Whether a text begins or ends with a quotation mark, which people copy with a value."""
    return text[:1] in _QUOTES or text[-1:] in _QUOTES
