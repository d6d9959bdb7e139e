"""A JSON parser that refuses text which different parsers read differently (RFC 8259).

Python's own parser accepts NaN, keeps the last of two members with the same name, reads 1e400 as
infinity and accepts half of a surrogate pair. A browser would read such a text differently, and
encoding it again would fail.

Two kinds of unusual values occur in real profiles and are accepted: a tenant's Actions are written
in JavaScript, which writes integers with 21 digits, and which leaves half of a surrogate pair where
it cuts a text within the pair.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn, TypeGuard

MAX_DEPTH = 32
"""Levels of nesting that are accepted. A profile has three."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_INTEGER_DIGITS = 22  # as many as JavaScript writes in full, with a sign (ECMA-262, 6.1.6.1.20)


def json_object(
    text: str | bytes, *, limit: int, lone_surrogates: bool = False
) -> dict[str, Any] | None:
    """The JSON object that a text contains, or None if it contains anything else.

    Args:
        text: The text. Bytes are UTF-8 (RFC 8259, 8.1).
        limit: The greatest length of the text, in characters or bytes.
        lone_surrogates: Whether strings may contain halves of surrogate pairs. If True, the caller
            must check each member that it uses, or replace them (`without_lone_surrogates`).
    """
    if len(text) > limit:
        return None
    try:
        if isinstance(text, bytes):
            text = text.decode()
        value = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and _is_plain(value, lone_surrogates) else None


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


def _integer(text: str) -> float:
    return int(text) if len(text) <= _INTEGER_DIGITS else _finite(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_finite, parse_int=_integer
)


def _is_plain(value: object, lone_surrogates: bool) -> bool:  # noqa: FBT001 - private
    """Whether a value has at most `MAX_DEPTH` levels, and all its text can be encoded as UTF-8."""
    level = [value]
    for _ in range(MAX_DEPTH):
        inner: list[object] = []
        for item in level:
            if isinstance(item, dict):
                inner += [*item.keys(), *item.values()]
            elif isinstance(item, list):
                inner += item
            elif isinstance(item, str) and not lone_surrogates and not is_unicode(item):
                return False
        if not inner:
            return True
        level = inner
    return False


def is_unicode(text: str) -> bool:
    """Whether a text can be encoded as UTF-8: it has no lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def without_lone_surrogates(value: Any) -> Any:  # noqa: ANN401 - JSON values are of any type
    """The JSON value, with each lone surrogate replaced by U+FFFD, as browsers do."""
    if isinstance(value, dict):
        return {without_lone_surrogates(k): without_lone_surrogates(v) for k, v in value.items()}
    if isinstance(value, list):
        return [without_lone_surrogates(item) for item in value]
    return _LONE_SURROGATE.sub("\ufffd", value) if isinstance(value, str) else value


def is_timestamp(value: object) -> TypeGuard[float]:
    """Whether a value is a time in seconds since 1970, not negative and below 2**40."""
    # A bool is an int in Python. NaN fails both comparisons.
    return not isinstance(value, bool) and isinstance(value, (int, float)) and 0 <= value < 1 << 40
