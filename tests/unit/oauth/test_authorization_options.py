from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from auth0_widget.config import Settings
from auth0_widget.errors import InvalidSettingError
from auth0_widget.oauth.authorization_options import (
    RESERVED,
    WIDGET_ARGUMENTS,
    AuthorizationOptions,
)
from auth0_widget.oauth.authorization_request import PendingRequests
from auth0_widget.oauth.client import Tenant


def resolve(extra: Any = None, **named: Any) -> AuthorizationOptions:
    return AuthorizationOptions.resolve(named, extra=extra)


def test_what_is_not_given_is_not_sent() -> None:
    options = resolve(login_hint=None, prompt=None)
    assert dict(options.parameters) == {}


def test_all_that_is_given_is_sent() -> None:
    named = {
        "login_hint": "ада@example.com",
        "connection": "google-oauth2",
        "screen_hint": "signup",
        "ui_locales": "fr-CA fr",
        "prompt": "login consent",
        "acr_values": "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
    }
    extra = {"invitation": "abc", "ext-color": "green", "display": "popup"}
    options = resolve(extra=extra, **named)
    assert dict(options.parameters) == {**named, **extra}


def test_they_reach_the_login_page_as_they_are_and_replace_nothing_of_ours() -> None:
    tenant = Tenant(Settings(origin="https://acme.eu.auth0.com", client_id="our-client"))
    requests = PendingRequests("http://localhost:8888", response_mode="web_message")
    extra = {"login_hint": "a&state=evil@example.com", "state": "evil", "client_id": "our-client"}
    query = urlsplit(requests.next.url(tenant, extra)).query
    tenant.close()
    sent = parse_qsl(query, strict_parsing=True)
    assert len(sent) == len(dict(sent))
    assert dict(sent)["login_hint"] == "a&state=evil@example.com"
    assert dict(sent)["state"] == requests.next.state.reveal()


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_what_makes_a_login_safe_is_refused_by_name(name: str) -> None:
    with pytest.raises(InvalidSettingError, match=f"parameter {name} .* reserved"):
        resolve(extra={name: "mine"})


@pytest.mark.parametrize("name", sorted(WIDGET_ARGUMENTS))
def test_what_has_an_argument_is_sent_there(name: str) -> None:
    with pytest.raises(InvalidSettingError, match="argument of its own") as refusal:
        resolve(extra={name: "mine"})
    assert f"{name}=" in refusal.value.next_step


@pytest.mark.parametrize("name", ["", "a b", "a=b", "a&b", "1a", "é", "a" * 65, 7, None])
def test_a_name_that_is_none_is_refused(name: Any) -> None:
    with pytest.raises(InvalidSettingError, match="authorize_params"):
        resolve(extra={name: "value"})


@pytest.mark.parametrize("extra", [[("a", "b")], "a=b", 7])
def test_further_parameters_are_a_dictionary(extra: Any) -> None:
    with pytest.raises(InvalidSettingError, match="authorize_params is not a dictionary"):
        resolve(extra=extra)


@pytest.mark.parametrize("value", ["", 7, True, ["x"], "a\nb", "a\x00", "\ud800", "x" * 1025])
def test_a_value_that_is_no_line_of_text_is_refused_without_being_shown(value: Any) -> None:
    for options in ({"login_hint": value}, {"extra": {"display": value}}):
        with pytest.raises(InvalidSettingError, match="is not a line of text") as refusal:
            resolve(**options)
        assert repr(value) not in str(refusal.value)


def test_printing_them_shows_nobody() -> None:
    assert "ada" not in repr(resolve(login_hint="ada@example.com"))


def test_the_shortest_and_the_longest_that_is_allowed_is_sent() -> None:
    longest = {"a" * 64: "x" * 1024, "b": "y"}
    assert dict(resolve(extra=longest, login_hint="z").parameters) == longest | {"login_hint": "z"}


def test_an_error_names_what_it_is_about_and_what_to_do() -> None:
    with pytest.raises(InvalidSettingError, match=r"^The argument login_hint is not") as named:
        resolve(login_hint="")
    assert "1 to 1024 characters" in named.value.next_step
    with pytest.raises(InvalidSettingError, match=r"^The parameter display is not"):
        resolve(extra={"display": ""})
    with pytest.raises(InvalidSettingError, match=r"^The argument authorize_params") as no_dict:
        resolve(extra=7)
    assert "authorize_params={'display': 'popup'}" in no_dict.value.next_step
    with pytest.raises(InvalidSettingError, match=r"^A name in authorize_params") as no_name:
        resolve(extra={"a b": "x"})
    assert "begin with a letter" in no_name.value.next_step
    with pytest.raises(InvalidSettingError) as reserved:
        resolve(extra={"state": "x"})
    assert reserved.value.next_step == "Leave state out."


def test_only_what_makes_a_login_easier_is_no_condition() -> None:
    hints = {"login_hint": "ada", "screen_hint": "signup", "ui_locales": "fr"}
    options = resolve(prompt="login", connection="google", extra={"display": "popup"}, **hints)
    assert options.conditions == ["connection", "display", "prompt"]
