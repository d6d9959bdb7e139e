"""How a session begins; what is refused: tests/security."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from auth0_widget.errors import UserinfoError

if TYPE_CHECKING:
    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, b"Unauthorized"),  # as Auth0 does where the API of the audience signs with HS256
        (403, b'{"error": "insufficient_scope"}'),
        (200, b'{"sub": "auth0|ada", "groups": "' + b"x" * 70_000 + b'"}'),
        (200, b'{"sub": "\\ud800"}'),
    ],
)
def test_a_profile_that_cannot_be_had_keeps_nobody_out(
    kernel: Kernel, tenant: LocalTenant, caplog: pytest.LogCaptureFixture, status: int, body: bytes
) -> None:
    tenant.fail_next("/userinfo", status, body=body)
    session = kernel.log_in()
    assert session.user.name == "Ada Lovelace"
    assert session.profile["email"] == "ada@example.com"
    assert "nonce" not in session.profile
    assert "the profile is that of the ID token" in caplog.text
    assert "ada" not in caplog.text
    assert tenant.requests["/oauth/revoke"] == 0


def test_a_profile_of_somebody_else_does(kernel: Kernel, tenant: LocalTenant) -> None:
    tenant.mutate_response = {"/userinfo": lambda profile: profile | {"sub": "auth0|grace"}}
    kernel.receive("answer", response=tenant.sign_in(kernel.open()))
    assert kernel.login.session is None
    assert isinstance(kernel.login.problem, UserinfoError)


def test_a_stored_session_with_the_id_token_s_profile_comes_back(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    tenant.fail_next("/userinfo", 401, body=b"Unauthorized")
    kernel.log_in()
    record = kernel.stored()
    kernel.login._session = None
    kernel.find(record)
    assert kernel.login.session is not None
