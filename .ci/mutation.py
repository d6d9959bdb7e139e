"""Run mutation tests of the core, and write the counts to docs/mutation.md.

``make mutation`` runs it. mutmut makes one change at a time and runs the tests. A change that no
test notices has survived; ``mutmut browse`` shows it. A second run continues one that was stopped.
pyproject.toml names the files and the tests.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

from mutmut.stats import status_by_exit_code

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "mutation.md"
COLUMNS = ("killed", "timeout", "survived", "no tests", "not checked")
TEXT = """\
# Mutation tests

`make mutation` changes one thing at a time, such as `<` to `<=`, in the code that decides what is
accepted, and runs the tests of that code. A change that makes a test fail is *killed*. One that no
test notices has *survived*: either a test is missing, or the change makes no difference, such as
another word in an error's sentence. "No tests": none of the chosen tests runs that function. "Not
checked": the run was stopped before. The chosen tests need no browser; those of sessions, logins
and pages, which run the same code, are not among them.

Run on {day}. `.venv/bin/mutmut browse` shows each change that survived.

| module | changes | {heads} |
|---|---|{rule}
"""


def counts() -> dict[str, Counter[str]]:
    """How the changes of each module ended, by its path."""
    found = {}
    for meta in sorted((ROOT / "mutants").rglob("*.meta")):
        endings = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"].values()
        if endings:
            module = meta.relative_to(ROOT / "mutants" / "auth0_widget").with_suffix("")
            found[module.as_posix()] = Counter(status_by_exit_code[code] for code in endings)
    return found


def page(found: dict[str, Counter[str]]) -> str:
    """The page of the documentation that shows the counts."""
    lines = [TEXT.format(day=_today(), heads=" | ".join(COLUMNS), rule="---|" * len(COLUMNS))]
    for name, count in [*found.items(), ("all", sum(found.values(), Counter()))]:
        others = count.total() - sum(count[one] for one in COLUMNS)
        cells = [count[one] + (others if one == "not checked" else 0) for one in COLUMNS]
        lines.append(f"| `{name}` | {count.total()} | {' | '.join(map(str, cells))} |\n")
    return "".join(lines)


def main() -> None:
    """Run mutmut, then write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, help="stop after so long")
    minutes = parser.parse_args().minutes
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", "2"]
    try:
        subprocess.run(command, cwd=ROOT, timeout=minutes and minutes * 60, check=True)
    except subprocess.TimeoutExpired:
        print(f"\nStopped after {minutes:g} minutes.")
    PAGE.write_text(page(counts()), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)} has the counts.")


def _today() -> str:
    return dt.datetime.now(dt.timezone.utc).date().isoformat()


if __name__ == "__main__":
    main()
