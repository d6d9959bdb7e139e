"""What a login that a cell asks for is to bring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from auth0_widget.errors import InvalidSettingError
from auth0_widget.login.requested_login import RequestedLogin

if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel import Kernel

NOTES = "https://notes.example.com/"
ARCHIVE = "https://archive.example.com/"
NOTHING = {"audience": None, "scope": None, "acr_values": None, "max_age": None}


@pytest.fixture
def kernel(new_kernel: Callable[..., Kernel]) -> Kernel:
    kernel: Kernel = new_kernel(
        audience=NOTES, scope="openid email offline_access read:notes missing:scope"
    )
    return kernel


def requested(kernel: Kernel, **asked: Any) -> RequestedLogin:
    return RequestedLogin.of(kernel.login, **NOTHING | asked)


def test_more_scopes_come_beside_the_usual_ones(kernel: Kernel) -> None:
    kernel.log_in()
    one = requested(kernel, scope="write:notes read:notes")
    assert one.settings.scope == (
        "openid email offline_access read:notes missing:scope write:notes"
    )
    assert (one.scope, one.resource) == ("write:notes read:notes", None)


def test_another_api_has_the_scopes_that_every_api_has_and_its_own(kernel: Kernel) -> None:
    kernel.log_in()
    one = requested(kernel, audience=ARCHIVE, scope="read:notes")
    assert one.settings.scope == "openid email offline_access read:notes"
    assert one.settings.audience == ARCHIVE
    assert one.resource is not None


def test_the_login_s_own_api_is_no_other(kernel: Kernel) -> None:
    assert requested(kernel, audience=NOTES).resource is None


@pytest.mark.parametrize(
    ("asked", "needs"),
    [({"scope": "x"}, False), ({"acr_values": "x"}, True), ({"max_age": 0}, True)],
)
def test_who_must_show_something_must_click(
    kernel: Kernel, asked: dict[str, Any], *, needs: bool
) -> None:
    one = requested(kernel, **asked)
    assert one.needs_person is needs
    assert one.settings.max_age == asked.get("max_age")
    assert one.settings.acr_values == asked.get("acr_values")


def test_a_session_that_has_what_the_usual_login_gives_is_repeated_by_the_usual_login(
    kernel: Kernel,
) -> None:
    session = kernel.log_in()._managed
    assert RequestedLogin.again(kernel.login, session) is None


def test_a_login_is_repeated_with_the_scopes_of_the_session_and_any_login_for_its_api_will_do(
    kernel: Kernel,
) -> None:
    session = kernel.log_in()._managed
    session.requested_scope += " write:notes"
    again = RequestedLogin.again(kernel.login, session)
    assert again is not None
    assert again.settings.scope == session.requested_scope
    assert again.is_met_by(kernel.settings)
    assert not again.is_met_by(requested(kernel, audience=ARCHIVE).settings)


def test_a_login_that_a_cell_requests_is_met_by_no_other(kernel: Kernel) -> None:
    one = requested(kernel, scope="write:notes")
    assert one.is_met_by(one.settings)
    assert not one.is_met_by(requested(kernel, scope="write:notes").settings)


@pytest.mark.parametrize("name", NOTHING)
def test_what_is_malformed_is_refused(kernel: Kernel, name: str) -> None:
    with pytest.raises(InvalidSettingError, match=name):
        requested(kernel, **{name: "\n"})
