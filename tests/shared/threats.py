"""The threats by number, and the table of the tests about each.

The name of a test says which threat it is about: ``test_threat_09_…``. The fixtures ``refused`` and
``shown`` of conftest.py record the outcome.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

THREATS = {
    1: "Secrets in the notebook file",
    2: "Messages from the kernel reach every page",
    3: "Secrets in a repr, a traceback or a log",
    4: "The access token goes to the wrong host",
    5: "Somebody else's 401 causes a renewal",
    6: "The domain is not what it looks like",
    7: "Messages to the page that are not from the login window",
    8: "Login CSRF, code injection, replay",
    9: "ID token claims",
    10: "Algorithm and key confusion",
    11: "Keys and extensions named in the token's header",
    12: "Tampering with the browser's storage",
    13: "Many users' servers on one origin",
    14: "Spoofed storage events",
    15: "Script in the callback page",
    16: "PKCE downgrade",
    17: "Mix-up of two tenants",
    18: "Refresh token rotation",
    19: "Another person's tokens after a refresh, another person's profile",
    20: "User B after user A",
    21: "Logout elsewhere, logout while something is in flight",
    22: "Open redirect at logout",
    23: "Signing keys rotate",
    24: "The key set is away, or garbage",
    25: "Keys without an ID",
    26: "Huge or nested input",
    27: "Clocks that differ",
    28: "Storage denied, full, corrupt",
    29: "Pickle, copy and JSON of a session",
    30: "A device code that misleads, or is asked for too often",
    31: "The listener on the loopback interface",
    32: "Redirects where none may be",
    33: "A discovery document that points elsewhere",
    34: "The window is blocked, closed, or cut off from the page",
    35: "Opening a saved notebook that is not to be trusted",
    36: "Proxies and certificates",
    37: "Passing trouble taken for proof",
    39: "Two people at one browser on one hub",
    40: "The keeper's channel",
    41: "The top bar's channel",
    43: "Workers",
    42: "The hub's token",
    44: "What the doctor says about somebody",
    46: "A page that is not one of the web",
    47: "A login that the machine remembers",
}

ELSEWHERE = {
    1: "also in a real browser: tests/browser",
    2: "also in a real browser: tests/browser",
    7: "in the page: js/tests/popup.test.ts",
    13: "also in the page: js/tests/storage.test.ts",
    14: "also in the page: js/tests/storage.test.ts",
    15: "also in the page: js/tests/callback.test.ts and tests/browser/test_callback_page.py",
    22: "also in the page: js/tests/tenant_logout.test.ts",
    28: "in the page: js/tests/storage.test.ts",
    30: "also in the page: js/tests/device.test.ts",
    33: "no discovery document is read: the endpoints are fixed",
    34: "also in a real browser: tests/browser/test_trouble.py",
    35: "in the page: js/tests/loader.test.ts",
    42: "also with a real JupyterHub: tests/hub",
    43: "also in a Dask cluster: tests/unit/workers/test_dask_channel.py",
    46: "also in the page: js/tests/abilities.test.ts",
}
"""Where tests of a threat are, if some or all are outside this directory."""

OUTCOME = "outcome"
"""The name of the property of a test that is the outcome of a hostile case."""

_NAME = re.compile(r"test_threat_(\d+)_(\w+)")


@dataclass
class Evidence:
    """The results of the tests about one threat.

    Attributes:
        cases: Test name → how many cases of it ran.
        failed: How many of them failed.
        outcomes: Error code or other outcome → how often it was seen.
    """

    cases: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)


def threat_of(test: str) -> tuple[int, str] | None:
    """The number and the rest of a test's name, without its parameters."""
    match = _NAME.match(test)
    return (int(match[1]), match[2]) if match else None


class Table:
    """A pytest plugin that writes the results of all workers as Markdown.

    Args:
        path: The file to write, or None.
    """

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._threats: defaultdict[int, Evidence] = defaultdict(Evidence)

    @property
    def cases(self) -> int:
        """The number of all cases."""
        return sum(evidence.cases.total() for evidence in self._threats.values())

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count one case."""
        about = threat_of(report.location[2])
        if about is not None and report.when == "call":
            evidence = self._threats[about[0]]
            evidence.cases[about[1]] += 1
            evidence.failed += not report.passed
            evidence.outcomes.update(
                str(value) for name, value in report.user_properties if name == OUTCOME
            )

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the number of cases, and write the file."""
        if self.cases:
            terminalreporter.line(f"{self.cases} hostile cases against the threat list")
        if self._path:
            Path(self._path).write_text(self.markdown(), encoding="utf-8")

    def markdown(self) -> str:
        """The table. It is the same after each run with the same results."""
        failed = sum(evidence.failed for evidence in self._threats.values())
        lines = [
            "# The attacks and their outcomes",
            "",
            "Made by `pytest tests/security --security-table=docs/security-table.md`; a test keeps",
            "it true. The threats are explained in [security.md](security.md).",
            "",
            f"{self.cases} hostile cases, {failed} accepted.",
            "",
            "| | threat | tests (cases) | outcome |",
            "|--:|---|---|---|",
        ]
        for number, title in THREATS.items():
            evidence = self._threats[number]
            tests = [
                f"{name.replace('_', ' ')} ({count})"
                for name, count in sorted(evidence.cases.items())
            ]
            outcomes = sorted(evidence.outcomes)
            if number in ELSEWHERE:
                outcomes.append(ELSEWHERE[number])
            if evidence.failed:
                outcomes.insert(0, f"**{evidence.failed} FAILED**")
            lines.append(f"| {number} | {title} | {'; '.join(tests)} | {', '.join(outcomes)} |")
        return "\n".join([*lines, ""])
