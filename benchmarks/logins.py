"""From the tenant's response to a session that can be used, and to the card that is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from front_end import SHOW, front_end, printed
from measure import Row, Table, ratios
from plain_page import plain_page
from playwright.sync_api import expect

if TYPE_CHECKING:
    from bench.notebook import Notebook
    from front_end import FrontEnd
    from playwright.sync_api import Page

# In the page. All clocks are the machine's, in milliseconds since 1970.
WATCH = """() => {
    const now = () => performance.timeOrigin + performance.now();
    const bench = (window.bench = {});
    addEventListener('message', ({ data }) => {
        if (data?.type === 'authorization_response') bench.response = now();
    }, true);
    const setItem = Storage.prototype.setItem;
    Storage.prototype.setItem = function (name, value) {
        setItem.call(this, name, value);
        if (name.startsWith('auth0-widget:') && value.length > 500) bench.stored ??= now();
    };
    new MutationObserver(() => {
        const card = document.querySelector('.auth0-widget');
        if (!bench.card && card?.textContent.includes('Ada Lovelace')) bench.card = now();
    }).observe(document, { childList: true, subtree: true, characterData: true });
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

# The smallest widget whose messages go as ours do: the page asks, the kernel responds at once, the
# page reacts to that, and a thread of the kernel sends what was asked for a moment later.
SMALLEST = """
import threading, time
import anywidget

class Smallest(anywidget.AnyWidget):
    _esm = '''
        export default { render({ model, el }) {
            const now = () => performance.timeOrigin + performance.now();
            el.className = 'smallest';
            model.on('msg:custom', ({ sent }) => {
                if (sent) window.taken = now() - sent;
                else model.send('heard');
            });
            window.ask = () => { window.taken = null; model.send('ask'); };
        } }
    '''

def receive(widget, content, buffers):
    if content == 'ask':
        widget.send({})
        threading.Timer(0.03, lambda: widget.send({'sent': 1000 * time.time()})).start()

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
        "nor asks for the profile. Same tenant, by turns. Jupyter Server leaves Nagle's "
        "algorithm on for the messages of kernels: each waits until the browser has acknowledged "
        "the one before, for up to 40 ms. The last rows are measured with a Jupyter Server that "
        "does not.",
        [
            Row("auth0-spa-js `loginWithPopup`", theirs, "ms"),
            Row("session in the kernel", session, "ms"),
            Row("… times auth0-spa-js", ratios(session, theirs), at_most=2),
            Row("card in the page", card, "ms"),
            Row("… times auth0-spa-js", ratios(card, theirs), at_most=3),
            *(Row(f"… {name}", values, "ms") for name, values in parts.items()),
            Row("… a message of the smallest widget, so sent", floor, "ms"),
            Row("card in the page, without Nagle's algorithm", prompt_card, "ms"),
            Row("… times auth0-spa-js", ratios(prompt_card, theirs_then), at_most=3),
            Row("… a message of the smallest widget, so sent", prompt_floor, "ms"),
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
                floor.append(_message_taken(smallest.page))
    return ours[1:], theirs[1:], floor[1:]  # the first has the consent page, and fetches the keys


def _log_in(here: FrontEnd, notebook: Notebook) -> dict[str, Any]:
    notebook.page.bring_to_front()
    notebook.page.evaluate("() => { for (const name in bench) delete bench[name]; }")
    here.ada.log_in(notebook)
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


def _message_taken(page: Page) -> float:
    page.bring_to_front()
    page.evaluate("() => ask()")
    page.wait_for_function("() => taken !== null")
    return float(page.evaluate("() => taken"))


def _length(span: list[float]) -> float:
    return span[1] - span[0]
