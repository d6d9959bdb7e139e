from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from real_kernel import RealKernel

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def real_kernel() -> Iterator[RealKernel]:
    with RealKernel() as kernel:
        yield kernel
