from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from threats import OUTCOME

from .hostile import HostileServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auth0_widget.errors import Auth0WidgetError

NOW = 1_800_000_000


@pytest.fixture
def shown(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Put the outcome of the case into the security table."""
    return lambda outcome: request.node.user_properties.append((OUTCOME, outcome))


@pytest.fixture
def refused(shown: Callable[[str], None]) -> Callable[..., Any]:
    """Like `pytest.raises`, for exactly this class."""

    @contextlib.contextmanager
    def expect(error: type[Auth0WidgetError]) -> Iterator[pytest.ExceptionInfo[Auth0WidgetError]]:
        with pytest.raises(error) as refusal:
            yield refusal
        assert type(refusal.value) is error
        assert refusal.value.message
        assert refusal.value.next_step
        shown(f"`{error.code}`")

    return expect


@pytest.fixture
def hostile() -> Iterator[HostileServer]:
    """A server on loopback that responds as the test says."""
    with HostileServer() as server:
        yield server


@pytest.fixture
def stopped() -> Iterator[time_machine.Traveller]:
    """A clock that stands still, until its ``shift`` moves it."""
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock
