"""From the tenant's response to a session that can be used, and to the card that is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from front_end import SHOW, WATCH_CARD, front_end, printed, wait_for_card
from measure import Row, Table, ratios
from plain_page import plain_page
from playwright.sync_api import expect

if TYPE_CHECKING:
    from bench.notebook import Notebook
    from front_end import FrontEnd
    from playwright.sync_api import Page

# In the page, beside `WATCH_CARD`: when the tenant has responded, and when the record is stored.
WATCH = """() => {
    const now = () => performance.timeOrigin + performance.now();
    addEventListener('message', ({ data }) => {
        if (data?.type === 'authorization_response') bench.response = now();
    }, true);
    const setItem = Storage.prototype.setItem;
    Storage.prototype.setItem = function (name, value) {
        setItem.call(this, name, value);
        if (name.startsWith('auth0-widget:') && value.length > 500) bench.stored ??= now();
    };
}"""

# In the kernel: when its parts begin and end.
TIMED = """
import functools, json, time
from auth0_widget.flows.popup import PopupFlow
from auth0_widget.oauth.client import Tenant
from auth0_widget.session import factory

bench = {}


def timed(owner, name):
    work = getattr(owner, name)

    @functools.wraps(work)
    def wrapper(*args, **kwargs):
        begun = 1000 * time.time()
        try:
            return work(*args, **kwargs)
        finally:
            bench[name] = [begun, 1000 * time.time()]

    setattr(owner, name, wrapper)


timed(PopupFlow, "receive")
timed(Tenant, "authorization_code_grant")
timed(Tenant, "userinfo")
timed(factory, "verify_id_token")


def status_changed(change):
    if change.new == "authenticated":
        bench["session"] = 1000 * time.time()


login.observe(status_changed, "status")
"""
TELL = "print(json.dumps(bench))"

# The least that a login in a window costs a widget: the page closes a window and tells the kernel,
# a thread of the kernel has the tenant's tokens after the time that ours took, and the page draws
# one word.
SMALLEST = """
import threading
import anywidget

class Smallest(anywidget.AnyWidget):
    _esm = '''
        export default { render({ model, el }) {
            let begun;
            window.open_window = () => { window.opened = window.open('about:blank', '', 'popup'); };
            window.ask = (seconds) => {
                begun = performance.now();
                window.opened.close();
                window.focus();
                model.send(seconds);
            };
            model.on('msg:custom', () => {
                el.textContent = 'Ada';
                console.debug(`drawn after ${performance.now() - begun}`);
                el.textContent = '';
            });
        } }
    '''

def receive(widget, seconds, buffers):
    threading.Timer(seconds, widget.send, [{}]).start()

smallest = Smallest()
smallest.on_msg(receive)
smallest
"""


def measure(runs: int) -> Table:
    """Logins in JupyterLab and on a plain page, in turn."""
    ours, theirs, floor = _logins(runs, without_nagle=False)
    session = [one["session"] - one["response"] for one in ours]
    card = [one["card"] - one["response"] for one in ours]
    parts = {
        "response to the kernel": [one["receive"][0] - one["response"] for one in ours],
        "exchange of the code": [_length(one["authorization_code_grant"]) for one in ours],
        "verification": [_length(one["verify_id_token"]) for one in ours],
        "profile (`/userinfo`)": [_length(one["userinfo"]) for one in ours],
        "session to stored in the browser": [one["stored"] - one["session"] for one in ours],
        "session to drawn card": [one["card"] - one["session"] for one in ours],
    }
    prompt, theirs_then, prompt_floor = _logins(runs, without_nagle=True)
    prompt_card = [one["card"] - one["response"] for one in prompt]
    return Table(
        "Login",
        "From the tenant's `authorization_response` on. auth0-spa-js: until `loginWithPopup` "
        "resolves, on a plain page; it exchanges the code, and neither verifies the signature "
        "nor asks for the profile. Same tenant, by turns. The least that a widget needs: one that "
        "closes a window, whose kernel sends a message after the time that the tenant took for "
        "ours, and that then draws one word. Jupyter Server leaves Nagle's algorithm on for the "
        "messages of kernels: each waits until the browser has acknowledged the one before, for up "
        "to 40 ms. The last rows are measured with a Jupyter Server that does not.",
        [
            Row("auth0-spa-js `loginWithPopup`", theirs, "ms"),
            Row("session in the kernel", session, "ms"),
            Row("… times auth0-spa-js", ratios(session, theirs), at_most=2),
            Row("card in the page", card, "ms"),
            Row("… times auth0-spa-js", ratios(card, theirs), at_most=3),
            *(Row(f"… {name}", values, "ms") for name, values in parts.items()),
            Row("the least that a widget needs", floor, "ms"),
            Row("… times auth0-spa-js", ratios(floor, theirs)),
            Row("card in the page, without Nagle's algorithm", prompt_card, "ms"),
            Row("… times auth0-spa-js", ratios(prompt_card, theirs_then)),
            Row("the least that a widget needs, without it", prompt_floor, "ms"),
            Row("… times auth0-spa-js", ratios(prompt_floor, theirs_then)),
        ],
    )


def _logins(
    runs: int, *, without_nagle: bool
) -> tuple[list[dict[str, Any]], list[float], list[float]]:
    ours: list[dict[str, Any]] = []
    theirs: list[float] = []
    floor: list[float] = []
    with front_end(without_nagle=without_nagle) as here:
        notebook = here.open(SHOW, TIMED, TELL)
        notebook.run(0)
        notebook.run(1)
        notebook.page.evaluate(WATCH_CARD)
        notebook.page.evaluate(WATCH)
        smallest = here.open(SMALLEST)
        smallest.run(0)
        smallest.page.wait_for_function("() => window.ask")
        with plain_page(here.tenant) as address:
            page = here.context.new_page()
            page.goto(address)
            for _ in range(runs + 1):
                ours.append(_log_in(here, notebook))
                theirs.append(_log_in_plainly(here, page))
                floor.append(_least(smallest.page, ours[-1]))
    return ours[1:], theirs[1:], floor[1:]  # the first has the consent page, and fetches the keys


def _log_in(here: FrontEnd, notebook: Notebook) -> dict[str, Any]:
    notebook.page.bring_to_front()
    notebook.page.evaluate("() => { for (const name in bench) delete bench[name]; }")
    wait_for_card(notebook, lambda: here.ada.finish(here.ada.open_popup(notebook)))
    seen: dict[str, Any] = notebook.page.evaluate("() => bench")
    told = printed(notebook, 2)
    here.ada.log_out(notebook)
    return {**told, **seen}


def _log_in_plainly(here: FrontEnd, page: Page) -> float:
    page.bring_to_front()
    with page.expect_popup() as popup:
        page.get_by_role("button", name="Log in").click()
    here.ada.finish(popup.value)
    expect(page.locator("output")).not_to_be_empty()
    taken = float(page.locator("output").inner_text())
    page.evaluate("() => forget()")
    return taken


def _least(page: Page, login: dict[str, Any]) -> float:
    """Milliseconds of the smallest widget, whose kernel waits for the tenant as that login did."""
    waited = _length(login["authorization_code_grant"]) + _length(login["userinfo"])
    page.bring_to_front()
    with page.expect_popup() as popup:
        page.evaluate("() => open_window()")
    popup.value.wait_for_load_state()
    with page.expect_console_message(lambda told: told.text.startswith("drawn after")) as told:
        page.evaluate("seconds => ask(seconds)", waited / 1000)
    return float(told.value.text.split()[-1])


def _length(span: list[float]) -> float:
    return span[1] - span[0]
