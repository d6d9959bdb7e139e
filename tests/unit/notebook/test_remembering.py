"""Who keeps a refresh token: the server where there is one, this machine where that was said."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from real_kernel import RealKernel

from auth0_widget import LoginWidget
from auth0_widget.base.local_sockets import private_socket
from auth0_widget.config import KEEPER_VARIABLE, REMEMBER_VARIABLE
from auth0_widget.errors import Auth0WidgetError, InvalidSettingError
from auth0_widget.keeper.channel import KeeperAddress
from auth0_widget.keeper.keeper import Keeper
from auth0_widget.keeper.listener import Listener
from auth0_widget.notebook import front_ends

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from auth0_widget.local_tenant import LocalTenant
    from auth0_widget.session.managed_session import ManagedSession


@pytest.fixture
def logins(private_home: Path) -> Path:
    """Where this machine remembers logins."""
    return private_home / "data" / "auth0-widget" / "logins"


@pytest.fixture(autouse=True)
def _application(tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant.auto_approve = "ada@example.com"
    for name, value in tenant.environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """The keeper of the server that has started this process."""
    made = Listener(Keeper().serve, tmp_path)
    monkeypatch.setenv(KEEPER_VARIABLE, str(made.address_file))
    yield made
    made.close()


def log_in(**settings: Any) -> ManagedSession:
    """A login with a code, which is approved at once; or the one that is there."""
    return LoginWidget(**settings).wait(timeout=30)._managed


def until_true(condition: Callable[[], bool]) -> None:
    """Wait for what is done in the background."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it never came true"
        threading.Event().wait(0.005)


def until_left(session: ManagedSession) -> None:
    """Wait until somebody else has the refresh token."""
    until_true(lambda: session.refresh_token is None)


def test_a_machine_remembers_where_that_is_said(logins: Path) -> None:
    assert log_in().kept_by is None
    assert not logins.exists()
    session = log_in(remember="file")
    until_left(session)
    assert session.kept_by == "machine"
    assert len(list(logins.glob("*.json"))) == 1


def test_a_variable_says_so_in_a_kernel(
    logins: Path, monkeypatch: pytest.MonkeyPatch, tenant: LocalTenant
) -> None:
    monkeypatch.setenv(REMEMBER_VARIABLE, "file")
    show = "from auth0_widget import LoginWidget; login = LoginWidget(flow='device')"
    with RealKernel() as kernel:
        kernel.run(f"{show}; session = login.wait(timeout=30)", cell="one")
        until_true(lambda: len(list(logins.glob("*.json"))) == 1)
    tenant.requests.clear()
    with RealKernel() as restarted:
        renew = f"{show}; login.session.renew(); print(login.session.user.email)"
        assert restarted.run(renew, cell="one") == "ada@example.com"
    assert tenant.requests["/oauth/token"] == 1


SCRIPT = """
import sys
from auth0_widget import LoginWidget
login = LoginWidget(**eval(sys.argv[1]))
print(login.wait(timeout=30).user.email, login is not LoginWidget())
"""


def script(**settings: Any) -> str:
    """What a program prints that logs in."""
    command = [sys.executable, "-c", SCRIPT, repr(settings)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return done.stdout


def test_a_script_joins_only_where_it_says_so() -> None:
    assert "enter the code" in script(remember="file"), "the first one asks"
    assert "enter the code" in script(), "who does not say so has a login of its own"
    assert "enter the code" not in script(remember="file"), "who does has that of the machine"


def test_the_variable_does_not_speak_for_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "marimo", raising=False)  # other tests import these two
    monkeypatch.delitem(sys.modules, "ipykernel.kernelapp", raising=False)
    monkeypatch.setenv(REMEMBER_VARIABLE, "file")
    monkeypatch.setattr(front_ends, "_shares_logins", False)
    assert LoginWidget()._login.settings.remember is None


def test_where_the_server_keeps_logins_it_has_this_one_too(
    listener: Listener, logins: Path
) -> None:
    session = log_in(remember="file")
    until_left(session)
    assert session.kept_by == "server"
    assert not logins.exists()
    assert listener.address_file.exists()


def test_where_the_server_has_gone_it_is_the_machine(listener: Listener, logins: Path) -> None:
    listener.close()
    assert os.environ[KEEPER_VARIABLE]
    session = log_in(remember="file")
    until_left(session)
    assert session.kept_by == "machine"
    assert logins.exists()


def test_where_the_server_was_killed_it_is_the_machine(
    logins: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint, place = private_socket("keeper", tmp_path)
    endpoint.close()
    KeeperAddress(str(place), bytes(32)).write(tmp_path / "address")
    monkeypatch.setenv(KEEPER_VARIABLE, str(tmp_path / "address"))
    session = log_in(remember="file")
    until_left(session)
    assert session.kept_by == "machine"
    assert logins.exists()


@pytest.mark.parametrize(
    ("flow", "why"),
    [("client_credentials", "no person logs in"), ("hub", "JupyterHub keeps the login")],
)
def test_a_flow_whose_login_is_not_remembered_says_why(
    flow: Any, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidSettingError, match=why):
        LoginWidget(flow=flow, remember="machine")
    monkeypatch.setenv(REMEMBER_VARIABLE, "machine")  # of everybody's, and not of this login
    with pytest.raises(Auth0WidgetError) as about_the_flow:
        LoginWidget(flow=flow)
    assert "remember" not in str(about_the_flow.value)


def test_visitors_are_nobody_that_a_machine_remembers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOILA_BASE_URL", "/voila/")
    with pytest.raises(InvalidSettingError, match="app with visitors"):
        LoginWidget(remember="machine")
    monkeypatch.setenv(REMEMBER_VARIABLE, "machine")
    assert LoginWidget()._login.settings.remember is None


@pytest.mark.parametrize("value", ["yes", "", 1, True])
def test_a_value_that_is_none(value: Any) -> None:
    with pytest.raises(InvalidSettingError, match="'machine', 'file'"):
        LoginWidget(remember=value)


def test_after_a_file_that_could_not_be_read_is_removed_the_widget_is_made(logins: Path) -> None:
    session = log_in(remember="file")
    until_left(session)
    (file,) = logins.glob("*.json")
    file.write_text("{}")
    done = subprocess.run(
        [sys.executable, "-c", TRY_AGAIN, str(file)],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.split() == ["remembering_failed", "logged_out"]


TRY_AGAIN = """
import sys
from pathlib import Path
from auth0_widget import LoginWidget
from auth0_widget.errors import RememberingError
try:
    LoginWidget(remember="file")
except RememberingError as error:
    print(error.code)
Path(sys.argv[1]).unlink()
print(LoginWidget(remember="file").status)
"""
