"""From a restarted kernel to the verified session, without asking the tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from front_end import WATCH_CARD, front_end, printed, wait_for_card
from measure import Row, Table, ratios
from plain_page import plain_page
from playwright.sync_api import expect

if TYPE_CHECKING:
    from bench.notebook import Notebook
    from playwright.sync_api import Page

SHOW = """
import json, time
from auth0_widget import LoginWidget

bench = {}


def status_changed(change):
    if change.new == "authenticated":
        bench["session"] = 1000 * time.time()


login = LoginWidget()
login.observe(status_changed, "status")
login
"""
TELL = "print(json.dumps(bench))"


def measure(runs: int) -> Table:
    """Restarts in JupyterLab, and reloads of a plain page, in turn."""
    ours, theirs, requests = _restores(runs, without_nagle=False)
    prompt, _, _ = _restores(runs, without_nagle=True)
    session = [one["session"] - one["shown"] for one in ours]
    card = [one["card"] - one["shown"] for one in ours]
    return Table(
        "Restore",
        "The kernel is restarted and the cell runs again; the clock starts when the widget is in "
        "the page. The session is one whose ID token has been verified anew. auth0-spa-js: "
        "`checkSession` and `getUser` from localStorage when the page is reloaded, which verify "
        "nothing and stay within the page. Nagle's algorithm: see Login.",
        [
            Row("auth0-spa-js", theirs, "ms"),
            Row("session in the kernel", session, "ms", at_most=150),
            Row("card in the page", card, "ms"),
            Row("… times auth0-spa-js", ratios(card, theirs)),
            Row("requests to the tenant", requests, at_most=0),
            Row(
                "session, without Nagle's algorithm",
                [one["session"] - one["shown"] for one in prompt],
                "ms",
            ),
            Row(
                "card, without Nagle's algorithm",
                [one["card"] - one["shown"] for one in prompt],
                "ms",
            ),
        ],
    )


def _restores(
    runs: int, *, without_nagle: bool
) -> tuple[list[dict[str, Any]], list[float], list[int]]:
    ours: list[dict[str, Any]] = []
    theirs: list[float] = []
    requests: list[int] = []
    with front_end(without_nagle=without_nagle) as here:
        notebook = here.open(SHOW, TELL)
        notebook.run(0)
        here.ada.log_in(notebook)
        notebook.page.evaluate(WATCH_CARD)
        with plain_page(here.tenant) as address:
            page = here.context.new_page()
            page.goto(address)
            with page.expect_popup() as popup:
                page.get_by_role("button", name="Log in").click()
            here.ada.finish(popup.value)
            expect(page.locator("output")).not_to_be_empty()
            for _ in range(runs + 1):
                here.tenant.requests.clear()
                ours.append(_restore(notebook))
                requests.append(here.tenant.requests.total)
                theirs.append(_reload(page))
    return ours[1:], theirs[1:], requests[1:]


def _restore(notebook: Notebook) -> dict[str, Any]:
    notebook.page.bring_to_front()
    notebook.restart_kernel()
    notebook.page.evaluate(
        """() => {
            window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs');
            for (const name in bench) delete bench[name];
        }"""
    )
    expect(notebook.page.locator(".auth0-widget")).to_have_count(0)
    notebook.page.evaluate("() => { for (const name in bench) delete bench[name]; }")
    wait_for_card(notebook, lambda: notebook.run(0, wait=False))
    seen: dict[str, Any] = notebook.page.evaluate("() => bench")
    return {**printed(notebook, 1), **seen}


def _reload(page: Page) -> float:
    page.bring_to_front()
    page.reload()
    told = page.locator("pre")
    expect(told).not_to_be_empty()
    return float(told.inner_text())
