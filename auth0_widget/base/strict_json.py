"""JSON from outside, refused unless it means the same to every reader (RFC 8259).

Python's parser takes NaN, keeps the last of two equal names, turns 1e400 into infinity and lets
half a surrogate pair through. What comes later (a browser, a seal, an encoder) would read such
a text in another way or fail on it, far from the place that should have refused it.
"""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

MAX_DEPTH = 32
"""Levels of nesting; a profile has three."""

_INTEGER_DIGITS = 20  # as many as 64 bits need, with a sign


def json_object(text: str | bytes, *, limit: int) -> dict[str, Any] | None:
    """The JSON object in a text, or None when it is anything else.

    Args:
        text: As it came; bytes are UTF-8 (RFC 8259, 8.1).
        limit: The longest text that is looked at, in characters or bytes.
    """
    if len(text) > limit:
        return None
    try:
        if isinstance(text, bytes):
            text = text.decode()
        value = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_refuse,
            parse_float=_finite,
            parse_int=_integer,
        )
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and _is_plain(value) else None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError
    return members


def _refuse(_: str) -> NoReturn:
    raise ValueError


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def _integer(text: str) -> int:
    if len(text) > _INTEGER_DIGITS:
        raise ValueError
    return int(text)


def _is_plain(value: object) -> bool:
    """Whether it is nested within reason and all its text can be written as UTF-8."""
    level = [value]
    for _ in range(MAX_DEPTH):
        inner: list[object] = []
        for item in level:
            if isinstance(item, dict):
                inner += [*item.keys(), *item.values()]
            elif isinstance(item, list):
                inner += item
            elif isinstance(item, str) and not is_unicode(item):
                return False
        if not inner:
            return True
        level = inner
    return False


def is_unicode(text: str) -> bool:
    """Whether the text has no lone surrogates, which no encoding can carry."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
