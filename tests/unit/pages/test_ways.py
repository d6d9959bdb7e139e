"""Which way to log in a page is offered, by what it can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from auth0_widget.pages.messages import Hello
from auth0_widget.pages.ways import choose

if TYPE_CHECKING:
    from auth0_widget.config import Flow, ResponseDelivery

LOCAL = "http://localhost:8888"
CALLBACK = f"{LOCAL}/auth0-widget/callback"
SSH = "the kernel was started over SSH"


def hello(origin: str | None = LOCAL, callback_page: str | None = None, **able: bool) -> Hello:
    can: dict[str, bool] = dict.fromkeys(("window", "message", "link", "storage"), True) | able
    return Hello("p-1234567890abcdef", origin, callback_page, **can)


VS_CODE = hello(None, window=False, message=False)
SANDBOX = hello(None, window=False, message=False, link=False, storage=False)


def way_of(
    page: Hello,
    flow: Flow = "auto",
    callback: ResponseDelivery = "message",
    remote_kernel: str | None = None,
) -> Any:
    choice = choose(page, flow=flow, callback=callback, remote_kernel=remote_kernel)
    return choice.way, choice.callback, choice.link


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (hello(), ("window", "message", True)),
        (hello("http://jupyter_lab:8888"), ("window", "message", False)),
        (hello("https://hub.example.com"), ("window", "message", False)),
        (hello(message=False, callback_page=CALLBACK), ("window", "page", True)),
        (hello(message=False), ("link", "message", True)),
        (hello(window=False), ("link", "message", True)),
        (hello("https://a.vscode-cdn.net", window=False), ("code", "message", False)),
        (VS_CODE, ("link", "message", True)),
        (SANDBOX, ("code", "message", False)),
    ],
)
def test_the_first_way_that_the_page_can_go(page: Hello, expected: tuple[str, str, bool]) -> None:
    assert way_of(page) == expected


@pytest.mark.parametrize("page", [VS_CODE, hello(window=False), hello(message=False)])
def test_no_link_to_a_kernel_that_is_elsewhere(page: Hello) -> None:
    assert way_of(page, remote_kernel=SSH) == ("code", "message", False)
    choice = choose(page, flow="auto", callback="message", remote_kernel=SSH)
    assert choice.why is not None
    assert SSH in choice.why


def test_the_callback_page_by_name_stays_though_the_server_does_not_serve_it() -> None:
    assert way_of(hello(), callback="page") == ("window", "page", True)
    assert way_of(VS_CODE, callback="page") == ("link", "page", True)


def test_what_a_notebook_names_stays_as_it_is() -> None:
    for page in (hello(), VS_CODE, SANDBOX):
        assert way_of(page, "popup") == ("window", "message", False)
        assert way_of(page, "hub") == ("unattended", "message", False)
        assert way_of(page, "device") == ("code", "message", False)
        choice = choose(page, flow="device", callback="message", remote_kernel=None)
        assert (choice.window, choice.why) == (False, None)
    assert way_of(hello(), "loopback", remote_kernel=SSH) == ("link", "message", True)
    assert way_of(SANDBOX, "loopback") == ("code", "message", False)


@pytest.mark.parametrize(
    ("page", "sentence"),
    [
        (hello(), None),
        (hello(message=False, callback_page=CALLBACK), "callback page"),
        (hello(message=False), "isolated from the windows that it opens. Log in is a link"),
        (hello(message=False, link=False), "that it opens. Log in shows a code"),
        (VS_CODE, "cannot open a login window. Log in is a link"),
        (SANDBOX, "Log in shows a code"),
    ],
)
def test_one_sentence_says_why(page: Hello, sentence: str | None) -> None:
    why = choose(page, flow="auto", callback="message", remote_kernel=None).why
    if sentence is None:
        assert why is None
    else:
        assert why is not None
        assert sentence in why
        assert why.endswith(".")
