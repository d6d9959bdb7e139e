"""When a session ends, by what is known; `ensure` itself: tests/unit/notebook/test_long_job.py."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from auth0_widget.session.lifetime import (
    DEFAULT_REFRESH_TOKEN_LIFETIME,
    known_end,
    unknown_end_notice,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel import Kernel


def test_nothing_is_known_to_end_a_session_that_renews(kernel: Kernel) -> None:
    managed = kernel.log_in()._managed
    assert known_end(managed, None).at == math.inf
    assert known_end(managed, 600).at == managed.logged_in_at + 600


def test_without_a_refresh_token_the_access_token_ends_it_and_nothing_is_unknown(
    new_kernel: Callable[..., Kernel],
) -> None:
    managed = new_kernel(scope="openid").log_in()._managed
    end = known_end(managed, None)
    assert end.at == managed.tokens.expires_at
    assert "offline_access" in end.reason
    assert unknown_end_notice(managed, math.inf) is None


def test_a_later_login_brings_the_refresh_token_a_later_end(
    kernel: Kernel, new_kernel: Callable[..., Kernel]
) -> None:
    session = kernel.log_in()
    managed = session._managed
    managed._refresh_tokens.logged_in_at -= 1000
    # Another kernel's login is found in the browser: it has no refresh token for this one.
    other = new_kernel()
    other.log_in()
    kernel.find(other.stored())
    assert kernel.login.session is session
    assert managed.logged_in_at > known_end(managed, 0).at
    kernel.log_in()
    assert known_end(managed, 0).at == managed.logged_in_at


def test_what_nobody_knows_is_said_with_the_day_of_auth0_s_default(kernel: Kernel) -> None:
    managed = kernel.log_in()._managed
    default = managed.logged_in_at + DEFAULT_REFRESH_TOKEN_LIFETIME
    assert "before this job ends" not in str(unknown_end_notice(managed, default))
    assert "before this job ends" in str(unknown_end_notice(managed, default + 1))
