"""Where no cell can wait: real kernels as Voilà starts them, and marimo as it tells of itself."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from comm import DummyComm
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from real_kernel import RealKernel

from auth0_widget.notebook import front_ends
from auth0_widget.notebook.front_ends import cannot_wait_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auth0_widget.config import Flow
    from auth0_widget.errors import Auth0WidgetError
    from auth0_widget.local_tenant import LocalTenant

SHOW = """
import asyncio, threading
from auth0_widget import LoginWidget
from auth0_widget.errors import CellCannotWaitError

login = LoginWidget(domain="acme.eu.auth0.com", client_id="client")
# Whoever waits is ended at once, so that no test has to.
state = login._login
state.listen(lambda: state.has_waiters and (state.start(), state.cancel()))
"""


@pytest.fixture
def voila() -> Iterator[RealKernel]:
    """A kernel as Voilà starts it: the client that runs the cells is no page."""
    with RealKernel(VOILA_BASE_URL="/") as kernel:
        yield kernel


def _outcome(kernel: RealKernel, cell: str) -> str:
    """What a cell ends with: the name of its error, or ``ok``."""
    request = kernel.client.execute(cell, store_history=False, stop_on_error=False)
    content = kernel.reply(request)
    return str(content.get("ename", content["status"]))


def test_in_voila_a_cell_that_would_wait_fails_and_what_it_starts_waits(
    voila: RealKernel,
) -> None:
    assert _outcome(voila, SHOW) == "ok"
    for waiting in ("await login", "login.wait()", "await login.ensure(hours=1)"):
        assert _outcome(voila, waiting) == "CellCannotWaitError", waiting
    assert _outcome(voila, "assert login._login.problem.code == 'cell_cannot_wait'") == "ok"
    task = "async def main():\n    await login\ntask = asyncio.create_task(main())\nawait task"
    assert _outcome(voila, task) == "LoginCancelledError"
    thread = "await asyncio.to_thread(login.wait)"
    assert _outcome(voila, thread) == "LoginCancelledError"


def test_in_voila_a_cell_waits_once_a_page_has_connected(voila: RealKernel) -> None:
    # As Jupyter Server does for each page. Voilà with progressive rendering has one from the start.
    voila.client.control_channel.send(voila.client.session.msg("kernel_info_request"))
    voila.client.get_control_msg(timeout=60)
    assert _outcome(voila, SHOW) == "ok"
    for waiting in ("await login", "login.wait()"):
        assert _outcome(voila, waiting) == "LoginCancelledError", waiting


@pytest.fixture
def ask_in_a_cell() -> Callable[[Flow], str | None]:
    """What a cell of marimo's would be told."""
    runner: dict[str, Any] = {
        "__name__": "marimo._runtime.executor.executor",
        "cannot_wait_error": cannot_wait_error,
    }
    exec("def run(flow): return cannot_wait_error(flow)", runner)

    def ask(flow: Flow) -> str | None:
        error: Auth0WidgetError | None = runner["run"](flow)
        return None if error is None else error.message

    return ask


@pytest.mark.parametrize(
    ("mode", "flow", "said"),
    [
        ("edit", "popup", "no cell can wait"),
        ("run", "popup", "no cell can wait"),
        ("run", "device", "nobody would see the code"),
        ("edit", "device", None),
        ("run", "client_credentials", None),
        ("script", "popup", None),
    ],
)
def test_in_marimo_a_cell_waits_where_somebody_can_log_in_meanwhile(
    ask_in_a_cell: Callable[[Flow], str | None],
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    flow: Flow,
    said: str | None,
) -> None:
    marimo = SimpleNamespace(app_meta=lambda: SimpleNamespace(mode=mode))
    monkeypatch.setitem(sys.modules, "marimo", marimo)
    message = ask_in_a_cell(flow)
    assert message is None if said is None else said in str(message)
    assert cannot_wait_error(flow) is None  # not in a cell


def test_in_voila_an_application_logs_in_without_anybody(
    ask_in_a_cell: Callable[[Flow], str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOILA_BASE_URL", "/")
    assert "no cell can wait" in str(ask_in_a_cell("device"))  # what it prints appears too late
    assert ask_in_a_cell("client_credentials") is None


@pytest.mark.parametrize("flow", ["popup", "device"])
def test_elsewhere_every_cell_waits(
    ask_in_a_cell: Callable[[Flow], str | None], monkeypatch: pytest.MonkeyPatch, flow: Flow
) -> None:
    monkeypatch.delitem(sys.modules, "marimo", raising=False)
    assert ask_in_a_cell(flow) is None
    assert not front_ends.in_voila()


WITHOUT_A_PAGE = """
from auth0_widget import LoginWidget
from auth0_widget.notebook import waiting
waiting.PAGE_TIMEOUT = 0
login = LoginWidget(domain={domain!r}, client_id={client_id!r}, flow={flow!r})
login
"""


def run_without_a_page(tenant: LocalTenant, flow: Flow, *cells: str) -> str:
    """Run these cells after one with a widget, as nbconvert does. Gives what they printed."""
    show = WITHOUT_A_PAGE.format(domain=tenant.url, client_id=tenant.client_id, flow=flow)
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in (show, *cells)]
    )
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    outputs = [output for cell in notebook.cells[1:] for output in cell.outputs]
    return "".join(output.get("text", "") for output in outputs)


@pytest.mark.parametrize("how", ["await login", "login.wait()"])
def test_a_notebook_that_is_run_without_a_page_asks_for_a_code(
    tenant: LocalTenant, how: str
) -> None:
    tenant.auto_approve = "ada@example.com"
    printed = run_without_a_page(
        tenant, "auto", f"session = {how}", "print(session.user.name, login.why, sep='; ')"
    )
    assert "enter the code" in printed
    assert "Ada Lovelace; No page has connected to this kernel, so that a code is" in printed


@pytest.mark.parametrize("how", ["await login", "login.wait()"])
def test_a_window_by_name_waits_for_no_page_that_never_comes(tenant: LocalTenant, how: str) -> None:
    with pytest.raises(CellExecutionError, match="NoPageError"):
        run_without_a_page(tenant, "popup", f"session = {how}")


def test_without_a_notebook_no_page_is_possible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "marimo", raising=False)
    # Another test may have made an IPython in this process.
    monkeypatch.setattr(front_ends, "running_shell", lambda: None)
    assert front_ends.no_page_reason(DummyComm()) == (
        "This is no notebook, where a Log in button could be shown"
    )
    monkeypatch.setattr(front_ends, "running_shell", object)
    assert front_ends.no_page_reason(DummyComm()) == (
        "IPython in a terminal shows no Log in button"
    )
    assert front_ends.no_page_reason(object()) is None  # a front end's own
    marimo: Any = ModuleType("marimo")
    marimo.app_meta = lambda: SimpleNamespace(mode="run")
    monkeypatch.setitem(sys.modules, "marimo", marimo)
    assert front_ends.no_page_reason(DummyComm()) is None


WHOSE = """
from auth0_widget import LoginWidget  # which imports IPython
from auth0_widget.notebook.front_ends import current_kernel
print("one person" if current_kernel() else "anybody")
"""
EMBEDDED = f"""
from IPython.core.interactiveshell import InteractiveShell
InteractiveShell.instance()
{WHOSE}
"""


@pytest.mark.parametrize(
    ("arguments", "code", "answer"),
    [
        (["-i"], WHOSE, "one person"),
        (["-m", "IPython", "--simple-prompt"], WHOSE, "one person"),
        ([], WHOSE, "anybody"),
        # As an app server does for each of its visitors.
        ([], EMBEDDED, "anybody"),
    ],
    ids=["python", "ipython", "script", "embedded"],
)
def test_an_interactive_python_in_a_terminal_is_one_persons(
    arguments: list[str], code: str, answer: str
) -> None:
    command = [sys.executable, *arguments]
    run = subprocess.run(command, input=code, capture_output=True, text=True, check=False)
    assert answer in run.stdout
    assert run.returncode == 0, run.stderr
