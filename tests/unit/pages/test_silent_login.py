"""Several pages log in silently, one after the other; one page: tests/unit/flows/test_silent.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from kernel import PAGE
from silent_logins import LAB, log_in

from auth0_widget.errors import (
    Auth0WidgetError,
    IdTokenSubjectError,
    LoginRequiredError,
    LoginTimeoutError,
)
from auth0_widget.local_tenant.person import Person
from auth0_widget.pages import silent_login

if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel import Kernel
    from lifetimes import Clock

    from auth0_widget.local_tenant import LocalTenant

NEWEST = "page-of-another-browser"


@pytest.fixture
def kernel(kernel: Kernel, ada: Person) -> Kernel:
    """A kernel with two pages, both of which know Ada's session."""
    session = log_in(kernel, ada)
    kernel.receive("hello", NEWEST, origin=LAB)
    kernel.bridge._pages[NEWEST].attempt_succeeded(session._managed)
    return kernel


Ended = list["Auth0WidgetError | None"]


def start(kernel: Kernel) -> tuple[Callable[[], None], Ended]:
    ended: Ended = []
    cancel = kernel.bridge.start_silent_login(kernel.login.tenant, ended.append)
    assert cancel is not None
    return cancel, ended


def refuse(kernel: Kernel, page: str) -> None:
    """Respond as the tenant does to the browser of a page that it does not know."""
    with Person(kernel.tenant.url, "ada@example.com", kernel.tenant.password) as stranger:
        respond(kernel, stranger, page)


def respond(kernel: Kernel, person: Person, page: str) -> None:
    response = person.authorize(kernel.last("silent", page)["url"])
    kernel.receive("authorization_response", page, response=response)


def test_if_the_newest_page_fails_the_next_one_is_asked(kernel: Kernel, ada: Person) -> None:
    before = kernel.login.began_at
    _, ended = start(kernel)
    assert kernel.last("silent", PAGE) is None
    refuse(kernel, NEWEST)
    assert ended == []
    respond(kernel, ada, PAGE)
    assert ended == [None]
    assert kernel.login.began_at != before


def test_if_all_fail_it_is_told_once_and_somebody_else_s_login_is_named(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    _, ended = start(kernel)
    refuse(kernel, NEWEST)
    with Person(tenant.url, "grace@example.com", tenant.password) as grace:
        grace.authorize(kernel.last("silent")["url"].replace("prompt=none", "prompt=login"))
        respond(kernel, grace, PAGE)
    assert [type(error) for error in ended] == [IdTokenSubjectError]


def test_after_a_time_no_other_page_is_asked(
    kernel: Kernel, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silent_login, "time", clock)
    _, ended = start(kernel)
    clock.go_on(silent_login.TIME_LIMIT)
    refuse(kernel, NEWEST)
    assert [type(error) for error in ended] == [LoginRequiredError]
    assert kernel.last("silent", PAGE) is None


def test_after_a_logout_no_other_page_is_asked(kernel: Kernel, ada: Person) -> None:
    _, ended = start(kernel)
    kernel.login.logout()
    respond(kernel, ada, NEWEST)
    assert len(ended) == 1
    assert kernel.last("silent", PAGE) is None


def test_what_is_cancelled_neither_completes_nor_tells_nor_asks_another_page(
    kernel: Kernel, ada: Person, tenant: LocalTenant
) -> None:
    cancel, ended = start(kernel)
    cancel()
    before = kernel.login.began_at
    tenant.requests.clear()
    respond(kernel, ada, NEWEST)
    assert ended == []
    assert kernel.login.began_at == before
    assert tenant.requests["/oauth/token"] == 0
    assert kernel.last("silent", PAGE) is None
    _, ended = start(kernel)
    respond(kernel, ada, NEWEST)
    assert ended == [None], "and another one may start at once"


def test_a_page_that_was_given_up_is_cancelled_as_well(
    kernel: Kernel, ada: Person, tenant: LocalTenant
) -> None:
    cancel, ended = start(kernel)
    flow = kernel.bridge._pages[NEWEST].silent
    (attempt,) = flow._attempts
    assert attempt.timer is not None
    attempt.timer.function(*attempt.timer.args)
    assert kernel.last("silent", PAGE) is not None
    cancel()
    tenant.requests.clear()
    respond(kernel, ada, NEWEST)
    respond(kernel, ada, PAGE)
    assert ended == []
    assert tenant.requests["/oauth/token"] == 0


def test_the_next_one_starts_when_the_one_before_is_cancelled(kernel: Kernel, ada: Person) -> None:
    cancel, first = start(kernel)
    url = kernel.last("silent", NEWEST)["url"]
    cancel_second, second = start(kernel)
    _, third = start(kernel)
    cancel_second()
    assert kernel.last("silent", NEWEST)["url"] == url
    cancel()
    assert kernel.last("silent", NEWEST)["url"] != url
    respond(kernel, ada, NEWEST)
    assert (first, second, third) == ([], [], [None])


def test_one_whose_turn_comes_too_late_fails(
    kernel: Kernel, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silent_login, "time", clock)
    cancel, _ = start(kernel)
    _, second = start(kernel)
    clock.go_on(silent_login.TIME_LIMIT)
    cancel()
    assert [type(error) for error in second] == [LoginTimeoutError]
