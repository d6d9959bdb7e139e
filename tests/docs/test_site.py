"""The documentation is complete: every error is in it, and every link and file exists."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import errors_page
import pytest

from auth0_widget import errors

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def test_every_error_is_explained_as_it_is_today() -> None:
    text = errors_page.PAGE.read_text(encoding="utf-8")
    assert text == errors_page.page(), "docs/troubleshooting.md is old: run 'make docs'"


def test_no_error_is_left_out() -> None:
    defined: set[Any] = {
        one
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, errors.Auth0WidgetError)
    }
    assert defined <= set(errors_page.every_error())
    codes = [error.code for error in errors_page.every_error()]
    assert len(codes) == len(set(codes))


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    command = [
        *(sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q"),
        *("-d", str(tmp_path / "doctrees"), str(DOCS), str(tmp_path / "site")),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "site" / "api.html").read_text(encoding="utf-8")
    assert "auth0_widget.LoginWidget" in page


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"])
def test_links_of_pages_outside_the_site_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    local = [one for one in re.findall(r"\]\(([^)#]+)", text) if "://" not in one]
    assert all((ROOT / one).exists() for one in local)


def test_the_readme_s_picture_and_links_work_on_pypi() -> None:
    """PyPI shows the text without the files around it, so every address must be absolute."""
    urls = importlib.metadata.metadata("auth0-widget").get_all("Project-URL") or []
    repository = dict(one.split(", ", 1) for one in urls)["Repository"]
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#]+)", text)
    assert [one for one in targets if not one.startswith("https://")] == []
    pictures = repository.replace("https://github.com/", "https://raw.githubusercontent.com/")
    prefix = rf"(?:{re.escape(repository)}/(?:blob|tree)|{re.escape(pictures)})/main/(.+)"
    ours = [found[1] for one in targets if (found := re.match(prefix, one))]
    assert {"docs/card.png", "CONTRIBUTING.md", "notebooks"} <= set(ours)
    assert [one for one in ours if not (ROOT / one).exists()] == []


def test_the_workflow_runs_the_command_that_the_page_names() -> None:
    command = "auth0-widget tenant --auto-approve ada@example.com -- pytest --nbval notebooks/"
    assert command in (DOCS / "examples" / "notebooks.yml").read_text(encoding="utf-8")
    assert command in (DOCS / "howto" / "run-in-ci.md").read_text(encoding="utf-8")
