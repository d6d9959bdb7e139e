"""An error of the keeper is raised in the kernel with all that its handlers read."""

from __future__ import annotations

import pytest

from auth0_widget.errors import (
    Auth0WidgetError,
    KeeperError,
    RateLimitError,
    SessionEndedError,
    TokenRequestError,
    UnreachableError,
)
from auth0_widget.keeper.failures import error_from_message, message_of_error
from auth0_widget.keeper.messages import Failed

ERRORS = [
    SessionEndedError(),
    UnreachableError("The tenant could not be reached.", next_step="Connect this machine."),
    RateLimitError(retry_after=40.0),
    TokenRequestError(error="invalid_grant", error_description="It was used before."),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
def test_an_error_is_the_same_in_the_kernel(error: Auth0WidgetError) -> None:
    message = message_of_error(7, error)
    raised = error_from_message(message)
    assert (message.number, type(raised), str(raised)) == (7, type(error), str(error))
    for name in ("error", "error_description", "retry_after"):
        assert getattr(raised, name, None) == getattr(error, name, None)


def test_an_error_of_a_newer_keeper_is_an_error_of_the_keeper() -> None:
    raised = error_from_message(
        Failed(
            1,
            code="of_tomorrow",
            message="It rains.",
            next_step="Take an umbrella.",
            oauth_error=None,
            oauth_description=None,
            retry_after=None,
        )
    )
    assert type(raised) is KeeperError
    assert str(raised) == "It rains. Take an umbrella."
