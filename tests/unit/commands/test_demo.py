"""The demo as a process of its own, and what it says where it cannot run."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psutil
import pytest

from auth0_widget.commands import demo
from auth0_widget.errors import MissingExtraError
from auth0_widget.local_tenant import LocalTenant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOTEBOOK = Path(__file__).parents[3] / "notebooks" / "01_login.ipynb"

COMMAND = "import sys; from auth0_widget.commands.cli import main; sys.exit(main())"


@dataclass
class RunningDemo:
    process: subprocess.Popen[str]
    lines: list[str]

    def after(self, label: str) -> str:
        (line,) = [line for line in self.lines if line.startswith(f"{label}: ")]
        return line.removeprefix(f"{label}: ")

    @property
    def jupyter(self) -> httpx.Client:
        url = httpx.URL(self.after("JupyterLab"))
        token = url.params["token"]
        return httpx.Client(
            base_url=f"http://{url.host}:{url.port}",
            headers={"Authorization": f"token {token}"},
            trust_env=False,
            timeout=30,
        )


@contextlib.contextmanager
def running_demo(*options: str, directory: Path, **environment: str) -> Iterator[RunningDemo]:
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND, "demo", *options],
        env={**os.environ, "TMPDIR": str(directory), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if line.startswith("Stop with"):
                break
        try:
            yield RunningDemo(process, lines)
        finally:
            if process.poll() is None:
                process.terminate()


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def by_signal(number: int) -> Callable[[RunningDemo], None]:
    return lambda running: running.process.send_signal(number)


def by_jupyter(running: RunningDemo) -> None:
    with running.jupyter as client:
        client.post("/api/shutdown").raise_for_status()


@pytest.mark.parametrize(
    "stop",
    [by_signal(signal.SIGINT), by_signal(signal.SIGTERM), by_signal(signal.SIGHUP), by_jupyter],
    ids=["Ctrl-C", "SIGTERM", "terminal closed", "File > Shut Down"],
)
def test_the_demo_ends_with_everything_it_started(
    tmp_path: Path, stop: Callable[[RunningDemo], None]
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with running_demo("--no-browser", directory=temporary) as running:
        with running.jupyter as client:
            client.post("/api/kernels", json={"name": "python3"}).raise_for_status()
        started = psutil.Process(running.process.pid).children(recursive=True)
        assert len(started) >= 2, "JupyterLab and a kernel"
        stop(running)
        output, errors = running.process.communicate(timeout=60)
    assert running.process.returncode == 0
    assert output == "Stopped.\n"
    assert "Traceback" not in errors
    assert psutil.wait_procs(started, timeout=30)[1] == []
    assert list(temporary.iterdir()) == []


def test_the_demo_opens_a_copy_of_the_notebook_and_says_how_to_log_in(tmp_path: Path) -> None:
    opened = tmp_path / "opened"
    fake_browser = tmp_path / "browser"
    # A pipe, because the browser starts after the lines are printed: one can wait for it.
    os.mkfifo(opened)
    pipe = os.open(opened, os.O_RDONLY | os.O_NONBLOCK)
    fake_browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    fake_browser.chmod(0o755)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    before = NOTEBOOK.read_bytes()
    with running_demo(directory=temporary, BROWSER=f"{fake_browser} %s") as running:
        url = running.after("JupyterLab")
        assert select.select([pipe], [], [], 60)[0], "no browser was opened"
        assert os.read(pipe, 1000).decode() == f"{url}\n"
        assert "/lab/tree/01_login.ipynb?token=" in url
        assert httpx.get(url, follow_redirects=True, trust_env=False).is_success
        with running.jupyter as client:
            path = "/api/contents/01_login.ipynb"
            assert client.get(path, headers={"Authorization": ""}).status_code == 403
            content = client.get(path).raise_for_status().json()["content"]
            content["cells"].clear()
            client.put(path, json={"type": "notebook", "content": content}).raise_for_status()
        assert httpx.get(running.after("Local tenant"), trust_env=False).status_code < 500
        assert running.after("Log in as") == f"ada@example.com, password: {LocalTenant().password}"
        running.process.terminate()
        running.process.communicate(timeout=60)
    os.close(pipe)
    assert NOTEBOOK.read_bytes() == before


def test_the_tenant_allows_both_names_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from auth0_widget import local_tenant  # noqa: PLC0415 - as the demo does

    origins: list[str] = []

    def refuse(*, origins: list[str], seen: list[str] = origins) -> None:
        seen.extend(origins)
        raise KeyboardInterrupt

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(local_tenant, "LocalTenant", refuse)
    port = demo.usable_port(0)
    demo.run_demo(port=port, open_browser=False)
    assert origins == [f"http://127.0.0.1:{port}", f"http://localhost:{port}"]


def test_notebooks_reach_the_tenant_past_every_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, str] = {}

    def refuse(_: Path, *, environment: dict[str, str], **__: object) -> None:
        given.update(environment)
        raise KeyboardInterrupt

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(demo, "JupyterLab", refuse)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("NO_PROXY", "corp.example.com")
    demo.run_demo(port=demo.usable_port(0), open_browser=False)
    assert given["NO_PROXY"] == given["no_proxy"] == "corp.example.com,127.0.0.1,localhost"
    assert given["AUTH0_DOMAIN"].startswith("http://127.0.0.1:")


def test_a_busy_port_is_named(busy_port: int) -> None:
    with pytest.raises(demo.DemoError, match=f"Port {busy_port} cannot be used.*--port"):
        demo.run_demo(port=busy_port, open_browser=False)


def test_without_a_wish_a_busy_usual_port_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, busy_port: int
) -> None:
    monkeypatch.setattr(demo, "USUAL_PORT", busy_port)
    assert demo.usable_port() != busy_port


def test_a_free_usual_port_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    free = demo.usable_port(0)
    monkeypatch.setattr(demo, "USUAL_PORT", free)
    assert demo.usable_port() == free


def test_a_missing_jupyterlab_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'auth0-widget\[demo\]'"):
        demo.run_demo(port=demo.usable_port(0), open_browser=False)


@pytest.mark.parametrize("missing", ["flask", "authlib"])
def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == missing else find_spec(name)
    )
    monkeypatch.delitem(sys.modules, "auth0_widget.local_tenant", raising=False)
    with pytest.raises(MissingExtraError, match=r"pip install 'auth0-widget\[demo\]'"):
        demo.run_demo(open_browser=False)


def test_a_jupyterlab_that_ends_at_once_is_quoted(tmp_path: Path) -> None:
    lab = demo.JupyterLab(
        tmp_path, port=demo.usable_port(0), environment={}, options=["--no-such-option"]
    )
    with pytest.raises(demo.DemoError, match=r"(?s)did not start.*no-such-option"):
        lab.start()


def test_a_missing_notebook_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "FIRST_NOTEBOOK", "no-such.ipynb")
    with pytest.raises(demo.DemoError, match=r"no-such\.ipynb is missing"):
        demo.shipped_notebooks()


def test_the_users_own_settings_stay_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AUTH0_CLIENT_SECRET", "AUTH0_DOMAIN", "JUPYTER_PORT", "JUPYTERLAB_DIR"):
        monkeypatch.setenv(name, "the user's own")
    monkeypatch.setenv("LANG", "C.UTF-8")
    lab = demo.JupyterLab(tmp_path, port=1, environment={"AUTH0_DOMAIN": "http://127.0.0.1:2"})
    assert "the user's own" not in lab._environment.values()
    assert lab._environment["AUTH0_DOMAIN"] == "http://127.0.0.1:2"
    assert lab._environment["LANG"] == "C.UTF-8"
