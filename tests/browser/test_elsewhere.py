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

from auth0_widget.commands.demo import usable_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bench.person import Person
    from playwright.sync_api import BrowserContext

    from auth0_widget.local_tenant import LocalTenant

SHOW = """
from auth0_widget import LoginWidget
login = LoginWidget()
login
"""

WAIT = """
session = await login
print("in Python:", session.user.name)
"""

CALLBACKS = """
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

MARIMO = """
import marimo

app = marimo.App()


@app.cell
def _():
    import asyncio
    import marimo as mo

    from auth0_widget import LoginWidget

    login = LoginWidget()
    mo.ui.anywidget(login)
    return asyncio, login, mo
"""

# marimo runs cells again when an element of theirs changes: here, a button asks.
MARIMO_ASKS = (
    MARIMO
    + """

@app.cell
def _(mo):
    ask = mo.ui.run_button(label="Who am I?")
    ask
    return (ask,)


@app.cell
def _(ask, login, mo):
    ask.value
    mo.md("in Python: " + (login.session.user.name if login.session else "nobody"))
    return
"""
)

# What the documentation says instead of a cell that waits: a task that does, and a state.
MARIMO_WAITS = (
    MARIMO
    + """

@app.cell
async def _(login):
    await login
    return


@app.cell
def _(asyncio, login, mo):
    name, set_name = mo.state("nobody")

    async def main():
        set_name((await login).user.name)

    task = asyncio.create_task(main())
    return name, set_name, task


@app.cell
def _(mo, name):
    mo.md("in Python: " + name())
    return
"""
)

NO_CELL_CAN_WAIT = "no cell can wait for somebody to log in"


@pytest.fixture
def origin(tenant: LocalTenant) -> str:
    """The origin of the other server."""
    origin = f"http://127.0.0.1:{usable_port(0)}"
    tenant.allow_origin(origin)
    return origin


@pytest.fixture
def serve(tmp_path: Path, tenant: LocalTenant, origin: str) -> Iterator[Callable[..., None]]:
    """Start a server from a Python module, and end it afterwards."""
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
            client.get(f"{origin}/none")  # whatever it answers: the app itself may never

    yield start
    for server in started:
        server.terminate()
        server.wait(60)


@pytest.fixture
def voila(
    # The browser first, so that the server ends first: a page that still loads cannot be closed.
    context: BrowserContext,
    serve: Callable[..., None],
    origin: str,
    tmp_path: Path,
) -> Callable[..., Widget]:
    """Open a Voilà page of these cells."""

    def open_page(*cells: str, options: tuple[str, ...] = ()) -> Widget:
        metadata = {"kernelspec": {"name": "python3", "display_name": "", "language": "python"}}
        app = tmp_path / "app.ipynb"
        notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells], metadata=metadata)
        nbformat.write(notebook, app)
        port = origin.rpartition(":")[2]
        serve("voila", str(app), "--no-browser", f"--port={port}", "--Voila.ip=127.0.0.1", *options)
        return _open(origin, context)

    return open_page


@pytest.fixture
def marimo(
    context: BrowserContext, serve: Callable[..., None], origin: str, tmp_path: Path
) -> Callable[[str], Widget]:
    """Open an app of marimo's."""

    def open_page(source: str) -> Widget:
        app = tmp_path / "app.py"
        app.write_text(source, encoding="utf-8")
        port = origin.rpartition(":")[2]
        serve("marimo", "run", str(app), "--headless", "--host=127.0.0.1", f"--port={port}")
        return _open(origin, context)

    return open_page


def _open(origin: str, context: BrowserContext) -> Widget:
    page = context.new_page()
    page.goto(origin, wait_until="commit")
    return Widget(page)


def test_voila(voila: Callable[..., Widget], ada: Person) -> None:
    widget = voila(CALLBACKS)
    ada.log_in(widget)
    expect(widget.card).to_contain_text("Ada Lovelace")
    expect(widget.page.get_by_text("in Python: Ada Lovelace")).to_be_visible()
    ada.log_out(widget)
    expect(widget.page.get_by_text("in Python: nobody")).to_be_visible()


def test_voila_says_in_the_card_that_no_cell_can_wait(
    voila: Callable[..., Widget], ada: Person
) -> None:
    widget = voila(SHOW, WAIT)
    expect(widget.card).to_contain_text(NO_CELL_CAN_WAIT)
    expect(widget.card).to_contain_text("login.on_login(callback)")
    ada.log_in(widget)
    expect(widget.card).to_contain_text("Ada Lovelace")
    expect(widget.card).not_to_contain_text(NO_CELL_CAN_WAIT)


def test_voila_that_renders_progressively_lets_a_cell_wait(
    voila: Callable[..., Widget], ada: Person
) -> None:
    widget = voila(SHOW, WAIT, options=("--VoilaConfiguration.progressive_rendering=True",))
    ada.log_in(widget)
    expect(widget.page.get_by_text("in Python: Ada Lovelace")).to_be_visible()


def test_marimo(marimo: Callable[[str], Widget], ada: Person) -> None:
    widget = marimo(MARIMO_ASKS)
    ada.log_in(widget)
    expect(widget.card).to_contain_text("Ada Lovelace")
    widget.page.get_by_role("button", name="Who am I?").click()
    expect(widget.page.get_by_text("in Python: Ada Lovelace")).to_be_visible()
    ada.log_out(widget)
    widget.page.get_by_role("button", name="Who am I?").click()
    expect(widget.page.get_by_text("in Python: nobody")).to_be_visible()


def test_marimo_says_in_the_card_that_no_cell_can_wait_and_a_task_can(
    marimo: Callable[[str], Widget], ada: Person
) -> None:
    widget = marimo(MARIMO_WAITS)
    expect(widget.card).to_contain_text(NO_CELL_CAN_WAIT)
    expect(widget.card).to_contain_text("asyncio.create_task(main())")
    ada.log_in(widget)
    expect(widget.page.get_by_text("in Python: Ada Lovelace")).to_be_visible()
    expect(widget.card).not_to_contain_text(NO_CELL_CAN_WAIT)


def test_visitors_of_a_marimo_app_do_not_share_a_login(
    marimo: Callable[[str], Widget],
    ada: Person,
    origin: str,
    new_context: Callable[[], BrowserContext],
) -> None:
    widget = marimo(MARIMO_ASKS)
    ada.log_in(widget)
    stranger = _open(origin, new_context())
    expect(stranger.card).to_contain_text("You are not logged in.")
    expect(stranger.page.get_by_text("in Python: nobody")).to_be_visible()
    expect(widget.card).to_contain_text("Ada Lovelace")
