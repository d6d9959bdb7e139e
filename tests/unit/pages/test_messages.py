from __future__ import annotations

import json
import logging
import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from kernel import ABLE

from auth0_widget import config
from auth0_widget.login import lifecycle
from auth0_widget.oauth.authorization_request import MAX_PARAMETER
from auth0_widget.pages import messages
from auth0_widget.pages.messages import (
    AuthorizationResponse,
    CancelLogin,
    Hello,
    LoginStarted,
    LogOut,
    StoredRecord,
    StoreResult,
)
from auth0_widget.pages.parsing import parse_message
from auth0_widget.session import no_renewal, refresh_tokens
from auth0_widget.session.record import MAX_RECORD

FIXTURE = json.loads(
    (Path(__file__).parents[2] / "fixtures" / "messages.json").read_text(encoding="utf-8")
)
PAGE = "p-1234567890abcdef"


@pytest.mark.parametrize("content", FIXTURE["to_kernel"]["valid"], ids=json.dumps)
def test_the_contract_s_messages_are_taken(content: dict[str, Any]) -> None:
    message = parse_message(content)
    assert message is not None
    for name, value in content.items():
        if name != "type":
            assert getattr(message, name) == value


@pytest.mark.parametrize("content", FIXTURE["to_kernel"]["invalid"], ids=json.dumps)
def test_the_contract_s_bad_messages_are_dropped(content: object) -> None:
    assert parse_message(content) is None


@pytest.mark.parametrize("origin", [None, "null", "vscode-webview://1a2b3c4d"])
def test_without_a_web_origin_no_window_is_believed(origin: str | None) -> None:
    hello = parse_message({"type": "hello", "page": PAGE, "origin": origin, **ABLE})
    assert isinstance(hello, Hello)
    assert (hello.origin, hello.window, hello.message) == (None, False, False)


def _names() -> dict[str, Any]:
    """What the annotations of the messages may name."""
    modules = (messages, lifecycle, no_renewal, refresh_tokens, config)
    return {name: value for module in modules for name, value in vars(module).items()}


def test_the_contract_has_an_example_of_each_message() -> None:
    seen = {type(parse_message(content)) for content in FIXTURE["to_kernel"]["valid"]}
    assert seen == set(get_args(messages.ToKernel))


def test_what_the_kernel_sends_is_typed_as_the_contract_says() -> None:
    names = _names()
    kinds = {
        get_args(get_type_hints(kind, None, names)["type"])[0] for kind in get_args(messages.ToPage)
    }
    assert kinds == {content["type"] for content in FIXTURE["to_page"]["valid"]}
    for content in FIXTURE["to_page"]["valid"]:
        kind = getattr(messages, content["type"].capitalize())
        assert set(content) == set(kind.__annotations__)


def test_the_type_of_a_message_is_its_class_s_name_in_snake_case() -> None:
    kinds = [*get_args(messages.ToKernel), *get_args(messages.ToPage)]
    names = {re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower() for kind in kinds}
    both = FIXTURE["to_kernel"]["valid"] + FIXTURE["to_page"]["valid"]
    assert names == {content["type"] for content in both}


@pytest.mark.parametrize("kind", ["Ready", "State", "Store", "Card", "Problem", "Device"])
def test_the_contract_shows_null_exactly_where_null_is_allowed(kind: str) -> None:
    examples: defaultdict[str, list[Any]] = defaultdict(list)
    for content in FIXTURE["to_page"]["valid"]:
        examples[content["type"].capitalize()].append(content)
        for part in ("card", "problem", "device"):
            if content.get(part) is not None:
                examples[part.capitalize()].append(content[part])
    names = _names()
    hints = get_type_hints(getattr(messages, kind), None, names)
    assert {
        field for field in hints if any(example[field] is None for example in examples[kind])
    } == {field for field, hint in hints.items() if type(None) in get_args(hint)}


@pytest.mark.parametrize("kind", get_args(messages.ToKernel))
def test_the_contract_has_every_field_of_a_page_s_message_and_null_where_it_may_be(
    kind: type,
) -> None:
    examples = [one for one in FIXTURE["to_kernel"]["valid"] if type(parse_message(one)) is kind]
    hints = get_type_hints(kind, None, _names() | {"Mapping": Mapping})
    assert all(one.keys() - {"type"} == hints.keys() for one in examples)
    assert {field for field in hints if any(one[field] is None for one in examples)} == {
        field for field, hint in hints.items() if type(None) in get_args(hint)
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"type": "login_started", "page": PAGE, "way": "window"}, LoginStarted(PAGE, "window")),
        ({"type": "login_started", "page": PAGE, "way": "link"}, LoginStarted(PAGE, "link")),
        ({"type": "log_out", "page": PAGE}, LogOut(PAGE)),
        ({"type": "hello", "page": PAGE, "origin": "https://hub.example.com", **ABLE},
         Hello(PAGE, "https://hub.example.com", None, **ABLE)),
        ({"type": "hello", "page": PAGE, "origin": "http://[::1]:8888", **ABLE},
         Hello(PAGE, "http://[::1]:8888", None, **ABLE)),
        ({"type": "stored_record", "page": PAGE, "record": None}, StoredRecord(PAGE, None)),
        ({"type": "stored_record", "page": PAGE, "record": ""}, StoredRecord(PAGE, "")),
        ({"type": "stored_record", "page": PAGE, "record": "x" * MAX_RECORD},
         StoredRecord(PAGE, "x" * MAX_RECORD)),
        ({"type": "cancel_login", "page": PAGE}, CancelLogin(PAGE)),
        ({"type": "store_result", "page": PAGE, "ok": False, "reason": "full"},
         StoreResult(PAGE, ok=False, reason="full")),
    ],
)  # fmt: skip
def test_each_message_arrives_as_its_type(content: dict[str, Any], message: object) -> None:
    assert parse_message(content) == message


@pytest.mark.parametrize(
    "callback_page",
    [
        "",
        "https://evil.example/auth0-widget/callback",
        "http://localhost:8889/auth0-widget/callback",
        "http://localhost:8888/auth0-widget/callback?x=1",
    ],
)
def test_a_callback_page_elsewhere_is_none(callback_page: str) -> None:
    hello = {"type": "hello", "page": PAGE, "origin": "http://localhost:8888", **ABLE}
    message = parse_message(hello | {"callback_page": callback_page})
    assert message == Hello(PAGE, "http://localhost:8888", None, **ABLE)


def test_a_record_that_is_too_large_counts_as_damaged() -> None:
    content = {"type": "stored_record", "page": PAGE, "record": "x" * (MAX_RECORD + 1)}
    assert parse_message(content) == StoredRecord(PAGE, "")


def test_a_response_keeps_only_the_parameters_of_the_specifications() -> None:
    said = {"code": "c", "state": "s", "iss": "i", "error": "e", "error_description": "d"}
    message = parse_message(
        {
            "type": "authorization_response",
            "page": PAGE,
            "response": {**said, "access_token": "t", "x": 7},
        }
    )
    assert isinstance(message, AuthorizationResponse)
    assert dict(message.response) == said


def test_a_text_has_room_for_a_long_response_and_no_more() -> None:
    def parsed(length: int) -> object:
        response = {"code": "c" * length, "state": "s"}
        return parse_message({"type": "authorization_response", "page": PAGE, "response": response})

    assert parsed(MAX_PARAMETER)
    assert parsed(MAX_PARAMETER + 1) is None


@pytest.mark.parametrize("page", [None, 7, [], "short", "p" * 65], ids=repr)
@pytest.mark.parametrize("content", FIXTURE["to_kernel"]["valid"], ids=json.dumps)
def test_every_message_must_say_from_which_page(content: dict[str, Any], page: object) -> None:
    assert parse_message(content | {"page": page}) is None


@pytest.mark.parametrize("length", [15, 65])
def test_a_page_has_a_name_of_sensible_length(length: int) -> None:
    assert parse_message({"type": "use_code", "page": "x" * length}) is None
    assert parse_message({"type": "use_code", "page": "x" * (length + (1 if length < 16 else -1))})


def test_what_messages_hold_is_neither_shown_nor_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    response = {"code": "canary", "state": "canary"}
    message = parse_message({"type": "authorization_response", "page": PAGE, "response": response})
    record = parse_message({"type": "stored_record", "page": PAGE, "record": "canary"})
    assert "canary" not in repr([message, record])
    assert parse_message({"type": "canary", "page": "canary"}) is None
    assert "canary" not in caplog.text
    assert "malformed message" in caplog.text


def test_a_response_that_the_page_has_cut_within_a_character_is_a_response() -> None:
    words = "Ada is not allowed here \N{GRINNING FACE}\ud83d"
    message = parse_message(
        {
            "type": "authorization_response",
            "page": PAGE,
            "response": {"error": "e", "error_description": words},
        }
    )
    assert isinstance(message, AuthorizationResponse)
    cut = message.response["error_description"]
    assert cut == "Ada is not allowed here \N{GRINNING FACE}\N{REPLACEMENT CHARACTER}"
