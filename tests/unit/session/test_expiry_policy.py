"""The policy alone; requests that wait: tests/unit/notebook/test_long_job.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from auth0_widget.errors import (
    InvalidSettingError,
    LoginCancelledError,
    SessionEndedError,
    SessionExpiredError,
)
from auth0_widget.session.expiry_policy import WAIT_AT_MOST, ExpiryPolicy

if TYPE_CHECKING:
    from kernel import Kernel


@pytest.mark.parametrize(("policy", "asked"), [("raise", []), ("wait", [WAIT_AT_MOST])])
def test_nobody_is_asked_unless_it_is_the_policy(policy: str, asked: list[float]) -> None:
    seconds: list[float] = []
    expiry_policy = ExpiryPolicy(
        policy,  # type: ignore[arg-type]
        wait_for_login=lambda at_most, _: seconds.append(at_most),
    )
    assert not expiry_policy.wait(lambda: True), "and nobody could log in"
    assert seconds == asked


def test_a_login_is_waited_for_and_its_failure_is_the_caller_s() -> None:
    outcomes: list[object] = [object(), LoginCancelledError()]
    expiry_policy = ExpiryPolicy("wait", 1, lambda *_: outcomes.pop(0))
    assert expiry_policy.wait(lambda: True)
    with pytest.raises(LoginCancelledError):
        expiry_policy.wait(lambda: True)


def test_another_policy_is_refused(kernel: Kernel) -> None:
    session = kernel.log_in()
    with pytest.raises(InvalidSettingError, match="on_expiry"):
        session.on_expiry = "forever"  # type: ignore[assignment]


@pytest.mark.parametrize("nonsense", ["4h", None, True, -1, float("nan"), float("inf")], ids=repr)
def test_a_limit_that_is_no_number_of_seconds_is_refused(kernel: Kernel, nonsense: object) -> None:
    session = kernel.log_in()
    with pytest.raises(InvalidSettingError, match="wait_at_most is not a number of seconds"):
        session.wait_at_most = nonsense  # type: ignore[assignment]
    assert session.wait_at_most == WAIT_AT_MOST


def test_a_session_that_has_not_expired_asks_for_no_login(kernel: Kernel) -> None:
    managed = kernel.log_in()._managed
    managed._refresh_tokens.current = None
    managed.expiry_policy = ExpiryPolicy(
        "wait", wait_for_login=lambda *_: pytest.fail("somebody was asked")
    )
    with pytest.raises(SessionExpiredError):
        managed.valid_access_token(rejected=managed.tokens.access_token)


def test_a_logout_ends_the_waiting_for_a_renewal(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = kernel.log_in()
    monkeypatch.setattr(session._managed._renewal, "renew", lambda *_, **__: kernel.login.logout())
    with pytest.raises(SessionEndedError):
        session.renew()
