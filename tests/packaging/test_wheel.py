"""The content of the wheel and the sdist. Installing them needs neither Node nor a build."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERSION = version("auth0-widget")
SERVER_CONFIG = "etc/jupyter/jupyter_server_config.d/auth0_widget.json"
TOP_BAR = (
    "share/jupyter/labextensions/auth0-widget/package.json",
    "share/jupyter/labextensions/auth0-widget/static/remote_entry.js",
)


def run_without_node(*arguments: str, cwd: Path, **environment: str) -> str:
    """Run Python with an empty PATH."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, "PATH": "", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(kind: str, source: Path, target: Path) -> Path:
    run_without_node("-m", "hatchling", "build", "-t", kind, "-d", str(target), cwd=source)
    (built,) = target.iterdir()
    return built


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, installed from the wheel without its dependencies, which this Python has."""
    target = tmp_path_factory.mktemp("installed")
    arguments = ["-m", "pip", "install", "--no-deps", "--no-index", "--target", str(target)]
    run_without_node(*arguments, str(wheel), cwd=target)
    return target


@pytest.mark.parametrize(
    "name",
    [
        "auth0_widget/static/widget.js",
        "auth0_widget/static/widget.css",
        "auth0_widget/static/page.js",
        "auth0_widget/notebooks/01_login.ipynb",
        "auth0_widget/local_tenant/templates/login.html",
        "auth0_widget/server/callback.html",
        "auth0_widget/py.typed",
        f"auth0_widget-{VERSION}.dist-info/licenses/LICENSE",
    ],
)
def test_the_wheel_holds(wheel: Path, name: str) -> None:
    assert name in names_in(wheel)


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(wheel: Path) -> None:
    ours = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "auth0_widget").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    notebooks = {
        f"auth0_widget/notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb")
    }
    shipped = {name for name in names_in(wheel) if ".dist-info/" not in name}
    data = {f"auth0_widget-{VERSION}.data/data/{path}" for path in (SERVER_CONFIG, *TOP_BAR)}
    assert shipped == ours | notebooks | data


def test_jupyterlab_finds_the_top_bar(installed: Path) -> None:
    folder = installed / TOP_BAR[0].rpartition("/")[0]
    about = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    assert about["version"] == VERSION
    assert (folder / about["jupyterlab"]["_build"]["load"]).stat().st_size > 1000


def test_installing_it_enables_the_server_extension(installed: Path) -> None:
    config = json.loads((installed / SERVER_CONFIG).read_text(encoding="utf-8"))
    (module,) = config["ServerApp"]["jpserver_extensions"]
    script = f"import {module} as extension; print(extension._jupyter_server_extension_points())"
    output = run_without_node("-c", script, cwd=installed, PYTHONPATH=str(installed))
    assert output.strip() == f"[{{'module': '{module}'}}]"


def test_a_kernel_needs_no_jupyter_server(installed: Path) -> None:
    script = (
        "import sys; sys.modules.update(jupyter_server=None, tornado=None);"
        "import auth0_widget, auth0_widget.server"
    )
    run_without_node("-c", script, cwd=installed, PYTHONPATH=str(installed))


def test_the_sdist_builds_the_same_wheel_without_node(
    sdist: Path, wheel: Path, tmp_path: Path
) -> None:
    arguments = ["-m", "pip", "wheel", "--no-deps", "--no-index", "--no-build-isolation"]
    run_without_node(*arguments, "--wheel-dir", str(tmp_path), str(sdist), cwd=tmp_path)
    (built,) = tmp_path.glob("*.whl")
    assert names_in(built) == names_in(wheel)


def test_the_installed_widget_brings_its_bundle(installed: Path) -> None:
    script = (
        "import auth0_widget; print(auth0_widget.__file__);"
        "widget = auth0_widget.LoginWidget(domain='acme.eu.auth0.com', client_id='abc');"
        "print(len(widget._esm), len(widget._css))"
    )
    lines = run_without_node("-c", script, cwd=installed, PYTHONPATH=str(installed)).splitlines()
    assert Path(lines[0]).is_relative_to(installed)
    script_length, style_length = map(int, lines[1].split())
    assert script_length > 1000
    assert style_length > 1000


def test_the_installed_demo_finds_its_notebooks(installed: Path) -> None:
    script = "from auth0_widget.commands.demo import shipped_notebooks; print(shipped_notebooks())"
    output = run_without_node("-c", script, cwd=installed, PYTHONPATH=str(installed))
    assert Path(output.strip()) == installed / "auth0_widget" / "notebooks"


def test_the_installed_plugin_runs_a_user_s_tests_as_the_documentation_has_them(
    installed: Path, tmp_path: Path
) -> None:
    page = (ROOT / "docs" / "howto" / "test-your-code.md").read_text(encoding="utf-8")
    tests = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (tmp_path / "test_of_a_user.py").write_text("\n".join(tests), encoding="utf-8")
    # Without -p: pytest finds the plugin by the entry point in the wheel, and nothing else.
    arguments = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]
    output = run_without_node(*arguments, cwd=tmp_path, PYTHONPATH=str(installed))
    assert "5 passed" in output


def test_the_extra_for_tests_brings_what_the_fixtures_import(installed: Path) -> None:
    (metadata,) = installed.glob("auth0_widget-*.dist-info/METADATA")
    lines = metadata.read_text(encoding="utf-8").splitlines()
    extra = {
        re.split(r"[<>=;\[ ]", line.removeprefix("Requires-Dist: "))[0]
        for line in lines
        if line.startswith("Requires-Dist: ") and "extra == 'test'" in line
    }
    assert extra == {"authlib", "flask", "joserfc", "pytest", "time-machine", "tomli"}
