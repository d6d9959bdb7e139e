"""Threat 30: the device flow's codes, and its schedule with a simulated clock."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from auth0_widget.base.redaction import Secret
from auth0_widget.errors import (
    Auth0WidgetError,
    ConnectionCutError,
    DeviceCodeExpiredError,
    InvalidResponseError,
    LoginCancelledError,
    LoginDeniedError,
    RateLimitError,
    TenantDownError,
    TenantTimeoutError,
    TokenRequestError,
)
from auth0_widget.flows.device import poll
from auth0_widget.oauth.device_codes import DeviceCodes, parse_device_codes

ORIGIN = "https://acme.eu.auth0.com"
RESPONSE = {
    "device_code": "the-device-code",
    "user_code": "ABCD-EFGH",
    "verification_uri": f"{ORIGIN}/activate",
    "verification_uri_complete": f"{ORIGIN}/activate?user_code=ABCD-EFGH",
    "expires_in": 900,
    "interval": 5,
}
GRANTED: Any = object()


class Frozen:
    """A tenant that responds as the test says, and a clock that only pauses move."""

    def __init__(self, *responses: Auth0WidgetError | object) -> None:
        self.now = 0.0
        self.asked_at: list[float] = []
        self._answers = iter(responses)

    def device_code_grant(self, _code: Secret) -> Any:
        self.asked_at.append(self.now)
        response = next(self._answers)
        if isinstance(response, Auth0WidgetError):
            raise response
        return response

    def pause(self, seconds: float) -> bool:
        self.now += seconds
        return False

    def run(self, *, interval: int = 5, expires_in: int = 900) -> Any:
        codes = DeviceCodes(Secret("the-device-code"), "ABCD", ORIGIN, expires_in, interval)
        return poll(self, codes, self.pause, lambda: self.now)  # type: ignore[arg-type]


def refusal(error: str) -> TokenRequestError:
    return TokenRequestError(error=error)


def test_threat_30_it_asks_once_an_interval_and_not_before_the_first(shown: Any) -> None:
    frozen = Frozen(refusal("authorization_pending"), refusal("authorization_pending"), GRANTED)
    assert frozen.run(interval=7) is GRANTED
    assert frozen.asked_at == [7, 14, 21]
    shown("asked at the tenant's pace")


def test_threat_30_slow_down_adds_five_seconds_for_good(shown: Any) -> None:
    frozen = Frozen(
        refusal("slow_down"), refusal("authorization_pending"), refusal("slow_down"),
        refusal("authorization_pending"), GRANTED,
    )  # fmt: skip
    assert frozen.run() is GRANTED
    assert frozen.asked_at == [5, 15, 25, 40, 55]
    shown("slower for good")


@pytest.mark.parametrize("error", [TenantTimeoutError, TenantDownError])
def test_threat_30_no_response_doubles_the_interval(
    shown: Any, error: type[Auth0WidgetError]
) -> None:
    frozen = Frozen(error(), error(), GRANTED)
    assert frozen.run() is GRANTED
    assert frozen.asked_at == [5, 15, 35]
    shown("ever slower")


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (refusal("expired_token"), DeviceCodeExpiredError),
        (refusal("access_denied"), LoginDeniedError),
        (refusal("invalid_grant"), TokenRequestError),
        (refusal("HTTP 418"), TokenRequestError),
    ],
)
def test_threat_30_every_other_response_ends_it(
    refused: Any, response: Auth0WidgetError, expected: type[Auth0WidgetError]
) -> None:
    frozen = Frozen(response)
    with refused(expected):
        frozen.run()
    assert frozen.asked_at == [5]


@pytest.mark.parametrize(
    ("trouble", "asked_at"),
    [
        (InvalidResponseError(), [5, 15]),
        (RateLimitError(), [5, 15]),
        (RateLimitError(retry_after=30), [5, 35]),
    ],
)
def test_threat_37_trouble_on_the_way_does_not_end_it(
    shown: Any, trouble: Auth0WidgetError, asked_at: list[int]
) -> None:
    frozen = Frozen(trouble, GRANTED)
    assert frozen.run() is GRANTED
    assert frozen.asked_at == asked_at
    shown("asked again, more slowly")


@pytest.mark.parametrize(
    ("retry_after", "expires_in", "asked_at"),
    [(3600, 900, [5, 895]), (600, 900, [5, 605, 610]), (3600, 12, [5, 10])],
)
def test_threat_37_a_long_retry_after_counts_once_and_not_beyond_the_code_s_end(
    shown: Any, retry_after: int, expires_in: int, asked_at: list[int]
) -> None:
    pending = refusal("authorization_pending")
    before_granted = [pending] * (len(asked_at) - 2)
    frozen = Frozen(RateLimitError(retry_after=retry_after), *before_granted, GRANTED)
    assert frozen.run(expires_in=expires_in) is GRANTED
    assert frozen.asked_at == asked_at
    shown("asked before the code expires")


def test_threat_37_after_an_outage_the_pauses_are_as_before_and_in_it_at_most_a_minute(
    shown: Any,
) -> None:
    outage = [TenantDownError()] * 6
    pending = refusal("authorization_pending")
    frozen = Frozen(refusal("slow_down"), *outage, pending, GRANTED)
    assert frozen.run() is GRANTED
    pauses = [b - a for a, b in itertools.pairwise(frozen.asked_at)]
    assert pauses == [10, 20, 40, 60, 60, 60, 60, 10]
    shown("at most a minute apart")


@pytest.mark.parametrize("last", [None, refusal("expired_token")])
def test_threat_37_a_code_that_expired_in_an_outage_is_not_said_to_be_entered_by_nobody(
    refused: Any, last: Auth0WidgetError | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "auth0_widget")
    polls = [TenantDownError("It is down.")] * 3
    frozen = Frozen(refusal("authorization_pending"), *polls, *([last] if last else []))
    with refused(DeviceCodeExpiredError) as refusal_:
        frozen.run(expires_in=100 if last else 35)
    assert "Nobody" not in refusal_.value.message
    assert "could not be asked whether somebody entered it: It is down." in refusal_.value.message
    assert "Get a new code" in refusal_.value.next_step
    assert caplog.text.count("failed with tenant_down") == len(polls)


def test_threat_37_a_response_with_tokens_that_was_lost_is_told_as_that(refused: Any) -> None:
    frozen = Frozen(ConnectionCutError(), refusal("invalid_grant"))
    with refused(TokenRequestError) as refusal_:
        frozen.run()
    assert "response to your login was lost" in refusal_.value.message
    assert refusal_.value.next_step.startswith("Get a new code")


@pytest.mark.parametrize("error", ["access_denied", "unauthorized"])
def test_threat_30_the_reason_of_a_denial_is_kept(refused: Any, error: str) -> None:
    denial = TokenRequestError(error=error, error_description="Members only")
    with refused(LoginDeniedError) as refusal:
        Frozen(denial).run()
    assert "Members only" in str(refusal.value)


def test_threat_30_codes_that_are_too_old(refused: Any) -> None:
    frozen = Frozen(*[refusal("authorization_pending")] * 9)
    with refused(DeviceCodeExpiredError):
        frozen.run(expires_in=20)
    assert frozen.asked_at == [5, 10, 15]


def test_threat_30_it_stops_at_once_when_nobody_waits(refused: Any) -> None:
    frozen = Frozen()
    codes = parse_device_codes(RESPONSE, ORIGIN)
    with refused(LoginCancelledError):
        poll(frozen, codes, lambda _: True)  # type: ignore[arg-type]
    assert frozen.asked_at == []


def test_threat_30_a_response_without_an_interval_means_five_seconds(shown: Any) -> None:
    codes = parse_device_codes({k: v for k, v in RESPONSE.items() if k != "interval"}, ORIGIN)
    assert (codes.interval, codes.expires_in) == (5, 900)
    assert (codes.user_code, codes.verification_uri) == ("ABCD-EFGH", f"{ORIGIN}/activate")
    shown("as RFC 8628 has it")


@pytest.mark.parametrize(
    "spoiled",
    [
        {"device_code": ""},
        {"device_code": 7},
        {"user_code": "<img src=x onerror=alert(1)>"},
        {"user_code": "ABCD\nor go to https://evil.example.com"},
        {"user_code": "A" * 33},
        {"user_code": None},
        {"verification_uri": "https://evil.example.com/activate"},
        {"verification_uri": "http://acme.eu.auth0.com/activate"},
        {"verification_uri": "https://acme.eu.auth0.com:8443/activate"},
        {"verification_uri": "https://acme.eu.auth0.com@evil.example.com/"},
        {"verification_uri": "https://user@acme.eu.auth0.com/activate"},
        {"verification_uri": "https://acme.eu.auth0.com\\.evil.example.com/"},
        {"verification_uri": "https://acme.eu.auth0.com/a b"},
        {"verification_uri": "https://acme.eu.auth0.com:port/"},
        {"verification_uri": "javascript:alert(1)"},
        {"verification_uri": None},
        {"expires_in": 0},
        {"expires_in": True},
        {"expires_in": "900"},
        {"interval": -1},
        {"interval": 2.5},
    ],
)
def test_threat_30_a_response_that_could_mislead_the_person(
    refused: Any, spoiled: dict[str, Any]
) -> None:
    with refused(InvalidResponseError):
        parse_device_codes(RESPONSE | spoiled, ORIGIN)


def test_threat_30_the_device_code_is_not_shown(shown: Any) -> None:
    assert "the-device-code" not in repr(parse_device_codes(RESPONSE, ORIGIN))
    shown("nothing seen")
