"""Check the wheel and the sdist in dist/, and install the wheel without Node.

It fails if one of them lacks the JavaScript of the widget or of the top bar, if the installed
package cannot make a widget, if Jupyter does not list its extensions as enabled, or if its version
is not that of the tag: ``make check-dist TAG=v0.2.0``.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

DIST = Path(__file__).parents[1] / "dist"
BUNDLE = tuple(f"auth0_widget/static/{name}" for name in ("widget.js", "widget.css", "page.js"))
TOP_BAR = "labextensions/auth0-widget/static/remote_entry.js"
JUPYTER = {"labextension": "auth0-widget", "server extension": "auth0_widget.server"}
"""The command that lists extensions of a kind → the name of ours."""
MIN_SIZE = 1000  # bytes; an empty file is no bundle
SCRIPT = """
import shutil, auth0_widget
assert shutil.which("node") is None and shutil.which("npm") is None
widget = auth0_widget.LoginWidget(domain="acme.eu.auth0.com", client_id="abc")
assert len(widget._esm) > 1000 and len(widget._css) > 1000
print(auth0_widget.__version__)
"""


def only(pattern: str) -> Path:
    """The one file in dist/ that matches."""
    found = sorted(DIST.glob(pattern))
    if len(found) != 1:
        sys.exit(f"dist/ should hold one {pattern}, not {len(found)}: run 'make build'.")
    return found[0]


def sizes(archive: Path) -> dict[str, int]:
    """The size of each file in a wheel or sdist, by its path inside the project."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return {one.filename: one.file_size for one in wheel.infolist()}
    with tarfile.open(archive) as sdist:
        return {one.name.partition("/")[2]: one.size for one in sdist.getmembers()}


def check_bundle(archive: Path) -> None:
    """Exit if the archive lacks a script or a style sheet."""
    found = sizes(archive)
    missing = [name for name in BUNDLE if found.get(name, 0) < MIN_SIZE]
    # The wheel and the sdist have it in different folders.
    if not any(name.endswith(TOP_BAR) and size >= MIN_SIZE for name, size in found.items()):
        missing.append(TOP_BAR)
    if missing:
        sys.exit(f"{archive.name} has no {' and no '.join(missing)}.")


def installed_version(wheel: Path, home: Path) -> str:
    """Install the wheel into a new environment without Node, make a widget, return the version."""
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    binaries = home / ("Scripts" if os.name == "nt" else "bin")
    own = {**os.environ, "PATH": str(binaries)}
    python = str(binaries / "python")
    command = [python, "-m", "pip", "install", "--quiet", str(wheel)]
    subprocess.run(command, env=own, check=True)
    command = [python, "-c", SCRIPT]
    done = subprocess.run(command, env=own, cwd=home, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def check_jupyter(home: Path) -> None:
    """Install JupyterLab beside it. Exit unless Jupyter lists both extensions as enabled."""
    binaries = home / ("Scripts" if os.name == "nt" else "bin")
    own = {**os.environ, "PATH": str(binaries), "JUPYTER_CONFIG_DIR": str(home / "config")}
    python = str(binaries / "python")
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "jupyterlab>=4"], env=own, check=True
    )
    for kind, name in JUPYTER.items():
        command = [python, "-m", "jupyter", *kind.split(), "list"]
        done = subprocess.run(
            command, env=own, cwd=home, capture_output=True, text=True, check=True
        )
        listed = re.sub(r"\x1b\[\d*m", "", done.stdout + done.stderr)  # without colours
        found = re.search(rf"^\s*{name}\b.*\benabled\b.*$", listed, re.MULTILINE)
        if found is None:
            sys.exit(f"'jupyter {kind} list' does not have {name} as enabled:\n{listed}")
        print(f"jupyter {kind} list: {' '.join(found[0].split())}")


def main() -> None:
    """Check dist/."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tag", default="", help="the tag that is released, such as v0.2.0")
    tag = parser.parse_args().tag
    wheel = only("*.whl")
    for archive in (wheel, only("*.tar.gz")):
        check_bundle(archive)
    with tempfile.TemporaryDirectory() as home:
        version = installed_version(wheel, Path(home) / "env")
        check_jupyter(Path(home) / "env")
    if tag and tag != f"v{version}":
        sys.exit(f"The tag is {tag}, and pyproject.toml has version {version}.")
    top_bar = next(size for name, size in sizes(wheel).items() if name.endswith(TOP_BAR))
    print(f"The top bar has {top_bar} bytes.")
    print(f"{wheel.name} contains the JavaScript, and a widget can be made without Node.")


if __name__ == "__main__":
    main()
