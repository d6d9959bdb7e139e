"""The policy alone; requests that wait: tests/unit/notebook/test_reauthentication.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from auth0_widget.errors import (
    InvalidSettingError,
    LoginCancelledError,
    SessionEndedError,
    SessionExpiredError,
)
from auth0_widget.session.expiry_policy import WAIT_AT_MOST, ExpiryPolicy

if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel import Kernel

    from auth0_widget.errors import Auth0WidgetError
    from auth0_widget.session.managed_session import ManagedSession


class Person:
    """Somebody who logs in again, or does not."""

    def __init__(self, error: Auth0WidgetError | None = None) -> None:
        self.asked: list[float] = []
        self._error = error

    def reauthenticate(
        self, _session: ManagedSession, _is_needed: Callable[[], bool], timeout: float
    ) -> None:
        self.asked.append(timeout)
        if self._error is not None:
            raise self._error


@pytest.mark.parametrize(("action", "asked"), [("raise", []), ("wait", [WAIT_AT_MOST])])
def test_nobody_is_asked_unless_it_is_the_policy(
    kernel: Kernel, action: Literal["raise", "wait"], asked: list[float]
) -> None:
    person = Person()
    policy = ExpiryPolicy(action, reauthenticator=person)
    assert policy.wait(kernel.log_in()._managed, lambda: True) is bool(asked)
    assert person.asked == asked


def test_nobody_is_waited_for_where_nobody_can_be_asked(kernel: Kernel) -> None:
    assert not ExpiryPolicy("wait").wait(kernel.log_in()._managed, lambda: True)


def test_a_login_that_fails_is_the_caller_s(kernel: Kernel) -> None:
    policy = ExpiryPolicy("wait", 1, Person(LoginCancelledError()))
    with pytest.raises(LoginCancelledError):
        policy.wait(kernel.log_in()._managed, lambda: True)


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
    person = Person()
    managed.expiry_policy = ExpiryPolicy("wait", reauthenticator=person)
    with pytest.raises(SessionExpiredError):
        managed.valid_access_token(rejected=managed.tokens.access_token)
    assert person.asked == []


def test_a_logout_ends_the_waiting_for_a_renewal(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = kernel.log_in()
    monkeypatch.setattr(session._managed._renewal, "renew", lambda *_, **__: kernel.login.logout())
    with pytest.raises(SessionEndedError):
        session.renew()
