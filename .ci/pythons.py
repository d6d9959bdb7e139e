"""Run the tests that need no browser with each Python from 3.10 on, and with the lowest versions.

``make test-pythons`` runs it. Each Python gets an environment below ``.venv-pythons``. It is looked
for on the PATH and with pyenv. The table names those that were not found. A failure exits with 1.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).parents[1]
HOME = ROOT / ".venv-pythons"
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
LOWEST = "lowest"
TESTS = ("tests/unit", "tests/security", "tests/local_tenant", "tests/docs/test_snippets.py")
NEED_A_BROWSER = (
    "tests/local_tenant/test_real_browser.py",
    "tests/security/test_callback_page.py",
)


def interpreter(version: str) -> str | None:
    """The path of this version's interpreter: this one, the PATH's or pyenv's, or None."""
    if _is(sys.executable, version):
        return sys.executable
    on_path = shutil.which(f"python{version}")
    if on_path is not None and _is(on_path, version):
        return on_path
    pyenv = shutil.which("pyenv")
    if pyenv is None:
        return None
    names = _output(pyenv, "versions", "--bare").split()
    for name in (one for one in reversed(names) if one.startswith(f"{version}.")):
        python = Path(_output(pyenv, "prefix", name).strip()) / "bin" / "python"
        if _is(str(python), version):
            return str(python)
    return None


def environment(name: str, python: str) -> Path:
    """The interpreter of an environment with this package and the tools of its tests."""
    home = HOME / name
    own = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    uv = (sys.executable, "-m", "uv", "--quiet")
    if not own.exists():
        _run(*uv, "venv", "--no-python-downloads", "--python", python, str(home))
    resolution = "lowest-direct" if name == LOWEST else "highest"
    chosen = ("--upgrade", "--resolution", resolution, "--group", "tests")
    _run(*uv, "pip", "install", "--python", str(own), *chosen, "--editable", ".[demo]")
    return own


def run_tests(name: str, python: Path, arguments: list[str]) -> tuple[int, int]:
    """How many tests passed and how many failed."""
    report = HOME / f"{name}.xml"
    report.unlink(missing_ok=True)
    ignored = [f"--ignore={path}" for path in NEED_A_BROWSER]
    # Old dependencies warn of things that newer ones have corrected.
    warnings = ["-W", "default"] if name == LOWEST else []
    command = [str(python), "-m", "pytest", "-q", "-n", "2", *warnings, *ignored]
    command += [f"--junit-xml={report}", *(arguments or TESTS)]
    ended = subprocess.run(command, cwd=ROOT, check=False)
    if not report.exists():
        return 0, 1
    suite = next(iter(ET.parse(report).getroot()))  # noqa: S314  # pytest has just written it
    counts = {key: int(suite.get(key, 0)) for key in ("tests", "failures", "errors", "skipped")}
    failed = counts["failures"] + counts["errors"]
    passed = counts["tests"] - failed - counts["skipped"]
    return passed, max(failed, 1 if ended.returncode else 0)


def main() -> int:
    """Run the tests with each Python, print the table, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=[*PYTHONS, LOWEST], default=[])
    options, arguments = parser.parse_known_args()
    names = options.only or [*PYTHONS, LOWEST]
    rows = []
    for name in names:
        python = interpreter(PYTHONS[0] if name == LOWEST else name)
        if python is None:
            rows.append((name, "-", "-", "not there"))
            continue
        print(f"\n== Python {name}", flush=True)
        try:
            own = environment(name, python)
        except subprocess.CalledProcessError:
            rows.append((name, "0", "1", "its packages could not be installed"))
            continue
        passed, failed = run_tests(name, own, arguments)
        rows.append((name, str(passed), str(failed), ""))
    print(f"\n{'Python':<14}{'passed':>8}{'failed':>8}")
    for row in rows:
        print("{:<14}{:>8}{:>8}  {}".format(*row).rstrip())
    return 1 if any(failed not in ("0", "-") for _, _, failed, _ in rows) else 0


def _is(python: str, version: str) -> bool:
    """Whether it starts and is this version; pyenv has shims for versions that are switched off."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return _output(python, "-c", code).strip() == version


def _output(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""


def _run(*command: str) -> None:
    own = {**os.environ, "SKIP_JUPYTER_BUILDER": "1"}
    subprocess.run(command, cwd=ROOT, env=own, check=True)


if __name__ == "__main__":
    sys.exit(main())
