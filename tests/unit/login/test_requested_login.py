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


@pytest.mark.parametrize("name", NOTHING)
def test_what_is_malformed_is_refused(kernel: Kernel, name: str) -> None:
    with pytest.raises(InvalidSettingError, match=name):
        requested(kernel, **{name: "\n"})
