"""Threats 30 and 34: a code that misleads, and a window that does not work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from kernel import ORIGIN

if TYPE_CHECKING:
    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant

EVIL = "https://evil.example.com"

MISLEADING: dict[str, dict[str, object]] = {
    "an image for a code": {"user_code": "<img src=x onerror=alert(1)>"},
    "a link for a code": {"user_code": f"go to {EVIL}"},
    "letters turned around": {"user_code": "ABCD\u202eHGFE"},
    "a second line": {"user_code": "ABCD\nEFGH"},
    "a code that is a book": {"user_code": "A" * 10_000},
    "no code": {"user_code": ""},
    "another host": {"verification_uri": f"{EVIL}/activate"},
    "a script": {"verification_uri": "javascript:alert(1)"},
    "a page of its own": {"verification_uri": "data:text/html,<script>alert(1)</script>"},
    "another host behind a name": {"verification_uri": "http://127.0.0.1@evil.example.com/"},
    "another port": {"verification_uri": "http://127.0.0.1:1/activate"},
    "no address": {"verification_uri": None},
    "for ever": {"expires_in": -1},
}


@pytest.mark.parametrize("kind", MISLEADING)
def test_threat_30_a_code_that_misleads_is_never_shown(
    kernel: Kernel, tenant: LocalTenant, shown: Any, kind: str
) -> None:
    tenant.mutate_response["/oauth/device/code"] = lambda response: response | MISLEADING[kind]
    kernel.receive("hello", origin=ORIGIN)
    kernel.receive("use_code")
    assert kernel.problem == "invalid_response"
    assert not any(message.get("device") for message in kernel.sent)
    assert "evil" not in str(kernel.sent)
    assert tenant.requests["/oauth/token"] == 0
    shown("`invalid_response`")


def test_threat_30_a_page_nobody_knows_gets_no_code(
    kernel: Kernel, tenant: LocalTenant, shown: Any
) -> None:
    kernel.receive("use_code")
    assert tenant.requests.total == 0
    assert kernel.sent == []
    shown("dropped")


@pytest.mark.parametrize(
    ("event", "code"), [("window_blocked", "popup_blocked"), ("window_closed", "popup_closed")]
)
def test_threat_34_a_window_that_does_not_work_is_named_and_another_way_offered(
    kernel: Kernel, shown: Any, event: str, code: str
) -> None:
    kernel.open()
    kernel.receive(event)
    assert kernel.problem == code
    assert "Use a code instead" in kernel.last("state")["problem"]["next_step"]
    shown(f"`{code}`")


def test_threat_34_a_window_that_only_seems_closed_may_still_respond(
    kernel: Kernel, tenant: LocalTenant, shown: Any
) -> None:
    url = kernel.open()
    kernel.receive("window_closed")
    kernel.receive("authorization_response", response=tenant.sign_in(url))
    assert kernel.login.session is not None
    shown("the late response is taken")
