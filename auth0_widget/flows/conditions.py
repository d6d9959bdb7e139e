"""The authorization parameters that restrict who may log in, or how.

Only an authorization request can carry them (RFC 6749, 4.1.1). A login with a code has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auth0_widget.errors import InvalidSettingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auth0_widget.config import Flow


def check_no_conditions(flow: Flow, conditions: Sequence[str]) -> None:
    """Check that there is none, before a login that could not pass it on.

    Args:
        flow: The flow of the login.
        conditions: The names of the parameters, see `AuthorizationOptions.conditions`.

    Raises:
        InvalidSettingError: There is one.
    """
    if conditions:
        named = ", ".join(conditions)
        raise InvalidSettingError(
            f"The flow {flow} cannot pass these arguments on to Auth0: {named}.",
            next_step=f"Log in in a window (flow='popup'), or leave {named} out.",
        )
