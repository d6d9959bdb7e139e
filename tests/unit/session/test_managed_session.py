"""What becomes of a session's refresh tokens; attacks: tests/security/test_lifecycle.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifetimes import end_in

if TYPE_CHECKING:
    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant


def test_a_superfluous_refresh_token_is_not_revoked_before_the_logout(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    # Where Refresh Token Revocation Deletes Grant is on, the new one would go with the old one.
    session = kernel.log_in()
    assert kernel.log_in() is session
    assert tenant.requests["/oauth/revoke"] == 0
    session.renew()
    kernel.login.logout()
    assert tenant.requests["/oauth/revoke"] == 2


def test_a_login_ends_the_delay_after_failed_renewals_of_the_earlier_refresh_token(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    session = kernel.log_in()
    end_in(session, 40)
    tenant.fail("token", "rate_limited", retry_after=600)
    _ = session.access_token
    assert kernel.last("state")["problem"]["code"] == "rate_limited"
    assert kernel.log_in() is session
    assert kernel.last("state")["problem"] is None
    before = session.access_token
    end_in(session, 40)
    assert {session.access_token for _ in range(2)} != {before}, "renewed, and not in ten minutes"


def test_a_login_that_comes_too_late_takes_no_refresh_token_of_the_same_person_along(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    late = tenant.sign_in(kernel.open("page-0000-0000-0001"))
    session = kernel.log_in()
    kernel.receive("authorization_response", "page-0000-0000-0001", response=late)
    assert kernel.login.session is session
    assert tenant.requests["/oauth/revoke"] == 0
    kernel.login.logout()
    assert tenant.requests["/oauth/revoke"] == 2
