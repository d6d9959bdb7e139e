"""Types whose repr does not show their value, and text that is safe to print.

A notebook stores what its cells display, log or raise. Secret and personal values are therefore
kept in these types until they are used.
"""

from __future__ import annotations

import functools
import hashlib
import re
import traceback
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn, ParamSpec, TypeVar

from auth0_widget.errors import SecretExposureError

_P = ParamSpec("_P")
_R = TypeVar("_R")

MAX_TEXT = 300
"""Characters of text from another party that an error message may contain."""

_FILLERS = "\u115f\u1160\u3164\uffa0"
_EMAIL = re.compile(r"[^\s@<>()\"']+@[^\s@<>()\"']+")
# 32 characters without a space may be a token, a code or a code verifier (43 characters).
_TOKEN = re.compile(r"[A-Za-z0-9_\-+/=.~|]{32,}")
# Links are kept: an error description often contains one, and an audience usually is one.
_LINK = re.compile(r"https://(?P<host>[A-Za-z0-9.\-]+(:\d+)?)(?P<path>(/[A-Za-z0-9_\-+=.~|%]*)*)")
_MAX_LABEL = 31  # characters; a longer one may be a token
# Characters. A segment of a path that is not longer is no secret: a tenant's have 20 and more.
_HARMLESS = 16
_WORD = r"(?:[A-Z]?[a-z]{1,20}|[A-Z]{1,10}|[a-z]{1,12}\d{1,2}|\d{1,12})"
_WORDS = re.compile(rf"{_WORD}(?:(?:[\-_.]|%20){_WORD})*[.]?")
# Match whole words only: inside a token, a kept word would expose the parts around it.
_WHOLE_WORD = r"""(?<![^\s"'(<:=])(%s)(?=[.:]?(?:[\s"')>,;]|$))"""


def safe_text(text: str, keep: Iterable[str | None] = ()) -> str:
    """Text of another party, made safe to show: one short line without e-mail addresses and tokens.

    Links with https are kept: the host, and those segments of the path that consist of words.

    Args:
        text: The text.
        keep: Words to show as they are, such as a client ID, where the text has them as whole
            words. None and empty ones are ignored.
    """
    line = " ".join("".join(map(_printable, text[: 4 * MAX_TEXT])).split())
    kept = "|".join(map(re.escape, filter(None, keep)))
    # Every second part is a word to keep.
    parts = re.split(_WHOLE_WORD % kept, line) if kept else [line]
    parts[::2] = map(_redacted, parts[::2])
    shown = "".join(parts)
    return shown if len(shown) <= MAX_TEXT else shown[: MAX_TEXT - 3] + "..."


def _redacted(text: str) -> str:
    rest, redacted = _EMAIL.sub("...@...", text), ""
    while (link := _LINK.search(rest)) is not None:
        redacted += _TOKEN.sub("...", rest[: link.start()]) + _safe_link(link)
        rest = rest[link.end() :]
    return redacted + _TOKEN.sub("...", rest)


def _printable(char: str) -> str:
    """The character; a code point for a format character, a space for any other unprintable one.

    Format characters can reverse the direction of the text, or are invisible. So are the fillers of
    Hangul, which Unicode calls letters.
    """
    if char in _FILLERS:
        return f"[U+{ord(char):04X}]"
    if char.isprintable():
        return char
    return f"[U+{ord(char):04X}]" if unicodedata.category(char) == "Cf" else " "


def _safe_link(link: re.Match[str]) -> str:
    labels, segments = link["host"].split("."), link["path"].split("/")
    host = ".".join(label if len(label) <= _MAX_LABEL else "..." for label in labels)
    path = "/".join(
        segment if len(segment) <= _HARMLESS or _WORDS.fullmatch(segment) else "..."
        for segment in segments
    )
    return f"https://{host}{path}"


def without_frames(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Decorate a function so that its exceptions have no traceback, cause and context.

    A verbose traceback prints the variables of each frame, and a debugger keeps the frames. The
    variables include forms, responses and tokens.
    """

    @functools.wraps(function)
    def wrapper(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return function(*args, **kwargs)
        except BaseException as error:  # noqa: BLE001 - raised below; KeyboardInterrupt, too
            failure = error.with_traceback(None)
        # Raised outside the except block, which would set the first exception as the context.
        failure.__cause__ = failure.__context__ = None
        del args, kwargs  # the new traceback contains this frame
        raise failure

    return wrapper


def frames_without_values(error: BaseException) -> str:
    """The type of an exception and its frames, innermost first, without any values. For the log."""
    frames = reversed(traceback.extract_tb(error.__traceback__))
    locations = [f"{each.name} ({Path(each.filename).name}:{each.lineno})" for each in frames]
    return " < ".join([type(error).__name__, *locations])


class Unexportable:
    """A mix-in class. Its instances cannot be copied, pickled or written as JSON."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Raise `SecretExposureError`. ``pickle``, ``copy`` and ``deepcopy`` call this method."""
        raise SecretExposureError


class Secret(Unexportable):
    """A secret string. Only `reveal` returns it; its repr does not contain it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The string. Use it only to send it in a request."""
        return self._value

    @property
    def digest(self) -> str:
        """The SHA-256 digest of the string, as hex. It names the secret but does not reveal it."""
        return hashlib.sha256(self._value.encode()).hexdigest()

    def __repr__(self) -> str:
        """The same text for every secret."""
        return "<secret>"

    def __eq__(self, other: object) -> bool:
        """Whether the other object is a secret with the same string."""
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        """The hash of the string."""
        return hash(self._value)


class PrivateMapping(Unexportable, Mapping[str, Any]):
    """A read-only mapping of personal data. Its repr contains the names only."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - JSON values are of any type
        """The value of a name. Raises `KeyError` if there is none."""
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self._values)

    def __len__(self) -> int:
        """The number of names."""
        return len(self._values)

    def __repr__(self) -> str:
        """The names, made safe to show, without the values."""
        return f"<{len(self)} private values: {safe_text(', '.join(sorted(self._values)))}>"
