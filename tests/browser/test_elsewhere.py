"""Outside JupyterLab and Notebook: the same widget in a Voilà page and in a marimo app."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import nbformat
import pytest
from bench.notebook import Widget
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect

from auth0_widget.demo import usable_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bench.person import Person
    from playwright.sync_api import BrowserContext

    from auth0_widget.local_tenant import LocalTenant

# No cell can wait in Voilà: the page appears when all have run. Callbacks take over.
VOILA = """
import ipywidgets
from auth0_widget import LoginWidget

login = LoginWidget()
said = ipywidgets.Label("in Python: nobody")

def hello(session):
    said.value = f"in Python: {session.user.name}"

def goodbye():
    said.value = "in Python: nobody"

login.on_login(hello)
login.on_logout(goodbye)
display(login, said)
"""

# marimo runs cells again when an element of theirs changes: here, a button asks.
MARIMO = """
import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo

    from auth0_widget import LoginWidget

    login = LoginWidget()
    ask = mo.ui.run_button(label="Who am I?")
    mo.vstack([mo.ui.anywidget(login), ask])
    return ask, login, mo


@app.cell
def _(ask, login, mo):
    ask.value
    mo.md("in Python: " + (login.session.user.name if login.session else "nobody"))
    return


if __name__ == "__main__":
    app.run()
"""


@pytest.fixture
def origin(tenant: LocalTenant) -> str:
    """Where the other server will be."""
    origin = f"http://127.0.0.1:{usable_port(0)}"
    tenant.allow_origin(origin)
    return origin


@pytest.fixture
def serve(tmp_path: Path, tenant: LocalTenant, origin: str) -> Iterator[Callable[..., None]]:
    """Start a server of a Python module, and end it afterwards."""
    started: list[subprocess.Popen[bytes]] = []
    homes = ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "IPYTHONDIR")
    environment = {
        **os.environ,
        **{home: str(tmp_path / home) for home in homes},
        "AUTH0_DOMAIN": tenant.url,
        "AUTH0_CLIENT_ID": tenant.client_id,
    }

    def start(*command: str) -> None:
        with (tmp_path / "server.log").open("wb") as log:
            server = subprocess.Popen(
                [sys.executable, "-m", *command], env=environment, stdout=log, stderr=log
            )
        started.append(server)
        transport = httpx.HTTPTransport(retries=8)  # backs off from 0 to 64 seconds
        with httpx.Client(transport=transport, timeout=60, trust_env=False) as client:
            client.get(origin).raise_for_status()

    yield start
    for server in started:
        server.terminate()
        server.wait(60)


def test_voila(
    serve: Callable[..., None],
    origin: str,
    context: BrowserContext,
    ada: Person,
    tmp_path: Path,
) -> None:
    metadata = {"kernelspec": {"name": "python3", "display_name": "", "language": "python"}}
    app = tmp_path / "app.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(VOILA)], metadata=metadata), app)
    port = origin.rpartition(":")[2]
    serve("voila", str(app), "--no-browser", f"--port={port}", "--Voila.ip=127.0.0.1")
    page = context.new_page()
    page.goto(origin)
    widget = Widget(page)
    ada.log_in(widget)
    expect(widget.card).to_contain_text("Ada Lovelace")
    expect(page.get_by_text("in Python: Ada Lovelace")).to_be_visible()
    ada.log_out(widget)
    expect(page.get_by_text("in Python: nobody")).to_be_visible()


def test_marimo(
    serve: Callable[..., None],
    origin: str,
    context: BrowserContext,
    ada: Person,
    tmp_path: Path,
) -> None:
    app = tmp_path / "app.py"
    app.write_text(MARIMO, encoding="utf-8")
    port = origin.rpartition(":")[2]
    serve("marimo", "run", str(app), "--headless", "--host=127.0.0.1", f"--port={port}")
    page = context.new_page()
    page.goto(origin)
    widget = Widget(page)
    ada.log_in(widget)
    expect(widget.card).to_contain_text("Ada Lovelace")
    page.get_by_role("button", name="Who am I?").click()
    expect(page.get_by_text("in Python: Ada Lovelace")).to_be_visible()
    ada.log_out(widget)
    page.get_by_role("button", name="Who am I?").click()
    expect(page.get_by_text("in Python: nobody")).to_be_visible()
