"""The keeper of a Jupyter Server, with real kernels that find it by their environment."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_server.serverapp import ServerApp
from real_kernel import RealKernel
from traitlets.config import Config

from auth0_widget.base import background
from auth0_widget.config import KEEPER_VARIABLE
from auth0_widget.keeper import keeper
from auth0_widget.keeper.kept_login import KeptLogin
from auth0_widget.server import _load_jupyter_server_extension
from auth0_widget.server.configuration import Auth0Widget
from auth0_widget.server.keeper_host import KeeperHost, start_keeper
from auth0_widget.server.top_bar import TopBarChannel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kernel import Kernel

    from auth0_widget.config import Settings
    from auth0_widget.local_tenant import LocalTenant


_START = background._start


def eventually(condition: Callable[[], Any]) -> None:
    """Wait until it is true."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "it never came true"
        threading.Event().wait(0.01)


@pytest.fixture
def keeper_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeeperHost]:
    monkeypatch.setenv(KEEPER_VARIABLE, "")  # is restored after the test
    made = KeeperHost(Auth0Widget(revoke_on_exit=True), tmp_path)
    yield made
    made.stop()


def _show(tenant: LocalTenant) -> str:
    return f"""
from auth0_widget import LoginWidget
login = LoginWidget(domain={tenant.url!r}, client_id={tenant.client_id!r}, flow="device")
"""


def _run(kernel: RealKernel, code: str) -> str:
    return kernel.run(code, cell="cell")


def _log_in(kernel: RealKernel, tenant: LocalTenant) -> None:
    tenant.auto_approve = "ada@example.com"
    _run(kernel, f"{_show(tenant)}\nsession = login.wait()")


FORGOTTEN = """
import time
until = time.monotonic() + 20
while login.session._managed.refresh_token is not None and time.monotonic() < until:
    time.sleep(0.01)
print(login.session._managed.refresh_token, login.session.renewable)
"""


JOINED = """
import time
until = time.monotonic() + 20
while login.session is None and time.monotonic() < until:  # a widget waits for it only shortly
    time.sleep(0.01)
"""


@pytest.mark.usefixtures("keeper_host")
def test_every_kernel_of_the_server_has_the_session_and_renews_it(tenant: LocalTenant) -> None:
    # A kernel that is restarted is a new one: that is the third. All three start at once.
    with ExitStack() as stack:
        first, second, restarted = map(stack.enter_context, [RealKernel() for _ in range(3)])
        _log_in(first, tenant)
        assert _run(first, FORGOTTEN) == "None True"
        tenant.requests.clear()
        renew = f"{_show(tenant)}{JOINED}login.session.renew()\nprint(login.session.renewable)"
        assert _run(second, renew) == "True"
        assert tenant.requests["/oauth/token"] == 1
        assert _run(restarted, renew) == "True"
        _run(restarted, "login.logout()")
        ended = """
import time
from auth0_widget.errors import SessionEndedError
until = time.monotonic() + 20
while login.session is not None and time.monotonic() < until:
    time.sleep(0.01)
try:
    session.access_token
except SessionEndedError:
    print("ended")
"""
        assert _run(first, ended) == "ended"


def test_a_server_that_ends_revokes_where_that_is_set(
    keeper_host: KeeperHost, tenant: LocalTenant
) -> None:
    with RealKernel() as kernel:
        _log_in(kernel, tenant)
        assert _run(kernel, FORGOTTEN) == "None True"
        tenant.requests.clear()
        keeper_host.stop()
        assert not Path(os.environ[KEEPER_VARIABLE]).exists()
        gone = """
while login.session.renewable and time.monotonic() < until:
    time.sleep(0.01)
print(login.session.renewable, bool(login.session.access_token))
"""
        assert _run(kernel, gone) == "False True"
    for thread in threading.enumerate():
        if thread.name == "auth0-widget" and not thread.daemon:
            thread.join(60)  # it revokes
    assert tenant.requests["/oauth/revoke"] == 1


@pytest.fixture
def runtime() -> Iterator[Path]:
    """A runtime directory. pytest's own paths are too long for a socket."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture
def server(tmp_path: Path, runtime: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Jupyter Server that revokes when it ends."""
    options = ["--no-browser", "--allow-root", "--port=0", "--Auth0Widget.revoke_on_exit=True"]
    ours = "--ServerApp.jpserver_extensions={'auth0_widget.server': True}"
    directories = {f"JUPYTER_{name}_DIR": str(tmp_path) for name in ("CONFIG", "DATA")}
    with subprocess.Popen(
        [sys.executable, "-m", "jupyter_server", *options, ours],
        env={**os.environ, **directories, "JUPYTER_RUNTIME_DIR": str(runtime)},
        cwd=tmp_path,
        stderr=subprocess.DEVNULL,
    ) as process:
        yield process
        process.kill()


def test_a_real_server_revokes_before_it_has_ended(
    server: subprocess.Popen[bytes],
    kernel: Kernel,
    tenant: LocalTenant,
    runtime: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    eventually(lambda: list(runtime.glob("*/address")))
    (address_file,) = runtime.glob("*/address")
    monkeypatch.setattr(background, "_start", _START)
    KeptLogin(kernel.login, address_file)
    response = tenant.sign_in(kernel.open())
    kernel.receive("authorization_response", response=response)
    eventually(lambda: (session := kernel.login.managed_session) and session.kept_by == "server")
    server.terminate()
    assert server.wait(30) == 0
    assert tenant.requests["/oauth/revoke"] == 1
    session = kernel.login.session
    assert session is not None
    assert session.access_token, "it is good until it expires"
    eventually(lambda: not session.renewable)


def test_a_server_that_keeps_nothing_does_not_pass_on_the_keeper_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As in a terminal of a server that keeps logins.
    monkeypatch.setenv(KEEPER_VARIABLE, str(tmp_path / "address"))
    assert start_keeper(ServerApp(), Auth0Widget(keep_refresh_tokens=False)) is None
    assert KEEPER_VARIABLE not in os.environ


def test_a_notebook_that_asks_first_does_not_choose_the_scopes_of_the_top_bar(
    runtime: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEEPER_VARIABLE, "")  # is restored after the test
    handlers: list[Any] = []
    server: Any = SimpleNamespace(
        web_app=SimpleNamespace(
            settings={"base_url": "/"}, add_handlers=lambda _host, added: handlers.extend(added)
        ),
        config=Config(
            Auth0Widget={
                "domain": settings.origin,
                "client_id": settings.client_id,
                "scope": "openid email offline_access read:notes",
            }
        ),
        runtime_dir=str(runtime),
        log=logging.getLogger(__name__),
    )
    _load_jupyter_server_extension(server)
    channel = handlers[-1][2]
    with closing_host(channel["keeper_host"]) as host:
        notebooks = host.keeper.login_of(replace(settings, scope="openid"))
        top_bars = host.keeper.login_of(channel["settings"])
        assert top_bars is notebooks
        assert top_bars.settings.scope == "openid email offline_access read:notes"


@contextmanager
def closing_host(host: KeeperHost) -> Iterator[KeeperHost]:
    try:
        yield host
    finally:
        host.stop()


def test_an_error_of_the_top_bars_channel_is_in_the_log(
    keeper_host: KeeperHost,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(keeper, "MAX_LOGINS", 0)
    channel = TopBarChannel.__new__(TopBarChannel)  # no request has opened it
    channel.initialize(keeper_host, settings)
    channel._in_order(channel._begin)
    channel._worker.shutdown()
    assert "unexpected: KeeperError" in caplog.text


EXPIRE_AND_WAIT = """
import time
from dataclasses import replace
managed = login.session._managed
managed._tokens = replace(managed._tokens, expires_at=0.0)
while time.time() < {start_at}:
    time.sleep(0.001)
print(login.session.access_token, login.session._managed.refresh_token)
"""


@pytest.mark.matrix
@pytest.mark.usefixtures("keeper_host")
def test_twenty_real_kernels_renew_once(tenant: LocalTenant) -> None:
    with ExitStack() as stack:
        kernels = [stack.enter_context(RealKernel()) for _ in range(20)]
        _log_in(kernels[0], tenant)
        assert _run(kernels[0], FORGOTTEN) == "None True"
        for kernel in kernels[1:]:
            assert _run(kernel, f"{_show(tenant)}\nprint(login.session.renewable)") == "True"
        tenant.requests.clear()
        # At one moment, when each kernel has had the time to get there.
        cell = EXPIRE_AND_WAIT.format(start_at=time.time() + 5)
        running = [(kernel, kernel.begin(cell, "cell")) for kernel in kernels]
        printed = [kernel.finish(request).split() for kernel, request in running]
    assert len({access_token for access_token, _ in printed}) == 1
    assert {refresh_token for _, refresh_token in printed} == {"None"}
    assert tenant.requests["/oauth/token"] == 1
