"""Why a session is not renewed, said in the card and in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from lifetimes import end_in

from auth0_widget.errors import SessionExpiredError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant
    from auth0_widget.session.session import Session


def _expect(kernel: Kernel, why: str | None, words: str) -> None:
    session: Session | None = kernel.login.session
    assert session is not None
    assert kernel.last("state")["card"]["no_renewal"] == why
    assert words in repr(session)
    if why is None:
        return
    end_in(session, -1)
    with pytest.raises(SessionExpiredError, match=words):
        _ = session.access_token


def test_one_that_renews_itself(kernel: Kernel) -> None:
    kernel.log_in()
    _expect(kernel, None, "renews itself")


def test_one_whose_access_token_has_expired_is_not_called_good(kernel: Kernel) -> None:
    session = kernel.log_in()
    end_in(session, -1)
    assert repr(session) == "<Session: access token expired, renews itself>"


def test_one_that_was_restored_from_the_browser(
    kernel: Kernel, new_kernel: Callable[..., Kernel]
) -> None:
    kernel.log_in()
    restarted = new_kernel()
    restarted.find(kernel.stored())
    _expect(restarted, "restored", "restored from the browser")
    restarted.log_in()
    _expect(restarted, None, "renews itself")


def test_one_whose_scope_has_no_offline_access(new_kernel: Callable[..., Kernel]) -> None:
    kernel = new_kernel(scope="openid profile email")
    kernel.log_in()
    _expect(kernel, "not_requested", "the scope has no offline_access")


def test_one_that_the_tenant_granted_no_offline_access(kernel: Kernel, tenant: LocalTenant) -> None:
    def without(response: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in response.items() if name != "refresh_token"}

    tenant.mutate_response["/oauth/token"] = without
    kernel.log_in()
    _expect(kernel, "not_granted", "the tenant did not grant offline_access")
