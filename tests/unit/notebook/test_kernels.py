"""Real kernels, without a browser: what Stop does to a waiting cell, and what leaks."""

from __future__ import annotations

import gc
import signal
import threading
import time
from contextvars import ContextVar
from queue import Queue
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import psutil
import pytest
from kernel import ABLE, ORIGIN, PAGE

from auth0_widget import LoginWidget
from auth0_widget.notebook import kernels
from auth0_widget.notebook.kernels import (
    reply_on_the_subshell_of_the_front_end,
    sending_from_any_thread,
)

if TYPE_CHECKING:
    from jupyter_client.blocking.client import BlockingKernelClient
    from real_kernel import RealKernel

    from auth0_widget.local_tenant import LocalTenant
    from auth0_widget.login.login import Login

SHOW = """
import signal
from auth0_widget import LoginWidget

login = LoginWidget(domain="acme.eu.auth0.com", client_id="client")

def when_waiting(action):
    # Once, and from inside: neither too early nor too late.
    stop = login._login.listen(lambda: login._login.has_waiters and (stop(), action()))
"""


def _wait_for_output(client: BlockingKernelClient, text: str) -> None:
    while True:
        message = client.get_iopub_msg(timeout=60)
        if message["msg_type"] == "stream" and text in message["content"]["text"]:
            return


@pytest.mark.parametrize("waiting", ["await login", "login.wait()"])
def test_stop_ends_a_waiting_cell_with_a_keyboard_interrupt(
    real_kernel: RealKernel, waiting: str
) -> None:
    client = real_kernel.client
    say = "when_waiting(lambda: print('waiting', flush=True))"
    request = client.execute(f"{SHOW}\n{say}\n{waiting}", stop_on_error=False)
    _wait_for_output(client, "waiting")
    real_kernel.manager.interrupt_kernel()
    _expect_stopped(real_kernel, request)


@pytest.mark.parametrize("waiting", ["await login", "login.wait()"])
def test_stop_in_the_moment_in_which_a_cell_begins_to_wait_does_the_same(
    real_kernel: RealKernel, waiting: str
) -> None:
    client = real_kernel.client
    stop = "when_waiting(lambda: signal.raise_signal(signal.SIGINT))"
    request = client.execute(f"{SHOW}\n{stop}\n{waiting}", stop_on_error=False)
    _expect_stopped(real_kernel, request)


def _expect_stopped(kernel: RealKernel, request: str) -> None:
    content = kernel.reply(request)
    assert (content["status"], content.get("ename")) == ("error", "KeyboardInterrupt")
    after = kernel.client.execute(
        "assert login.status == 'logged_out'; assert not login._login.has_waiters"
    )
    content = kernel.reply(after)
    assert content["status"] == "ok", content


def test_a_comm_that_follows_the_last_reply_is_told_to_follow_the_page() -> None:
    class Comm:
        def _reply_subshell_for(self, _data: object, _default: str | None) -> str | None:
            return "the thread that published last"

    comm = Comm()
    reply_on_the_subshell_of_the_front_end(comm)
    assert comm._reply_subshell_for({}, "the page's choice") == "the page's choice"


def test_a_comm_that_does_not_is_left_alone() -> None:
    comm = object()
    reply_on_the_subshell_of_the_front_end(comm)
    assert not hasattr(comm, "_reply_subshell_for")


def test_outside_a_kernel_there_is_nothing_to_pump() -> None:
    assert kernels.message_pump() is None


@pytest.mark.usefixtures("stoppable")
def test_stop_while_messages_are_looked_through_loses_no_cell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Kernel:
        """As much of ipykernel 6 as the pump looks at."""

        shell_stream = SimpleNamespace(flush=lambda: None)
        msg_queue: Queue[object] = Queue()
        session = SimpleNamespace(deserialize=lambda _frames, **_: {"header": {"msg_type": "x"}})

    def stop(_frames: object, **_: object) -> tuple[None, None]:
        signal.raise_signal(signal.SIGINT)
        return None, None

    Kernel.session.feed_identities = stop
    cells = [(number, print, ("frames",)) for number in range(3)]
    for cell in cells:
        Kernel.msg_queue.put_nowait(cell)
    monkeypatch.setattr(kernels, "running_kernel", lambda: Kernel)
    pump = kernels.message_pump()
    assert pump is not None
    with pytest.raises(KeyboardInterrupt):
        pump()
    assert [Kernel.msg_queue.get_nowait() for _ in range(3)] == cells
    # Nor a message of the page that was on its way to be handled.
    Kernel.msg_queue.put_nowait(cells[0])
    Kernel.session.deserialize = lambda _frames, **_: {"header": {"msg_type": "comm_msg"}}
    with pytest.raises(KeyboardInterrupt):
        pump()
    assert Kernel.msg_queue.get_nowait() == cells[0]


def test_messages_from_any_thread_have_the_context_of_the_cell() -> None:
    parent: ContextVar[str] = ContextVar("parent")
    parent.set("the cell")
    seen: list[str] = []
    send = sending_from_any_thread(lambda _message: seen.append(parent.get()))
    threads = [threading.Thread(target=send, args=("hello",)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == ["the cell"] * 3


def _timers() -> list[threading.Thread]:
    """Those that watch for the end of a session; a stopped one ends at once."""
    return [each for each in threading.enumerate() if each.name == "auth0-widget-expiry"]


def _settle(known: set[threading.Thread]) -> None:
    """Wait until no thread is left but these and the timers."""
    while others := set(threading.enumerate()) - known - set(_timers()):
        for thread in others:
            if thread.is_alive():  # and not about to start
                thread.join(10)
                assert not thread.is_alive(), f"{thread.name} goes on"


def _settle_timers(known: set[threading.Thread], *, running: int) -> None:
    """Give timers that were stopped the time to end: which is still running, no thread tells."""
    give_up_at = time.monotonic() + 10
    while len(timers := set(_timers()) - known) > running and time.monotonic() < give_up_at:
        for thread in timers:
            thread.join(0.01)


def _response(tenant: LocalTenant, url: str) -> dict[str, str]:
    """The tenant's, without the pages between, which take their time two hundred times."""
    asked = dict(parse_qsl(urlsplit(url).query))
    names = ("nonce", "code_challenge", "redirect_uri", "scope")
    options: dict[str, Any] = {name: asked[name] for name in names}
    code = tenant.issue_code(**options)
    return {"code": code, "state": asked["state"]}


def test_two_hundred_widgets_with_sessions_leave_nothing_behind(tenant: LocalTenant) -> None:
    process, known = psutil.Process(), set(threading.enumerate())
    of_earlier_tests = set(_timers())  # of logins that nobody has collected yet

    def one() -> Login:
        # Without offline_access a timer watches for the session's end.
        widget = LoginWidget(
            domain=tenant.url, client_id=tenant.client_id, scope="openid profile email"
        )
        receive = widget._bridge.receive
        receive({"type": "hello", "page": PAGE, "origin": ORIGIN, **ABLE})
        url = widget._bridge._pages[PAGE].popup.next_authorize_url()
        assert url is not None
        receive({"type": "login_started", "page": PAGE, "way": "window"})
        receive(
            {"type": "authorization_response", "page": PAGE, "response": _response(tenant, url)}
        )
        _settle(known)
        assert widget.session is not None
        widget.close()
        return widget._login

    def left(login: Login) -> dict[str, int]:
        _settle(known)
        _settle_timers(of_earlier_tests, running=int(login._current._timer.running))
        gc.collect()  # what earlier tests have left open closes now, and not in between
        return {
            "timers": len(set(_timers()) - of_earlier_tests),
            "connections": len(process.net_connections()),
            "open files": process.num_fds(),
            "listeners": len(login._changed),
        }

    before = left(one())
    assert before["timers"] == 1
    for _ in range(199):
        login = one()
    assert left(login) == before
    login.logout()
    assert left(login)["timers"] == 0
