"""Many displays, many notebooks: the cost of each additional one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bench.asked import asked
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.notebook import Notebook
    from bench.person import Person
    from playwright.sync_api import BrowserContext, Page, WebSocket

    from auth0_widget.local_tenant import LocalTenant

SHOW = "from auth0_widget import LoginWidget\nlogin = LoginWidget()\nlogin"
OTHER = "other = LoginWidget(storage='memory')\nother"
AWAIT = "session = await login\nprint('hello', session.user.name)"
SHOW_AGAIN = "from IPython.display import display\nfor _ in range({}):\n    display(login)"
COUNT = "import threading\nprint(threading.active_count(), len(login._login._changed))"


class Traffic:
    """The messages between a page and its kernel, without JupyterLab's other websockets.

    Attributes:
        received: Bytes from the kernel.
        loads: How often the page requested the code of the card.
    """

    def __init__(self, page: Page) -> None:
        self.received = self.loads = 0
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        if "/channels" in socket.url:
            socket.on("framereceived", self._count)
            socket.on("framesent", self._look)

    def _count(self, frame: bytes | str) -> None:
        self.received += len(frame)

    def _look(self, frame: bytes | str) -> None:
        sent = frame if isinstance(frame, bytes) else frame.encode()
        self.loads += b'"type":"load"' in sent


def test_a_page_fetches_the_code_of_the_card_once(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook(SHOW, OTHER)
    traffic = Traffic(notebook.page)
    notebook.reload()  # so that the websocket is seen
    log_in = notebook.page.get_by_role("button", name="Log in", exact=True)
    notebook.run(0)
    expect(log_in).to_be_enabled()
    assert traffic.loads == 1
    notebook.run(1)
    expect(log_in).to_have_count(2)
    notebook.restart_kernel()
    notebook.run_all()
    for one in (log_in.first, log_in.last):
        expect(one).to_be_enabled()
    assert traffic.loads == 1
    notebook.save()
    notebook.reload()
    for one in (log_in.first, log_in.last):
        expect(one).to_be_enabled()
    assert traffic.loads == 2, "a new page"


def test_a_hundred_displays_of_one_login(
    open_notebook: Callable[..., Notebook],
    ada: Person,
    tenant: LocalTenant,
    measured: Callable[..., None],
) -> None:
    # JupyterLab shows the first fifty outputs of a cell.
    again = (SHOW_AGAIN.format(9), SHOW_AGAIN.format(45), SHOW_AGAIN.format(45))
    notebook = open_notebook(SHOW, *again, COUNT)
    traffic = Traffic(notebook.page)
    notebook.reload()  # so that the websocket is seen
    notebook.run(0)
    notebook.run(1)
    notebook.run(4)
    expect(notebook.page.locator(".auth0-widget")).to_have_count(10)
    ten, before = traffic.received, notebook.output_text(4)
    notebook.run(2)
    notebook.run(3)
    expect(notebook.page.locator(".auth0-widget")).to_have_count(100)
    notebook.run(4)
    each, after = (traffic.received - ten) / 90, notebook.output_text(4)
    tenant.requests.clear()
    ada.log_in(notebook)
    expect(notebook.page.locator(".auth0-widget", has_text="Ada Lovelace")).to_have_count(100)
    threads, listeners = after.split()
    requests = [tenant.requests[path] for path in ("/oauth/token", "/userinfo")]
    measured("for each display after the tenth, to the hundredth", each, "bytes")
    measured("in the kernel of a hundred displays", int(threads), "threads")
    measured("in the kernel of a hundred displays", int(listeners), "listeners")
    measured("to the tenant, for a login that they all show", sum(requests), "requests")
    assert each < 2000
    # A thread that was ending when the first were counted is none that was left.
    assert [int(one) for one in after.split()] <= [int(one) for one in before.split()]
    assert requests == [1, 1], "as for one display"


@pytest.mark.matrix
def test_twenty_notebooks_with_one_login(
    open_notebook: Callable[..., Notebook],
    context: BrowserContext,
    ada: Person,
    tenant: LocalTenant,
    measured: Callable[..., None],
) -> None:
    first = open_notebook(SHOW, AWAIT, COUNT)
    first.run(0)
    ada.log_in(first)
    tenant.requests.clear()
    traffic: list[Traffic] = []
    context.on("page", lambda page: traffic.append(Traffic(page)))
    bytes_each, counts = [], []
    for _ in range(19):
        notebook = open_notebook(SHOW, AWAIT, COUNT)
        notebook.run(0)
        expect(notebook.card).to_contain_text("Ada Lovelace")
        notebook.run(1)
        assert notebook.output_text(1) == "hello Ada Lovelace"
        notebook.run(2)
        bytes_each.append(traffic[-1].received)
        counts.append(notebook.output_text(2))
    threads, listeners = counts[-1].split()
    requests = asked(tenant)
    measured("from the kernel to the second notebook", bytes_each[0], "bytes")
    measured("from the kernel to the twentieth notebook", bytes_each[-1], "bytes")
    measured("in the twentieth notebook's kernel", int(threads), "threads")
    measured("in the twentieth notebook's kernel", int(listeners), "listeners")
    measured("to the tenant, by nineteen more notebooks", sum(requests.values()), "requests")
    assert not requests
    assert len(set(counts)) == 1, "threads and listeners"
    assert max(bytes_each) < 1.1 * min(bytes_each)
    ada.log_out(first)
    expect(notebook.card.get_by_role("button", name="Log in", exact=True)).to_be_enabled()
