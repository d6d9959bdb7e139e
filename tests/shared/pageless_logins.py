"""Logins that need no page: a device's, which the tenant approves at once, and an application's."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from auth0_widget import LoginWidget
from auth0_widget.local_tenant import LocalTenant

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

API = "https://notes.example.com/"
SECRET = "local-tenant-job-secret"


@contextmanager
def approving_tenant() -> Iterator[LocalTenant]:
    """A tenant at which Ada approves every device."""
    with LocalTenant(auto_approve="ada@example.com") as running:
        yield running


@contextmanager
def device_login(tenant: LocalTenant) -> Iterator[LoginWidget]:
    """A widget that logs in with a printed code."""
    with _closing(
        LoginWidget(domain=tenant.url, client_id=tenant.client_id, flow="device")
    ) as widget:
        yield widget


@contextmanager
def application_login(
    tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch
) -> Iterator[LoginWidget]:
    """A widget of an application that logs in as itself, as a job does."""
    monkeypatch.setenv("AUTH0_DOMAIN", tenant.url)
    monkeypatch.setenv("AUTH0_CLIENT_ID", "local-tenant-job")
    monkeypatch.setenv("AUTH0_CLIENT_SECRET", SECRET)
    monkeypatch.setenv("AUTH0_AUDIENCE", API)
    monkeypatch.setenv("AUTH0_WIDGET_FLOW", "client_credentials")
    with _closing(LoginWidget()) as widget:
        yield widget


@contextmanager
def _closing(widget: LoginWidget) -> Iterator[LoginWidget]:
    yield widget
    widget.logout()
    widget.close()
