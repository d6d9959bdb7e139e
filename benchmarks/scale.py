"""What a further display of a login costs, and a further notebook."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from front_end import SHOW, front_end
from measure import Row, Table
from playwright.sync_api import expect
from sizes import STATIC

if TYPE_CHECKING:
    from front_end import FrontEnd
    from playwright.sync_api import Page, WebSocket

DISPLAY = "from IPython.display import display\nfor _ in range({}):\n    display(login)"
NOTEBOOKS = 20
# In the same way, and as little as a widget can do.
BARE = """
import anywidget
class Bare(anywidget.AnyWidget):
    _esm = "export default { render({ el }) { el.className = 'bare'; el.textContent = 'here'; } }"
Bare()
"""
_TYPE = re.compile(rb'"msg_type":\s*"(\w+)"')


class Traffic:
    """What the kernels of a page send to it, by the type of the message."""

    def __init__(self, page: Page) -> None:
        self.bytes: Counter[str] = Counter()
        page.on("websocket", self._listen)

    @property
    def total(self) -> int:
        """Bytes of all types."""
        return sum(self.bytes.values())

    def _listen(self, socket: WebSocket) -> None:
        if "/channels" in socket.url:
            socket.on("framereceived", self._count)

    def _count(self, frame: bytes | str) -> None:
        data = frame if isinstance(frame, bytes) else frame.encode()
        found = _TYPE.search(data)
        self.bytes[found[1].decode() if found else "?"] += len(data)


def measure(_runs: int) -> Table:
    """Displays in one notebook, then notebooks in one page."""
    with front_end() as here:
        rows = _displays(here)
    with front_end() as here:
        rows += _notebooks(here)
    return Table(
        "Scale",
        "Bytes are those that kernels send to the page over their websockets, Jupyter's own "
        "messages included. The heap is measured after a garbage collection. Each further value "
        "is a run of its own.",
        rows,
    )


def _heap(page: Page) -> float:
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used: float = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return used


def _displays(here: FrontEnd) -> list[Row]:
    notebook = here.open(SHOW, *(DISPLAY.format(number) for number in (0, 9, 45, 45)))
    traffic = Traffic(notebook.page)
    notebook.reload()  # so that its websocket is seen
    notebook.run(1)  # what the kernel says about itself is sent before the first result
    notebook.wait_until_idle()
    cards = notebook.page.locator(".auth0-widget")
    sent, heap, asked = [], [], []
    for cells, displays in (((1,), 0), ((0,), 1), ((2,), 10), ((3, 4), 100)):
        before = traffic.total
        for cell in cells:
            notebook.run(cell)
        expect(cards).to_have_count(displays)
        notebook.wait_until_idle()
        sent.append(traffic.total - before)
        heap.append(_heap(notebook.page))
        if not displays:
            continue
        if displays == 1:  # the first login has the consent page, and fetches the keys
            here.ada.log_in(notebook)
            here.ada.log_out(notebook)
        here.tenant.requests.clear()
        here.ada.log_in(notebook)
        expect(cards.filter(has_text="Ada Lovelace")).to_have_count(displays)
        asked.append(here.tenant.requests.total)
        here.ada.log_out(notebook)
    cell, first, to_10th, to_100th = sent
    _, first_heap, heap_of_10, heap_of_100 = heap
    further_10, further_100 = (to_10th - cell) / 9, (to_100th - 2 * cell) / 90
    return [
        Row("bytes for a cell that displays nothing", [cell], "bytes"),
        Row("bytes for the first display, with its cell", [first], "bytes"),
        Row("bytes for each further display, to the 10th", [further_10], "bytes", at_most=1024),
        Row("bytes for each further display, to the 100th", [further_100], "bytes", at_most=1024),
        Row("heap of a display more, to the 10th", [(heap_of_10 - first_heap) / 9 / 1024], "KB"),
        Row("heap of a display more, to the 100th", [(heap_of_100 - heap_of_10) / 90 / 1024], "KB"),
        Row("requests for a login that 1, 10, 100 show", asked, at_most=asked[0]),
    ]


def _notebooks(here: FrontEnd) -> list[Row]:
    first = here.open(SHOW)
    first.run(0)
    here.ada.log_in(first)
    here.tenant.requests.clear()
    traffic = Traffic(first.page)
    totals: list[int] = []
    heaps: list[float] = []
    kinds: Counter[str] = Counter()
    bare: list[int] = []
    for number in range(2, NOTEBOOKS + 1):
        before, before_kinds = traffic.total, Counter(traffic.bytes)
        notebook = here.open_beside(first, SHOW)
        notebook.run(0)
        card = notebook.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .auth0-widget")
        expect(card).to_contain_text("Ada Lovelace")
        notebook.wait_until_idle()
        totals.append(traffic.total - before)
        kinds = Counter(traffic.bytes)
        kinds.subtract(before_kinds)
        if number in (5, NOTEBOOKS):
            heaps.append(_heap(first.page))
    asked = here.tenant.requests.total
    for _ in range(3):
        before = traffic.total
        notebook = here.open_beside(first, BARE)
        notebook.run(0)
        expect(notebook.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .bare")).to_be_visible()
        notebook.wait_until_idle()
        bare.append(traffic.total - before)
    what = ", ".join(f"`{kind}` {size}" for kind, size in kinds.most_common(6) if size)
    mine = [total - sorted(bare)[1] for total in totals]
    return [
        Row(
            "bytes for each further notebook, to the 20th",
            totals,
            "bytes",
            note=f"of the last: {what}",
            at_most=_bundle() + 8192,
        ),
        Row("… for one with the smallest widget there is", bare, "bytes"),
        Row("… what the login adds to that", mine, "bytes", at_most=_bundle() + 8192),
        Row(
            "heap of a notebook more, from the 5th to the 20th",
            [(heaps[1] - heaps[0]) / 15 / 1024],
            "KB",
        ),
        Row("requests to the tenant by 19 further notebooks", [asked], at_most=0),
    ]


def _bundle() -> int:
    return sum((STATIC / name).stat().st_size for name in ("widget.js", "widget.css"))
