from __future__ import annotations

from typing import Any

import pytest

from auth0_widget.base.redaction import Secret
from auth0_widget.errors import InvalidResponseError
from auth0_widget.oauth.token_response import TokenResponse, parse_token_response

GOOD: dict[str, Any] = {
    "access_token": "at",
    "token_type": "Bearer",
    "expires_in": 86400,
    "id_token": "a.b.c",
    "refresh_token": "rt",
    "scope": "openid",
}


def test_a_response_has_the_tokens_and_their_end() -> None:
    assert parse_token_response(GOOD) == TokenResponse(
        access_token=Secret("at"),
        expires_in=86400,
        scope="openid",
        id_token=Secret("a.b.c"),
        refresh_token=Secret("rt"),
    )


@pytest.mark.parametrize("name", ["id_token", "refresh_token", "scope"])
@pytest.mark.parametrize("nothing", [None, ""])
def test_only_the_access_token_must_be_there(name: str, nothing: str | None) -> None:
    response = parse_token_response(GOOD | {name: nothing})
    assert not getattr(response, name)
    assert response.access_token == Secret("at")


@pytest.mark.parametrize("token_type", ["Bearer", "bearer", "BEARER"])
def test_the_token_type_has_no_case(token_type: str) -> None:
    assert parse_token_response(GOOD | {"token_type": token_type}).expires_in == 86400


@pytest.mark.parametrize("expires_in", [1, (1 << 31) - 1])
def test_a_lifetime_is_a_number_of_seconds(expires_in: int) -> None:
    assert parse_token_response(GOOD | {"expires_in": expires_in}).expires_in == expires_in


def each(name: str, values: list[Any]) -> list[tuple[str, Any]]:
    return [(name, value) for value in values]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *each("access_token", [None, "", 7, "é", "a\nb"]),
        *each("token_type", [None, "", "mac", 7]),
        *each("expires_in", [None, 0, -1, 1 << 31, "3600", 1.5, True]),
        *each("id_token", [7, "\x00", []]),
        *each("refresh_token", [7, "\x00", []]),
        ("scope", ["openid"]),
    ],
)
def test_anything_else_holds_no_usable_tokens(name: str, value: Any) -> None:
    with pytest.raises(InvalidResponseError, match="no usable tokens"):
        parse_token_response(GOOD | {name: value})


def test_tokens_do_not_show_themselves() -> None:
    assert not [
        text for text in ("'at'", "a.b.c", "'rt'") if text in repr(parse_token_response(GOOD))
    ]
