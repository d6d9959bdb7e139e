"""Types that do not show what they hold, and text that is safe to print.

A notebook stores what is displayed, logged or raised in it. Everything secret or personal
therefore lives in one of these types until the moment it is used.
"""

from __future__ import annotations

import functools
import re
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn, ParamSpec, TypeVar

from auth0_widget.errors import SecretExposureError

_P = ParamSpec("_P")
_R = TypeVar("_R")

MAX_TEXT = 300
"""Characters of foreign text that may stand in a message."""

_EMAIL = re.compile(r"[^\s@<>()\"']+@[^\s@<>()\"']+")
# Anything long and unbroken may be a token, a code or a verifier (a verifier has 43 characters).
_TOKEN = re.compile(r"[A-Za-z0-9_\-+/=.~|]{32,}")
# A link is often the only advice that a tenant gives, and an audience is mostly one.
_LINK = re.compile(r"https://(?P<host>[A-Za-z0-9.\-]+(:\d+)?)(?P<path>(/[A-Za-z0-9_\-+=.~|%]*)*)")
_LONGEST_LABEL = 31  # characters; a longer one may be a token
_HARMLESS = 8  # characters of a segment that are too few for a secret
_WORD = r"(?:[A-Z]?[a-z]{1,20}|[A-Z]{1,10}|[a-z]{1,12}\d{1,2}|\d{1,12})"
_WORDS = re.compile(rf"{_WORD}(?:[\-_.]{_WORD})*[.]?")


def safe_text(text: str) -> str:
    """Foreign text as it may be shown: one line, short, no e-mail address, nothing like a token.

    Of a link to an https host the host is kept, and those parts of its path that are words.
    """
    printable = "".join(char if char.isprintable() else " " for char in text[: 4 * MAX_TEXT])
    rest, redacted = _EMAIL.sub("...@...", " ".join(printable.split())), ""
    while (link := _LINK.search(rest)) is not None:
        redacted += _TOKEN.sub("...", rest[: link.start()]) + _safe_link(link)
        rest = rest[link.end() :]
    redacted += _TOKEN.sub("...", rest)
    return redacted if len(redacted) <= MAX_TEXT else redacted[: MAX_TEXT - 3] + "..."


def _safe_link(link: re.Match[str]) -> str:
    labels, segments = link["host"].split("."), link["path"].split("/")
    host = ".".join(label if len(label) <= _LONGEST_LABEL else "..." for label in labels)
    path = "/".join(
        segment if len(segment) <= _HARMLESS or _WORDS.fullmatch(segment) else "..."
        for segment in segments
    )
    return f"https://{host}{path}"


def without_frames(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """The same function, whose exceptions do not remember the frames that they came through.

    A verbose traceback prints the variables of each frame, and a debugger keeps them all: forms,
    answers and tokens among them.
    """

    @functools.wraps(function)
    def forgetful(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return function(*args, **kwargs)
        except BaseException as error:  # noqa: BLE001 - raised below; Stop comes this way, too
            failure = error.with_traceback(None)
        # Not in the except block, which would chain the frames to it again.
        failure.__cause__ = failure.__context__ = None
        del args, kwargs  # this frame is remembered, and it need not hold them
        raise failure

    return forgetful


def frames_without_values(error: BaseException) -> str:
    """The type of an error and the frames it passed, innermost first, for a log: no values."""
    frames = reversed(traceback.extract_tb(error.__traceback__))
    places = [f"{each.name} ({Path(each.filename).name}:{each.lineno})" for each in frames]
    return " < ".join([type(error).__name__, *places])


class Unexportable:
    """A mix-in that refuses copies, pickles and JSON with a sentence."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Refuse ``pickle`` and ``copy``, deep or not, which all come through here."""
        raise SecretExposureError


class Secret(Unexportable):
    """A string that shows itself only when asked by name."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The string itself, to be put on the wire and nowhere else."""
        return self._value

    def __repr__(self) -> str:
        """Say that something is here, and not what."""
        return "<secret>"

    def __eq__(self, other: object) -> bool:
        """Secrets are equal when they hold the same string."""
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        """Hash the string, so that equal secrets hash alike."""
        return hash(self._value)


class PrivateMapping(Unexportable, Mapping[str, Any]):
    """A read-only mapping of personal data that prints only how much there is of it."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - JSON values are of any type
        """The value of one claim; a missing one is a plain KeyError."""
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        """The names of the claims."""
        return iter(self._values)

    def __len__(self) -> int:
        """How many claims there are."""
        return len(self._values)

    def __repr__(self) -> str:
        """Names only, and nothing personal in them: what is printed is saved in the notebook."""
        return f"<{len(self)} private values: {safe_text(', '.join(sorted(self._values)))}>"
