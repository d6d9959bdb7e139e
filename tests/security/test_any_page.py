"""Threat 46: a page that is not http(s) may log in, and gets nothing that needs a web origin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from kernel import ORIGIN

from auth0_widget.flows import loopback_listener

if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant

NO_WEB_ORIGINS = [
    "vscode-webview://1a2b3c4d",
    "null",
    "file://",
    "about:blank",
    "javascript:alert(1)",
    "http://localhost:8888/path",
    "http://ada:secret@localhost:8888",
    "https://",
    "data:text/html,x",
    "http://localhost:\uff18\uff18",
    "http://localhost:888888",
    "http://user@localhost",
    "http://localhost\n",
    "",
]


@pytest.mark.parametrize("origin", [*NO_WEB_ORIGINS, None])
@pytest.mark.parametrize("claims", [True, False])
def test_threat_46_it_is_heard_and_offered_no_window(
    new_kernel: Callable[..., Kernel], shown: Any, origin: str | None, *, claims: bool
) -> None:
    kernel = new_kernel(flow="auto", display={"end_auth0_session": True})
    # It may claim what it likes: without a web origin no window can send it a response.
    kernel.receive("hello", origin=origin, window=claims, message=claims)
    ready = kernel.last("ready")
    assert ready["way"] == "link"
    assert ready["authorize_url"] is None
    assert ready["logout_url"] is None
    assert "cannot open a login window" in ready["why"]
    assert "redirect_uri=http%3A%2F%2F127.0.0.1%3A18484%2F" in ready["link_url"]
    shown("a link, and no window")


@pytest.mark.parametrize("origin", NO_WEB_ORIGINS)
def test_threat_46_by_name_a_window_is_refused_with_a_sentence(
    new_kernel: Callable[..., Kernel], shown: Any, origin: str
) -> None:
    kernel = new_kernel(flow="popup")
    kernel.receive("hello", origin=origin)
    assert kernel.last("ready")["authorize_url"] is None
    kernel.receive("stored_record", record=None)
    assert kernel.problem == "no_window"
    assert "Use a code instead" in kernel.last("state")["problem"]["next_step"]
    kernel.receive("login_started")
    kernel.receive("window_blocked")
    assert kernel.problem == "no_window"
    shown("`no_window`")


@pytest.mark.parametrize(
    ("flow", "remote_kernel", "able", "way"),
    [
        ("popup", None, {}, "link"),
        ("hub", None, {}, "link"),
        ("auto", "the kernel was started over SSH", {}, "link"),
        ("auto", None, {"link": False}, "link"),
        ("auto", None, {"window": False}, "window"),
        ("auto", None, {"message": False}, "window"),
        ("hub", None, {}, "window"),
    ],
)
def test_threat_46_a_way_that_was_not_offered_starts_nothing(
    new_kernel: Callable[..., Kernel],
    shown: Any,
    monkeypatch: pytest.MonkeyPatch,
    *,
    flow: str,
    remote_kernel: str | None,
    able: dict[str, Any],
    way: str,
) -> None:
    # A listener that is started all the same ends at once, and the test fails without delay.
    monkeypatch.setattr(loopback_listener, "LIFETIME", 0)
    kernel = new_kernel(flow=flow, display={"remote_kernel": remote_kernel})
    kernel.receive("hello", origin=ORIGIN, **able)
    assert kernel.last("ready")["link_url" if way == "link" else "authorize_url"] is None
    before = len(kernel.sent)
    kernel.receive("login_started", way=way)
    assert kernel.login.status == "logged_out"
    assert len(kernel.sent) == before
    shown("no attempt, no port")


@pytest.mark.parametrize("storage", ["local", "session", "memory"])
def test_threat_46_a_storage_that_is_not_its_own_is_not_used(
    new_kernel: Callable[..., Kernel], shown: Any, storage: str
) -> None:
    kernel = new_kernel(storage=storage, flow="auto")
    kernel.receive("hello", origin=None, storage=False)
    given = kernel.last("ready")["storage"]
    assert given == ("memory" if storage == "memory" else "denied")
    kernel.receive("hello", origin=None, storage=True)
    assert kernel.last("ready")["storage"] == storage
    shown(f"`{given}`")


def test_threat_46_it_logs_in_with_a_code(
    new_kernel: Callable[..., Kernel], tenant: LocalTenant, shown: Any
) -> None:
    kernel = new_kernel(flow="auto", display={"remote_kernel": "the kernel was started over SSH"})
    kernel.receive("hello", origin="null", link=False)
    assert kernel.last("ready")["way"] == "code"
    assert kernel.last("ready")["link_url"] is None
    tenant.auto_approve = "ada@example.com"
    kernel.receive("use_code")
    assert kernel.last("state")["card"]["name"] == "Ada Lovelace"
    shown("a code")


@pytest.mark.parametrize("able", ["window", "message", "link", "storage"])
@pytest.mark.parametrize("value", [None, 1, "true", [], {}])
def test_threat_46_an_ability_that_is_neither_true_nor_false_is_dropped(
    new_kernel: Callable[..., Kernel], shown: Any, able: str, value: object
) -> None:
    kernel = new_kernel(flow="auto")
    abilities: dict[str, Any] = {able: value}
    kernel.receive("hello", origin=ORIGIN, **abilities)
    assert kernel.sent == []
    shown("dropped")
