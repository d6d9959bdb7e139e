"""A widget of somebody who is logged in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from auth0_widget import LoginWidget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auth0_widget import Session


@pytest.fixture
def widget(login_as: Callable[..., Session]) -> Iterator[LoginWidget]:
    """A widget of somebody who is logged in, with a refresh token."""
    login_as()
    login = LoginWidget()
    yield login
    login.close()
