"""What a user's tab completion offers of a session; how it works is in the other modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auth0_widget import Session
from auth0_widget.session.application_session import ApplicationSession

if TYPE_CHECKING:
    from kernel import Kernel

OFFERED = [
    "access_token", "active", "async_token_provider", "auth", "auth_for", "claims", "expires_at",
    "for_audience", "id_token", "missing_scope", "on_expiry", "profile", "renew", "renewable",
    "scope", "token_provider", "token_source", "user", "wait_at_most",
]  # fmt: skip


def test_a_session_offers_what_is_for_users_and_nothing_else(kernel: Kernel) -> None:
    session = kernel.log_in()
    assert [name for name in dir(session) if not name.startswith("_")] == OFFERED
    assert [name for name in dir(ApplicationSession) if not name.startswith("_")] == OFFERED


def test_a_session_has_one_public_face(kernel: Kernel) -> None:
    session = kernel.log_in()
    assert type(session) is Session
    assert kernel.login.session is session
    assert kernel.login.managed_session is session._managed
