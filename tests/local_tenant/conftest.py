from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from auth0_widget.local_tenant import LocalTenant
from auth0_widget.local_tenant.keys import SigningKey

from .notebook import ORIGIN, Clock, Notebook, http_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def signing_key() -> SigningKey:
    """A shared key, because making one takes longer than most of these tests."""
    return SigningKey()


@pytest.fixture
def tenant(clock: Clock, signing_key: SigningKey) -> Iterator[LocalTenant]:
    # Most of these tests need no confirmation page; test_confirmation.py turns it on.
    with LocalTenant(
        origins=[ORIGIN], clock=clock, confirms_non_verifiable_callbacks=False
    ) as tenant:
        tenant._context.keys._keys.append(signing_key)
        yield tenant


@pytest.fixture
def notebook(tenant: LocalTenant) -> Notebook:
    return Notebook(tenant)


@pytest.fixture
def visitor(tenant: LocalTenant) -> Iterator[httpx.Client]:
    """A browser without JavaScript, which keeps cookies and follows no redirect by itself."""
    with http_client(tenant) as client:
        yield client
