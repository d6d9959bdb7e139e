"""The device flow in the card: a page asks for a code, its person types it, the session arrives.

Where a code could not carry what the author requires, none is shown (`flows.conditions`).
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest
from kernel import ORIGIN, PAGE

from auth0_widget.errors import LoginCancelledError
from auth0_widget.flows import card_attempt, device_in_card
from auth0_widget.notebook.waiting import wait_async
from auth0_widget.oauth.authorization_options import AuthorizationOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant

OTHER_PAGE = "page-1111-1111-1111"


class Hurried(threading.Event):
    """A poller that does not wait out its interval, for time is the tenant's to keep."""

    def wait(self, timeout: float | None = None) -> bool:  # noqa: ARG002 - as the event has it
        return self.is_set()


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_attempt, "Event", Hurried)


def use_code(kernel: Kernel, person: Callable[[str], object]) -> Any:
    """A page asks for a code, and its person does something with it as soon as the card shows it.

    The kernel polls only after that. Gives what the card shows in the end.
    """
    seen: set[str] = set()

    def act(message: Any) -> None:
        code = (message.get("device") or {}).get("user_code")
        if code is not None and code not in seen:
            seen.add(code)
            person(code)

    kernel.on_sent = act
    kernel.receive("hello", origin=ORIGIN)
    kernel.receive("use_code")
    return kernel.last("state")


def codes(kernel: Kernel) -> list[Any]:
    return [message["device"] for message in kernel.sent if message.get("device")]


def test_whoever_types_the_code_is_in_the_card_and_in_the_browser_s_storage(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    state = use_code(kernel, lambda code: tenant.approve_device(code, "grace@example.com"))
    assert (state["status"], state["card"]["name"]) == ("authenticated", "Grace Hopper")
    assert state["device"] is None
    (code,) = codes(kernel)
    assert code["verification_uri"] == f"{tenant.url}/activate"
    assert code["reason"] is None
    assert [each["to"] for each in kernel.sent if each["type"] == "store"] == [PAGE]
    assert kernel.login.session is not None
    assert kernel.login.session.renewable


def test_no_code_is_shown_where_the_author_requires_what_a_code_cannot_carry(
    new_kernel: Callable[..., Kernel], tenant: LocalTenant
) -> None:
    options = AuthorizationOptions.resolve({"connection": "corp", "login_hint": "ada@example.com"})
    kernel = new_kernel(display={"options": options})
    state = use_code(kernel, lambda code: tenant.approve_device(code, "grace@example.com"))
    assert codes(kernel) == []
    assert state["problem"]["message"] == (
        "The flow device cannot pass these arguments on to Auth0: connection."
    )
    assert "window" in state["problem"]["next_step"]
    assert tenant.requests.counts["/oauth/device/code"] == 0


def test_the_code_says_until_when_it_is_good(
    kernel: Kernel, tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: 1_800_000_000.0)
    tenant.mutate_response["/oauth/device/code"] = lambda response: response | {"expires_in": 300}
    use_code(kernel, lambda _: kernel.receive("cancel_login"))
    assert codes(kernel)[0]["expires_at"] == 1_800_000_300


@pytest.mark.parametrize(
    ("event", "sentence"),
    [("window_blocked", "blocked the login window"), ("window_closed", "seems to be closed")],
)
def test_the_card_says_why_there_is_a_code(
    kernel: Kernel, tenant: LocalTenant, event: str, sentence: str
) -> None:
    kernel.receive("hello", origin=ORIGIN)
    kernel.receive("login_started")
    kernel.receive(event)
    assert "Use a code instead" in kernel.last("state")["problem"]["next_step"]
    use_code(kernel, tenant.approve_device)
    assert sentence in codes(kernel)[0]["reason"]


def test_a_cell_that_waits_gets_the_session(kernel: Kernel, tenant: LocalTenant) -> None:
    async def cell() -> object:
        asyncio.get_running_loop().call_soon(use_code, kernel, tenant.approve_device)
        return await wait_async(kernel.login, kernel.bridge, pytest.fail)

    assert asyncio.run(cell()) is kernel.login.session is not None


def test_another_page_sees_neither_the_code_nor_the_person(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    kernel.receive("hello", OTHER_PAGE, origin=ORIGIN)
    kernel.receive("stored_record", OTHER_PAGE, record=None)
    use_code(kernel, tenant.approve_device)
    assert codes(kernel)
    others = [each for each in kernel.sent if each["to"] == OTHER_PAGE and each["type"] == "state"]
    assert {each["status"] for each in others} >= {"logging_in", "authenticated"}
    assert not any(each["device"] or each["card"] for each in others)


def test_a_page_that_comes_back_is_shown_the_code_again(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    def refresh(code: str) -> None:
        kernel.receive("hello", origin=ORIGIN)
        kernel.receive("stored_record", record=None)
        assert kernel.last("state")["device"]["user_code"] == code
        tenant.approve_device(code)

    assert use_code(kernel, refresh)["status"] == "authenticated"


def test_a_second_click_asks_for_no_second_code(kernel: Kernel, tenant: LocalTenant) -> None:
    def click_again(code: str) -> None:
        kernel.receive("use_code")
        tenant.approve_device(code)

    use_code(kernel, click_again)
    assert tenant.requests["/oauth/device/code"] == 1


def _decline(tenant: LocalTenant, code: str) -> None:
    tenant.approve_device(code, accept=False)


def _let_it_expire(tenant: LocalTenant, _code: str) -> None:
    body = '{"error": "expired_token", "error_description": "The device code has expired."}'
    tenant.fail_next("/oauth/token", 403, body=body)


@pytest.mark.parametrize(
    ("end", "problem"), [(_decline, "login_denied"), (_let_it_expire, "device_code_expired")]
)
def test_a_login_by_a_code_that_fails_is_named_and_can_be_tried_again(
    kernel: Kernel,
    tenant: LocalTenant,
    end: Callable[[LocalTenant, str], None],
    problem: str,
) -> None:
    state = use_code(kernel, lambda code: end(tenant, code))
    assert (state["status"], state["problem"]["code"]) == ("error", problem)
    assert state["device"] is None
    # A window that is opened later does not bring the old code back.
    kernel.receive("login_started")
    assert kernel.last("state")["device"] is None
    assert use_code(kernel, tenant.approve_device)["status"] == "authenticated"


def test_an_application_that_may_not_use_codes_says_what_to_allow(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    body = '{"error": "unauthorized_client", "error_description": "Not allowed."}'
    tenant.fail_next("/oauth/device/code", 403, body=body)
    state = use_code(kernel, tenant.approve_device)
    assert (state["status"], state["problem"]["code"]) == ("error", "token_request_failed")
    assert "Device Code" in state["problem"]["next_step"]
    assert codes(kernel) == []


def test_a_mistake_of_ours_is_no_endless_login(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mistaken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(device_in_card, "log_in_by_device", mistaken)
    assert use_code(kernel, lambda _: None)["problem"]["code"] == "unexpected"


@pytest.mark.parametrize("page", [PAGE, OTHER_PAGE])
def test_cancelling_here_or_on_another_page_ends_the_polling(
    kernel: Kernel, tenant: LocalTenant, page: str
) -> None:
    kernel.receive("hello", OTHER_PAGE, origin=ORIGIN)
    state = use_code(kernel, lambda _: kernel.receive("cancel_login", page))
    assert (state["status"], state["problem"]["code"]) == ("error", "login_cancelled")
    assert state["device"] is None
    assert tenant.requests["/oauth/token"] == 0


def test_a_logout_ends_the_polling(kernel: Kernel, tenant: LocalTenant) -> None:
    state = use_code(kernel, lambda _: kernel.login.logout())
    assert (state["status"], state["device"]) == ("logged_out", None)
    assert tenant.requests["/oauth/token"] == 0


def test_a_window_that_responds_after_all_ends_the_polling(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    kernel.receive("hello", origin=ORIGIN)
    url = [each for each in kernel.sent if each["type"] == "ready"][-1]["authorize_url"]
    kernel.receive("login_started")
    kernel.receive("window_closed")
    state = use_code(
        kernel, lambda _: kernel.receive("authorization_response", response=tenant.sign_in(url))
    )
    assert (state["status"], state["device"]) == ("authenticated", None)
    assert tenant.requests["/oauth/token"] == 1


def test_a_login_that_fails_elsewhere_ends_the_polling_and_has_the_last_word(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    def fail_elsewhere(_code: str) -> None:
        kernel.open(OTHER_PAGE)
        kernel.receive("window_blocked", OTHER_PAGE)

    state = use_code(kernel, fail_elsewhere)
    assert (state["problem"]["code"], state["device"]) == ("popup_blocked", None)
    assert tenant.requests["/oauth/token"] == 0


def test_a_widget_that_is_closed_ends_the_polling_and_the_wait(
    kernel: Kernel, tenant: LocalTenant
) -> None:
    outcomes: list[object] = []
    with kernel.login.waiters.wait(outcomes.append):
        use_code(kernel, lambda _: kernel.bridge.close())
    assert [type(each) for each in outcomes] == [LoginCancelledError]
    assert tenant.requests["/oauth/token"] == 0


def test_a_code_that_is_over_leaves_no_listener(kernel: Kernel, tenant: LocalTenant) -> None:
    before = len(kernel.login._changed)
    use_code(kernel, lambda _: kernel.receive("cancel_login"))
    use_code(kernel, tenant.approve_device)
    assert kernel.login.status == "authenticated"
    assert len(kernel.login._changed) == before


def test_a_code_is_no_way_around_max_age(
    new_kernel: Callable[..., Kernel], tenant: LocalTenant
) -> None:
    kernel = new_kernel(max_age=60)
    kernel.receive("hello", origin=ORIGIN)
    kernel.receive("use_code")
    state = kernel.last("state")
    assert (state["status"], state["problem"]["code"]) == ("error", "invalid_setting")
    assert tenant.requests["/oauth/device/code"] == 0


@pytest.mark.parametrize("able", [{}, {"window": False, "message": False}], ids=["Lab", "VS Code"])
def test_with_the_flow_by_name_the_card_offers_the_code_and_nothing_else(
    new_kernel: Callable[..., Kernel], tenant: LocalTenant, able: dict[str, Any]
) -> None:
    kernel = new_kernel(flow="device")
    kernel.receive("hello", origin=ORIGIN, **able)
    ready = kernel.last("ready")
    assert (ready["way"], ready["authorize_url"], ready["link_url"]) == ("code", None, None)
    kernel.receive("login_started", way="link")
    assert kernel.login.status == "logged_out"
    assert use_code(kernel, tenant.approve_device)["status"] == "authenticated"
