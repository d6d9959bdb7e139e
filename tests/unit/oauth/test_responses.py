"""The meaning of a response; each request's own errors: test_client.py."""

from __future__ import annotations

import pytest
import time_machine
from httpx import Headers

from auth0_widget.errors import (
    Auth0WidgetError,
    InvalidResponseError,
    RateLimitError,
    TenantDownError,
    TokenRequestError,
)
from auth0_widget.oauth.responses import MAX_RESPONSE, check_response, json_from_response
from auth0_widget.oauth.transport import Response


def response(status: int, body: bytes, headers: dict[str, str] | None = None) -> Response:
    return Response(status, Headers(headers or {}), body)


def read(status: int, body: bytes, headers: dict[str, str] | None = None) -> dict[str, object]:
    return json_from_response(response(status, body, headers), TokenRequestError)


def test_a_successful_response_is_its_json_object() -> None:
    assert read(200, b'{"access_token": "at", "name": "Zo\\ud83d"}') == {
        "access_token": "at",
        "name": "Zo\ud83d",
    }


@pytest.mark.parametrize("status", [201, 204, 302])
def test_only_200_is_success(status: int) -> None:
    with pytest.raises(InvalidResponseError):
        read(status, b'{"access_token": "at"}')


def test_an_empty_response_is_success_where_nothing_is_expected() -> None:
    check_response(response(200, b""), TokenRequestError, "It failed.", "Try again.")
    with pytest.raises(TokenRequestError, match=r"It failed \(invalid_request\)\. Try again\."):
        check_response(
            response(400, b'{"error": "invalid_request"}'),
            TokenRequestError,
            "It failed.",
            "Try again.",
        )


@pytest.mark.parametrize("body", [b"<html>Accept the terms</html>", b'{"status": "ok"}'])
def test_any_other_response_is_none_there(body: bytes) -> None:
    with pytest.raises(InvalidResponseError):
        check_response(response(200, body), TokenRequestError, "It failed.", "Try again.")


@pytest.mark.parametrize("status", [400, 401, 403, 500, 503])
def test_an_oauth_error_is_a_refusal_with_a_server_error_too(status: int) -> None:
    with pytest.raises(TokenRequestError, match="invalid_grant: Members only") as refusal:
        read(status, b'{"error": "invalid_grant", "error_description": "Members only"}')
    assert not refusal.value.passing


@pytest.mark.parametrize("error", ["server_error", "temporarily_unavailable"])
@pytest.mark.parametrize("status", [400, 403, 500, 503])
def test_an_oauth_error_that_may_pass_is_no_refusal(status: int, error: str) -> None:
    with pytest.raises(TenantDownError, match=f"HTTP {status}") as failure:
        read(status, b'{"error": "%s"}' % error.encode())
    assert failure.value.passing


def test_a_server_error_is_told_with_the_tenant_s_description_made_safe() -> None:
    said = b"Ask ada@example.com for access to our-notes."
    with pytest.raises(TenantDownError) as failure:
        read(500, b'{"error": "server_error", "error_description": "%s"}' % said)
    assert "(HTTP 500: Ask ...@... for access to our-notes.)" in str(failure.value)
    assert "Try again" in failure.value.next_step
    with pytest.raises(TenantDownError, match=r"\(HTTP 500\)"):
        read(500, b"")


@pytest.mark.parametrize("status", [302, 403, 418])
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"\xff", b'{"error": "acc'])
def test_a_response_in_the_tenant_s_place_proves_nothing(status: int, body: bytes) -> None:
    with pytest.raises(InvalidResponseError, match=f"HTTP {status}, not JSON") as failure:
        read(status, body)
    assert failure.value.passing


def test_a_response_beyond_the_limit_is_none_of_a_tenant() -> None:
    with pytest.raises(InvalidResponseError, match="HTTP 200, not JSON"):
        read(200, b'{"a": "' + b"x" * MAX_RESPONSE + b'"}')


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": "604800"}, 3600),
        ({"Retry-After": "Fri, 01 Jan 2100 00:00:00 GMT"}, 3600),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"X-RateLimit-Reset": "4102444800"}, 3600),
        ({"X-RateLimit-Reset": "soon"}, None),
        ({"Retry-After": "7", "X-RateLimit-Reset": "4102444800"}, 7),
        ({}, None),
    ],
)
@pytest.mark.parametrize("body", [b"", b'{"error": "too_many_requests"}', b"<html>"])
def test_a_rate_limit_is_told_as_one_and_when_to_come_back(
    headers: dict[str, str], seconds: float | None, body: bytes
) -> None:
    with pytest.raises(RateLimitError) as failure:
        read(429, body, headers)
    assert failure.value.retry_after == seconds
    assert failure.value.passing
    assert ("a minute" if seconds is None else f"{seconds} seconds") in failure.value.next_step


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (429, b'{"statusCode": 429, "error": "Too Many Requests"}', RateLimitError),
        (429, b'{"error": "access_denied"}', RateLimitError),
        (429, b'{"error": "invalid_grant"}', RateLimitError),
        (500, b'{"error": "Internal Server Error"}', TenantDownError),
        (502, b'{"error": "bad gateway"}', TenantDownError),
        (503, b'{"error": "Service Unavailable"}', TenantDownError),
        (500, b'{"error": 7}', TenantDownError),
        (400, b'{"error": ""}', InvalidResponseError),
        (401, b"<html>", InvalidResponseError),
        (401, b'{"message": "no"}', InvalidResponseError),
        (403, b'{"message": "blocked by the proxy of the company"}', InvalidResponseError),
        (403, b'{"error": 7}', InvalidResponseError),
        (
            400,
            b'{"statusCode": 400, "error": "Bad Request", "message": "no"}',
            InvalidResponseError,
        ),
        (401, b'{"error": "Unauthorized"}', InvalidResponseError),
        (403, b'{"error": "Forbidden"}', InvalidResponseError),
        (403, b'{"error": "too_tired"}', InvalidResponseError),
        (404, b'{"error": "Not Found"}', InvalidResponseError),
        (407, b'{"error": "access_denied"}', InvalidResponseError),
        (418, b'{"error": "invalid_grant"}', InvalidResponseError),
    ],
)
def test_json_of_something_else_is_no_refusal(
    status: int, body: bytes, expected: type[Auth0WidgetError]
) -> None:
    with pytest.raises(expected) as failure:
        read(status, body)
    assert failure.value.passing


def test_a_poll_that_comes_too_early_is_told_so_with_429() -> None:
    with pytest.raises(TokenRequestError, match="slow_down"):
        read(429, b'{"error": "slow_down"}')


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, TokenRequestError),
        (401, InvalidResponseError),
        (403, InvalidResponseError),
        (404, InvalidResponseError),
    ],
)
def test_a_code_that_is_not_known_is_told_to_the_person(
    status: int, expected: type[Auth0WidgetError]
) -> None:
    with pytest.raises(expected, match="too_tired: Sleep first") as failure:
        read(status, b'{"error": "too_tired", "error_description": "Sleep first"}')
    assert failure.value.passing == (expected is InvalidResponseError)
    # It was understood very well.
    assert "could not be understood" not in str(failure.value)


@pytest.mark.parametrize("error", ["authorization_pending", "slow_down", "expired_token"])
@pytest.mark.parametrize("status", [400, 401, 403])
def test_the_codes_for_a_device_that_polls_are_known(status: int, error: str) -> None:
    with pytest.raises(TokenRequestError, match=error):
        read(status, b'{"error": "%s"}' % error.encode())


def test_auth0_refuses_a_bearer_token_in_plain_text() -> None:
    with pytest.raises(TokenRequestError, match="HTTP 401"):
        read(401, b"Unauthorized")


NOW = 1_800_000_000


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "Fri, 15 Jan 2027 08:00:30 GMT"}, 30),
        ({"Retry-After": "Fri, 15 Jan 2027 07:00:00 GMT"}, 1),
        ({"X-RateLimit-Reset": str(NOW + 30)}, 30),
        ({"X-RateLimit-Reset": str(NOW - 30)}, 1),
    ],
)
def test_a_time_of_day_is_told_as_the_seconds_until_then(
    headers: dict[str, str], seconds: float
) -> None:
    with time_machine.travel(NOW, tick=False), pytest.raises(RateLimitError) as failure:
        read(429, b"", headers)
    assert failure.value.retry_after == seconds


def test_a_refusal_may_hold_half_a_surrogate_pair() -> None:
    with pytest.raises(TokenRequestError, match="invalid_grant"):
        check_response(
            response(400, b'{"error": "invalid_grant", "error_description": "Zo\\ud83d"}'),
            TokenRequestError,
            "It failed.",
            "Try again.",
        )


def test_a_refusal_has_the_sentence_of_the_request_and_shows_what_it_is_about_whole() -> None:
    identifier = "Zx81" * 8
    said = f'{{"error": "invalid_grant", "error_description": "No {identifier}"}}'.encode()
    with pytest.raises(TokenRequestError) as refusal:
        json_from_response(
            response(400, said), TokenRequestError, "It failed.", "Do this.", [identifier]
        )
    assert "It failed" in refusal.value.message
    assert refusal.value.next_step == "Do this."
    assert refusal.value.error_description == f"No {identifier}"


@pytest.mark.parametrize(("body", "kind"), [(b'{"a": 1}', "JSON"), (b"<html>", "not JSON")])
def test_a_response_of_something_else_is_told_by_its_kind(body: bytes, kind: str) -> None:
    with pytest.raises(InvalidResponseError, match=rf"\(HTTP 404, {kind}\)"):
        read(404, body)
