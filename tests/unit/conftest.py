from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hub import Hub
from real_kernel import RealKernel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auth0_widget.local_tenant import LocalTenant


@pytest.fixture(scope="module")
def real_kernel() -> Iterator[RealKernel]:
    with RealKernel() as kernel:
        yield kernel


@pytest.fixture
def hub(tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub that Ada has logged in to, and her server's environment."""
    with Hub() as hub:
        hub.log_in(tenant)
        for name, value in hub.environment().items():
            monkeypatch.setenv(name, value)
        yield hub
