"""The bench: a real JupyterLab, the local tenant and a real Chromium.

A story asks for ``open_notebook``, ``ada`` and whatever else it needs. Each worker starts one
JupyterLab and one Chromium, and JupyterLab's page stays open; the tenant, the browser's memory and
the kernels are new for every story.
"""

from __future__ import annotations

import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bench.chromium import OPTIONS, find_chromium
from bench.desk import Desk, fresh_context
from bench.evidence import Evidence
from bench.firefox import launch_firefox
from bench.kernels import NEWEST_KERNEL, OLDER_KERNELS
from bench.lab import Lab
from bench.notebook import TIMEOUT, Notebook
from bench.person import Person
from bench.pictures import Pictures
from bench.stories import MEASURED
from playwright.sync_api import expect, sync_playwright

from auth0_widget.local_tenant import LocalTenant

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from playwright.sync_api import Browser, BrowserContext

    from auth0_widget.local_tenant.model import User

RESULTS = Path(__file__).parents[2] / "test-results"
HERE = Path(__file__).parent

_failed = pytest.StashKey[bool]()

expect.set_options(timeout=TIMEOUT)


@pytest.fixture(scope="package")
def tenant_port() -> Iterator[int]:
    """Every story's tenant listens here: JupyterLab's kernels are told the address once.

    The port is held for as long as there are stories: between two of them a kernel could be given
    it. Sockets that may reuse an address get along until one of them listens.
    """
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        port: int = holder.getsockname()[1]
        yield port


@pytest.fixture(scope="package")
def lab(tmp_path_factory: pytest.TempPathFactory, tenant_port: int) -> Iterator[Lab]:
    """JupyterLab, with kernels that know the local tenant from their environment."""
    environment = {
        "AUTH0_DOMAIN": f"http://127.0.0.1:{tenant_port}",
        "AUTH0_CLIENT_ID": LocalTenant().client_id,
        # Where `make test-matrix` has put the older kernels.
        "JUPYTER_PATH": str(OLDER_KERNELS / "share" / "jupyter"),
    }
    server = Lab(tmp_path_factory.mktemp("lab"), environment)
    # A run that is ended by a time limit still ends what it started, as after Ctrl-C.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="package")
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """Chromium without a window; with ``--firefox``, Firefox."""
    with sync_playwright() as playwright:
        if request.config.getoption("--firefox", default=False):
            launched = launch_firefox(playwright)
        elif (executable := find_chromium()) is not None:
            launched = playwright.chromium.launch(executable_path=executable, args=list(OPTIONS))
        else:
            pytest.fail("No Chromium was found: run 'make chromium'.")
        yield launched
        launched.close()


@pytest.fixture
def tenant(tenant_port: int, lab: Lab) -> Iterator[LocalTenant]:
    """A new tenant, which allows JupyterLab's origin."""
    with LocalTenant(port=tenant_port, origins=[lab.origin]) as fresh:
        yield fresh


@pytest.fixture(scope="package")
def kept_desk(browser: Browser, lab: Lab) -> Desk:
    """The browser that stays open from story to story."""
    return Desk(browser, lab)


@pytest.fixture
def desk(request: pytest.FixtureRequest, kept_desk: Desk) -> Iterator[Desk]:
    """The browser of this story, which is cleared after the story."""
    yield kept_desk
    kept_desk.tidy(keep=not request.node.stash.get(_failed, False))


@pytest.fixture
def server_log(desk: Desk) -> Callable[[], str]:
    """What the story's Jupyter Server has printed so far."""
    return desk.lab.log


@pytest.fixture
def watch(
    request: pytest.FixtureRequest, server_log: Callable[[], str]
) -> Iterator[Callable[[BrowserContext], BrowserContext]]:
    """Keep evidence of what a browser shows, for the case that the story fails."""
    watched: list[Evidence] = []

    def start(context: BrowserContext) -> BrowserContext:
        watched.append(Evidence(context))
        return context

    yield start
    for number, evidence in enumerate(watched):
        if request.node.stash.get(_failed, False):
            evidence.write(RESULTS, f"{request.node.name}-{number}", server_log())
        evidence.stop()


@pytest.fixture
def context(desk: Desk, watch: Callable[[BrowserContext], BrowserContext]) -> BrowserContext:
    """The browser of the story's person."""
    return watch(desk.context)


@pytest.fixture
def new_context(
    browser: Browser, watch: Callable[[BrowserContext], BrowserContext]
) -> Iterator[Callable[[], BrowserContext]]:
    """Make another browser: its own cookies, storage and tabs."""
    opened: list[BrowserContext] = []

    def make() -> BrowserContext:
        opened.append(fresh_context(browser))
        return watch(opened[-1])

    yield make
    for context in opened:
        context.close()


@pytest.fixture
def open_notebook(context: BrowserContext, desk: Desk, lab: Lab) -> Callable[..., Notebook]:
    """Open a notebook in a page: ``open_notebook("cell", "cell")``.

    ``file=`` opens a copy of an existing notebook, ``again=`` the file of one that is open already,
    ``context=`` uses another browser, ``kernel=`` another kernelspec, ``front_end=`` Notebook 7.
    """

    def open_it(
        *cells: str,
        file: Path | None = None,
        again: Notebook | None = None,
        context: BrowserContext = context,
        kernel: str = NEWEST_KERNEL,
        front_end: str = "lab",
    ) -> Notebook:
        if again:
            path = again.path
        elif file:
            path = lab.copy(file)
        else:
            path = lab.write(*cells, kernel=kernel)
        if context is desk.context and front_end == "lab":
            return desk.open(path)
        notebook = Notebook(context.new_page(), lab, path, front_end)
        notebook.open()
        return notebook

    return open_it


@pytest.fixture
def ada(tenant: LocalTenant) -> Person:
    return Person(tenant, "ada@example.com")


@pytest.fixture
def grace(tenant: LocalTenant) -> Person:
    return Person(tenant, "grace@example.com")


@pytest.fixture
def new_person(tenant: LocalTenant) -> Callable[[User], Person]:
    """Another user than the tenant's default ones: ``new_person(User(…))``."""
    return lambda user: Person(tenant, user.email)


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Put a number of one's own into the table: ``measured("to the second tab", 71, "bytes")``.

    Without a unit it is seconds.
    """

    def add(words: str, value: float, unit: str = "seconds") -> None:
        request.node.user_properties.append((MEASURED, (words, value, unit)))

    return add


@pytest.fixture
def pictures(request: pytest.FixtureRequest) -> Pictures:
    """Pictures for the documents: ``pictures.take(notebook.card, "gallery/logged-out")``."""
    # The option is known only when the run was given this folder, or a file in it.
    return Pictures(wanted=bool(request.config.getoption("--pictures", default=False)))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--pictures", action="store_true", help="write the pictures in docs/ anew (make gallery)"
    )
    parser.addoption("--firefox", action="store_true", help="use Firefox (make test-firefox)")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Last, because the quick tests come first, and because Playwright keeps an event loop in this
    # thread, so that no other test could run its own. The longest stories come before the others,
    # so that no process is left alone with one at the end.
    items.sort(key=lambda item: (_is_story(item), item.get_closest_marker("long") is None))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.stash[_failed] = True
    return report


def _is_story(item: pytest.Item) -> bool:
    return item.path.is_relative_to(HERE)
