"""The doctor's findings, and the report that they make.

People paste the report into public issues, so it contains no secret, no e-mail address, no person's
name and no path below the home directory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from auth0_widget.config import Way
    from auth0_widget.errors import Auth0WidgetError

Verdict = Literal["good", "bad", "note"]
"""A ``bad`` finding keeps a login from working, or the way to log in that it is about. A ``note``
may be about a way that is not needed."""

Answer = Literal["yes", "no", "unclear"]
"""Whether something can work."""

_ANSWERS: dict[Verdict, Answer] = {"good": "yes", "bad": "no", "note": "unclear"}
_WAYS: dict[Way, str] = {
    "window": "in a window",
    "link": "by a link",
    "code": "with a code",
    "unattended": "without a click",
}
_MARKS: dict[Verdict, str] = {"good": "✓", "bad": "✗", "note": "•"}
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check.

    Attributes:
        verdict: Whether a login can work with it.
        said: One sentence that says what was found.
        next_step: One sentence that says what to do about it, or None.
        way: The way to log in that it is about; None if it is about all.
    """

    verdict: Verdict
    said: str
    next_step: str | None = None
    way: Way | None = None

    @classmethod
    def of_error(cls, error: Auth0WidgetError) -> Finding:
        """The finding that a check raised this error."""
        return cls("bad", error.message, error.next_step)

    @property
    def answer(self) -> Answer:
        """Whether the subject of this finding can work."""
        return _ANSWERS[self.verdict]

    def lines(self) -> list[str]:
        """The finding as text."""
        found = f"{_MARKS[self.verdict]} {self.said}"
        return [found] if self.next_step is None else [found, f"{_INDENT}{self.next_step}"]


@dataclass(frozen=True, slots=True)
class Report:
    """The results of all checks. ``print`` shows them.

    Attributes:
        findings: The results, in the order of the checks.
        ways: The ways to log in that the settings allow → whether each can work.
        to_enter: Field of the application's settings in Auth0 → the URLs to enter there.
        notes: What to know about these URLs.
    """

    findings: list[Finding]
    ways: dict[Way, Answer] = field(default_factory=dict)
    to_enter: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether a login can work in at least one way."""
        return "yes" in self.ways.values() and not self._all_fail

    @property
    def _all_fail(self) -> bool:
        """Whether something is wrong that every login needs."""
        return any(one.verdict == "bad" and one.way is None for one in self.findings)

    def __str__(self) -> str:
        """The whole report as text."""
        lines = [line for finding in self.findings for line in finding.lines()]
        if self.to_enter:
            lines += ["", "To enter in Auth0: Applications, your application, Settings"]
            lines += [f"{_INDENT}{name}: {', '.join(urls)}" for name, urls in self.to_enter.items()]
            lines += [f"{_INDENT}{note}" for note in self.notes]
        return "\n".join([*lines, "", self._ending()])

    __repr__ = __str__

    def _ending(self) -> str:
        if self.ok:
            working = ", ".join(_WAYS[way] for way, answer in self.ways.items() if answer == "yes")
            ending = f"A login can work: {working}."
            bad = self._lines_with("bad")
            return f"{ending} Another way cannot: see {bad}." if bad else ending
        if self._all_fail or "unclear" not in self.ways.values():
            return f"No login can work: see {self._lines_with('bad')}."
        return f"It is unclear whether a login can work: see {self._lines_with('note')}."

    def _lines_with(self, verdict: Verdict) -> str:
        """Words for the lines with this verdict; empty if there are none."""
        number = sum(finding.verdict == verdict for finding in self.findings)
        which = "the line" if number == 1 else f"the {number} lines"
        return f"{which} with {_MARKS[verdict]}" if number else ""


def of_page(way: Way, why: str | None) -> Finding:
    """The finding that **Log in** works in this way in a page, and why not in a window."""
    return Finding("good", f"A page shows this widget; it logs in {_WAYS[way]}", why)


def all_of(*answers: Answer) -> Answer:
    """Whether something can work that needs all of these."""
    return "no" if "no" in answers else "unclear" if "unclear" in answers else "yes"


def any_of(*answers: Answer) -> Answer:
    """Whether something can work that needs one of these."""
    return "yes" if "yes" in answers else "unclear" if "unclear" in answers else "no"
