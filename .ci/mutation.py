"""Run mutation tests of the core, and write the counts to docs/mutation.md.

``make mutation`` runs it. mutmut makes one change at a time in a module and runs the tests of that
module until one fails. A change that no test notices has survived; ``--show`` prints it.

Each module has a folder of its own below ``mutants``, with the results so far. A run that was
stopped is continued by the next one. A module that has changed since, or whose tests have, begins
anew.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mutmut.stats import status_by_exit_code

ROOT = Path(__file__).parents[1]
HOME = ROOT / "mutants"
PAGE = ROOT / "docs" / "mutation.md"
COLUMNS = ("killed", "timeout", "survived", "no tests", "not checked")

MORE_TESTS = {
    "base/origins": (
        "unit/config/test_settings",
        "security/test_network",
        "security/test_properties",
    ),
    "base/redaction": (),
    "base/strict_json": ("unit/oauth/test_responses", "security/test_properties"),
    "oauth/authorization_options": (),
    "oauth/authorization_request": ("security/test_authorization",),
    "oauth/client": (),
    "oauth/device_codes": ("security/test_device",),
    "oauth/granted": (),
    "oauth/id_token": ("unit/session/test_tokens", "security/test_id_token"),
    "oauth/jwks": ("security/test_keys",),
    "oauth/loopback_address": (),
    "oauth/responses": (),
    "oauth/revocation": (),
    "oauth/token_response": (),
    "pages/parsing": ("security/test_properties",),
    "session/record": ("security/test_storage", "security/test_properties"),
    "session/seal": ("security/test_storage",),
}
"""The modules that decide what is accepted → the tests that are run besides their twins.

Left out is what every test runs, such as the transport: each of its changes would take minutes. So
is `oauth/access_token`, whose only function has a decorator.
"""

TWINS = {"pages/parsing": "tests/unit/pages/test_messages.py"}
"""Module → its test module, if that has another name."""

CONFIGURATION = """
[tool.mutmut]
source_paths = ["auth0_widget"]
only_mutate = ["auth0_widget/{module}.py"]
also_copy = ["README.md", "docs", "js"]
pytest_add_cli_args = ["-n", "0", "-p", "no:randomly", "-p", "no:cacheprovider", \
"--hypothesis-profile=mutation"]
pytest_add_cli_args_test_selection = {tests}
timeout_constant = 2.0
timeout_multiplier = 5.0
"""

TEXT = """\
# Mutation tests

`make mutation` changes one thing at a time, such as `<` to `<=`, in the code that decides what is
accepted, and runs the tests of that module: its unit tests, and those that
`.ci/mutation.py` lists beside it. A change that makes a test fail is *killed*. One that no test
notices has *survived*: either a test is missing, or the change makes no difference, such as another
word in an error's sentence. "No tests": none of the chosen tests runs that function. "Not checked":
the run was stopped before; the next one continues it. mutmut changes no function that has a
decorator, such as the requests in `oauth/client.py`.

`make mutation ARGS=oauth/jwks` does it for one module, and `make mutation ARGS="--show oauth/jwks"`
prints those of its changes that survived.

| module | changes | {heads} | day |
|---|---|{rule}---|
"""


def tests_of(module: str) -> list[str]:
    """The test files that are run for a module."""
    package, _, name = module.partition("/")
    twin = TWINS.get(module, f"tests/unit/{package}/test_{name}.py")
    return [twin, *(f"tests/{one}.py" for one in MORE_TESTS[module])]


def prepare(module: str) -> Path:
    """The folder of a module, in which mutmut runs. What is there is kept if it is still true."""
    home, tests = HOME / module.replace("/", "."), tests_of(module)
    configuration = CONFIGURATION.format(module=module, tests=json.dumps(tests))
    read = [f"auth0_widget/{module}.py", *tests, "tests/conftest.py"]
    seen = [configuration.encode(), *((ROOT / path).read_bytes() for path in read)]
    digest = hashlib.sha256(b"".join(seen)).hexdigest()
    stamp = home / "stamp"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
        return home
    shutil.rmtree(home, ignore_errors=True)
    for folder in ("auth0_widget", "docs", "js", "tests"):
        shutil.copytree(
            ROOT / folder,
            home / folder,
            ignore=shutil.ignore_patterns("node_modules", "_build", "__pycache__", "coverage"),
        )
    shutil.copy2(ROOT / "README.md", home)
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (home / "pyproject.toml").write_text(project + configuration, encoding="utf-8")
    stamp.write_text(digest, encoding="utf-8")
    return home


def run(module: str, deadline: float) -> None:
    """Run mutmut for one module, until it ends or the deadline has passed."""
    if time.monotonic() >= deadline:
        return
    home = prepare(module)
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", "1"]
    begun = time.monotonic()
    with (home / "log").open("w", encoding="utf-8") as log:
        mutmut = subprocess.Popen(
            command, cwd=home, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            mutmut.wait(max(0, deadline - begun))
        except subprocess.TimeoutExpired:
            os.killpg(mutmut.pid, signal.SIGKILL)  # with the process that runs the tests
            mutmut.wait()
    seconds = time.monotonic() - begun
    count = counts(module)
    found = ", ".join(f"{count[name]} {name}" for name in COLUMNS if count[name])
    print(f"{module}: {found or 'nothing, see ' + str(home / 'log')} ({seconds:.0f} s)", flush=True)


def endings(module: str) -> dict[str, str]:
    """How each change of a module ended."""
    meta = HOME / module.replace("/", ".") / "mutants" / "auth0_widget" / f"{module}.py.meta"
    if not meta.exists():
        return {}
    codes = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
    return {change: status_by_exit_code[code] for change, code in codes.items()}


def counts(module: str) -> Counter[str]:
    """How many changes of a module ended in each way."""
    return Counter(one if one in COLUMNS else "not checked" for one in endings(module).values())


def show(module: str) -> None:
    """Print the changes of a module that survived, or that no test runs."""
    for change, ending in endings(module).items():
        if ending in {"survived", "no tests"}:
            home = HOME / module.replace("/", ".")
            subprocess.run([sys.executable, "-m", "mutmut", "show", change], cwd=home, check=True)


def write_page(modules: list[str]) -> None:
    """Write the rows of these modules anew. Those of the others stay as they were."""
    text = PAGE.read_text(encoding="utf-8")
    before = re.findall(r"^\| `(\w+/\w+)\.py` \|(.*)\|$", text, re.MULTILINE)
    rows = {name: cells for name, cells in before if name in MORE_TESTS}
    day = dt.datetime.now(dt.timezone.utc).date().isoformat()
    for module in modules:
        count = counts(module)
        if count:
            numbers = [count.total(), *(count[name] for name in COLUMNS)]
            rows[module] = f" {' | '.join(map(str, numbers))} | {day} "
    lines = [f"| `{name}.py` |{rows[name]}|\n" for name in sorted(rows)]
    columns = zip(*(re.findall(r"\d+(?= \|)", cells) for cells in rows.values()), strict=True)
    sums = [sum(map(int, column)) for column in columns]
    head = TEXT.format(heads=" | ".join(COLUMNS), rule="---|" * len(COLUMNS))
    total = f"| `all` | {' | '.join(map(str, sums))} | |\n"
    PAGE.write_text(head + "".join(lines) + total, encoding="utf-8")


def main() -> None:
    """Run mutmut, then write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", help="such as oauth/jwks; all by default")
    parser.add_argument("--minutes", type=float, default=600, help="stop after so long")
    parser.add_argument("--show", action="store_true", help="print what has survived, run nothing")
    arguments = parser.parse_args()
    modules = arguments.modules or sorted(MORE_TESTS, key=_size, reverse=True)
    unknown = set(modules) - set(MORE_TESTS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}. Known: {', '.join(MORE_TESTS)}")
    if arguments.show:
        for module in modules:
            show(module)
        return
    deadline = time.monotonic() + arguments.minutes * 60
    # Two modules at a time, because mutmut uses one core before it makes its first change.
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda module: run(module, deadline), modules))
    write_page(modules)
    print(f"{PAGE.relative_to(ROOT)} has the counts.")


def _size(module: str) -> int:
    return (ROOT / "auth0_widget" / f"{module}.py").stat().st_size


if __name__ == "__main__":
    main()
