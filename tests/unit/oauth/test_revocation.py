"""Revoking a refresh token that is no longer needed; failures: tests/security/test_trouble.py."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from auth0_widget.base import background
from auth0_widget.base.redaction import Secret
from auth0_widget.config import Settings
from auth0_widget.errors import TokenRequestError
from auth0_widget.oauth.client import Tenant
from auth0_widget.oauth.revocation import revoke_in_background

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant


@pytest.fixture
def remote(tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tenant]:
    monkeypatch.setattr(background, "_start", lambda work, **_: work())
    remote = Tenant(Settings.resolve(domain=tenant.url, client_id=tenant.client_id))
    yield remote
    remote.close()


def test_a_revoked_refresh_token_is_refused(
    new_kernel: Callable[..., Kernel], remote: Tenant
) -> None:
    refresh_token = new_kernel().log_in()._managed._refresh_tokens.current
    revoke_in_background(remote, refresh_token)
    assert refresh_token is not None
    with pytest.raises(TokenRequestError, match="invalid_grant"):
        remote.refresh_token_grant(refresh_token)


def test_without_a_refresh_token_nothing_is_asked(tenant: LocalTenant, remote: Tenant) -> None:
    revoke_in_background(remote, None)
    assert tenant.requests.total == 0


def test_a_failure_is_told_in_the_log_without_the_token(
    tenant: LocalTenant, remote: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    tenant.fail("revoke", "unavailable")
    revoke_in_background(remote, Secret("the-token"))
    assert "the refresh token could not be revoked: tenant_down" in caplog.text
    assert "the-token" not in caplog.text


def test_a_program_that_ends_waits_for_the_revocation(
    remote: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[bool] = []

    def start(_work: Callable[[], None], *, daemon: bool) -> None:
        started.append(daemon)

    monkeypatch.setattr(background, "_start", start)
    revoke_in_background(remote, Secret("the-token"))
    assert started == [False]
