from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from kernel import ORIGIN

from auth0_widget.oauth.authorization_request import AuthorizationRequest
from auth0_widget.session.factory import session_from_response
from auth0_widget.session.managed_session import ManagedSession

if TYPE_CHECKING:
    from kernel import Kernel

    from auth0_widget.login.login import Login


def _new_session(kernel: Kernel) -> ManagedSession:
    login, request = kernel.login, AuthorizationRequest(ORIGIN)
    response = kernel.tenant.sign_in(request.url(login.tenant))
    return session_from_response(login.tenant, login.jwks, request, response)


def _log_in(kernel: Kernel, *waiting: str) -> ManagedSession:
    """A login without a page, for which the cells of these pages wait."""
    login, session = kernel.login, _new_session(kernel)
    with ExitStack() as cells:
        for connection in waiting:
            cells.enter_context(login.waiters.wait(print, connection=connection))
        assert login.complete(login.start(), session, login.starting_cells.set_to_waiters)
    return session


@pytest.fixture
def login(kernel: Kernel) -> Login:
    return kernel.login


@pytest.fixture
def _in_no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with a hub's login: no browser stores the session."""
    monkeypatch.setattr(ManagedSession, "stored_in_browsers", False)


def test_the_cells_that_waited_have_started_the_login_and_no_others_have(
    kernel: Kernel, login: Login
) -> None:
    session = _log_in(kernel, "mine", "mine too")
    assert login.starting_cells.session_started_by("mine") is session
    assert login.starting_cells.session_started_by("mine too") is session
    assert login.starting_cells.session_started_by("another") is None
    assert login.starting_cells.session_started_by(None) is None


@pytest.mark.usefixtures("_in_no_browser")
def test_a_cell_that_need_not_wait_counts_as_well_and_is_one_change(
    kernel: Kernel, login: Login
) -> None:
    session, changes = _log_in(kernel, "mine"), list[None]()
    login.listen(lambda: changes.append(None))
    for _ in range(2):
        login.starting_cells.add("late")
    assert login.starting_cells.session_started_by("late") is session
    assert login.starting_cells.session_started_by("mine") is session
    assert len(changes) == 1


@pytest.mark.usefixtures("_in_no_browser")
def test_a_cell_of_an_unknown_page_shows_the_session_to_no_page(
    kernel: Kernel, login: Login
) -> None:
    _log_in(kernel)
    login.starting_cells.add(None)
    assert login.starting_cells.session_started_by(None) is None


def test_where_browsers_store_the_session_only_those_that_waited_count(
    kernel: Kernel, login: Login
) -> None:
    _log_in(kernel, "mine")
    login.starting_cells.add("late")
    assert login.starting_cells.session_started_by("late") is None


@pytest.mark.usefixtures("_in_no_browser")
def test_the_cells_of_one_login_have_not_started_the_next(kernel: Kernel, login: Login) -> None:
    _log_in(kernel, "mine")
    login.logout()
    assert login.starting_cells.session_started_by("mine") is None
    login.starting_cells.add("late")  # there is no session that it could have got
    second = _new_session(kernel)
    assert login.complete(login.start(), second)  # a page has started this one
    assert login.starting_cells.session_started_by("mine") is None
    assert login.starting_cells.session_started_by("late") is None
    login.starting_cells.add("late")
    assert login.starting_cells.session_started_by("late") is second
    assert login.starting_cells.session_started_by("mine") is None
