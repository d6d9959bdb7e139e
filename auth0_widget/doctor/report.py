"""The doctor's findings, and the report that they make.

People paste the report into public issues, so it contains no secret, no e-mail address, no person's
name and no path below the home directory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from auth0_widget.errors import Auth0WidgetError

Verdict = Literal["good", "bad", "note"]
"""A ``bad`` finding keeps a login from working; a ``note`` does not."""

_MARKS: dict[Verdict, str] = {"good": "✓", "bad": "✗", "note": "•"}
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check.

    Attributes:
        verdict: Whether a login can work with it.
        said: One sentence that says what was found.
        next_step: One sentence that says what to do about it, or None.
    """

    verdict: Verdict
    said: str
    next_step: str | None = None

    @classmethod
    def of_error(cls, error: Auth0WidgetError) -> Finding:
        """The finding that a check raised this error."""
        return cls("bad", error.message, error.next_step)

    def lines(self) -> list[str]:
        """The finding as text."""
        found = f"{_MARKS[self.verdict]} {self.said}"
        return [found] if self.next_step is None else [found, f"{_INDENT}{self.next_step}"]


@dataclass(frozen=True, slots=True)
class Report:
    """The results of all checks. ``print`` shows them.

    Attributes:
        findings: The results, in the order of the checks.
        to_enter: Field of the application's settings in Auth0 → the URLs to enter there.
    """

    findings: list[Finding]
    to_enter: dict[str, list[str]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether a login can work."""
        return not any(finding.verdict == "bad" for finding in self.findings)

    def __str__(self) -> str:
        """The whole report as text."""
        lines = [line for finding in self.findings for line in finding.lines()]
        if self.to_enter:
            lines += ["", "To enter in Auth0: Applications, your application, Settings"]
            lines += [f"{_INDENT}{name}: {', '.join(urls)}" for name, urls in self.to_enter.items()]
        bad = sum(finding.verdict == "bad" for finding in self.findings)
        which = "the line" if bad == 1 else f"the {bad} lines"
        ending = f"No login can work: see {which} with {_MARKS['bad']}."
        return "\n".join([*lines, "", ending if bad else "A login can work."])

    __repr__ = __str__
