"""A forked child of a process with a login: what is there twice, and what the child is told."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hub_process import free_ports

if TYPE_CHECKING:
    from auth0_widget.local_tenant import LocalTenant

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")

# Another thread holds each lock that our objects and modules have, as a thread in the middle of
# something would; the child has 30 seconds for all that it does.
BEGIN = """
import asyncio, gc, os, signal, sys, threading
import auth0_widget
from auth0_widget import Auth0WidgetError, LoginWidget
from auth0_widget.base import forks
from auth0_widget.notebook import front_ends
front_ends._shares_logins = True  # as in a kernel, which is one person's

def owners():
    modules = [one for name, one in sys.modules.items() if name.startswith("auth0_widget")]
    ours = [one for one in gc.get_objects() if type(one).__module__.startswith("auth0_widget")]
    ours = [one for one in ours if hasattr(one, "__dict__")]
    return modules + [one for one in ours if one is not forks._imports]  # for that, a fork waits

def locks():
    kinds = type(threading.Lock()), type(threading.RLock())
    return [lock for one in owners() for lock in vars(one).values() if isinstance(lock, kinds)]

def fork(work):
    held, over = threading.Event(), threading.Event()

    def hold():
        for lock in locks():
            lock.acquire(timeout=0.1)
        held.set()
        over.wait()

    threading.Thread(target=hold, daemon=True).start()
    held.wait()
    child = os.fork()
    if child == 0:
        signal.alarm(30)
        work()
        tell("the child has done it all")
        os._exit(0)
    sys.stdout.flush()
    os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0)

def tell(*words):
    # At once and past the buffers, which a fork copies and another thread may be filling.
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())

def told(work):
    try:
        tell(work())
    except Auth0WidgetError as error:
        tell(type(error).__name__)
"""


def _run(tenant: LocalTenant, program: str, flow: str = "device") -> list[str]:
    variables = {
        "AUTH0_DOMAIN": tenant.url,
        "AUTH0_CLIENT_ID": tenant.client_id,
        "AUTH0_WIDGET_FLOW": flow,
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", BEGIN + program],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


WITH_A_SESSION = """
login = LoginWidget()
session = login.wait(timeout=60)
source = session.token_source()
page = {"page": "page-0000-0000-0000"}
able = dict.fromkeys(("window", "message", "link", "storage"), True)
login._bridge.receive({"type": "hello", "origin": "http://localhost:8888", **page, **able})

async def awaited():
    return await login is session

def work():
    tell(login.wait() is session, asyncio.run(awaited()), LoginWidget().session is session)
    login._bridge.receive({"type": "stored_record", "record": None, **page})
    login._bridge.receive({"type": "log_out", **page})
    told(login.wait)
    told(lambda: asyncio.run(awaited()))
    LoginWidget().close()

fork(work)
"""


def test_a_child_hangs_on_no_lock_and_on_no_wait_that_nobody_ends(tenant: LocalTenant) -> None:
    tenant.auto_approve = "ada@example.com"
    assert _run(tenant, WITH_A_SESSION)[1:] == [
        "True True True",
        "ForkedProcessError",
        "ForkedProcessError",
        "the child has done it all",
    ]


LOGGING_IN = """
login = LoginWidget()
threading.Thread(target=lambda: told(login.wait), daemon=True).start()
while login.status != "logging_in":
    pass

def work():
    told(login.wait)
    tell(LoginWidget().wait(timeout=25).user.name)

fork(work)
"""


def test_a_child_waits_for_no_login_of_its_parent_and_can_log_in_itself(
    tenant: LocalTenant,
) -> None:
    tenant.auto_approve = "ada@example.com"
    said = [line for line in _run(tenant, LOGGING_IN) if not line.startswith("To log in")]
    assert said == ["ForkedProcessError", "Ada Lovelace", "the child has done it all"]


WITH_A_LISTENER = """
import socket
login = LoginWidget(loopback_port=PORT)
threading.Thread(target=lambda: told(lambda: login.wait(timeout=60)), daemon=True).start()
while not any(one.name == "auth0-widget-loopback" for one in threading.enumerate()):
    pass

def work():
    copies = [one for one in gc.get_objects() if isinstance(one, socket.socket)]
    print([one.getsockname()[1] for one in copies if one.fileno() >= 0].count(PORT), flush=True)

fork(work)
"""


def test_a_child_keeps_no_port_of_its_parent(tenant: LocalTenant) -> None:
    (port,) = list(free_ports(1))
    program = f"PORT = {port}\n{WITH_A_LISTENER}"
    assert _run(tenant, program, "loopback")[-2:] == ["0", "the child has done it all"]
