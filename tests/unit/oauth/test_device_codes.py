"""The codes of a valid response; misleading ones: tests/security/test_device.py."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_widget.base.redaction import Secret
from auth0_widget.errors import InvalidResponseError
from auth0_widget.oauth.device_codes import DeviceCodes, parse_device_codes

ORIGIN = "https://acme.eu.auth0.com"
RESPONSE: dict[str, Any] = {
    "device_code": "the-device-code",
    "user_code": "ABCD-EFGH",
    "verification_uri": f"{ORIGIN}/activate",
    "verification_uri_complete": f"{ORIGIN}/activate?user_code=ABCD-EFGH",
    "expires_in": 900,
    "interval": 7,
}


def test_a_response_has_the_codes_and_their_times() -> None:
    assert parse_device_codes(RESPONSE, ORIGIN) == DeviceCodes(
        device_code=Secret("the-device-code"),
        user_code="ABCD-EFGH",
        verification_uri=f"{ORIGIN}/activate",
        expires_in=900,
        interval=7,
        verification_uri_complete=f"{ORIGIN}/activate?user_code=ABCD-EFGH",
    )


@pytest.mark.parametrize(
    "complete",
    [
        None,
        7,
        "",
        "https://evil.example.com/activate?user_code=ABCD-EFGH",
        "https://acme.eu.auth0.com@evil.example.com/",
        "http://acme.eu.auth0.com/activate?user_code=ABCD-EFGH",
        "javascript:alert(1)",
    ],
)
def test_a_complete_address_that_leads_elsewhere_is_none(complete: object) -> None:
    response = RESPONSE | {"verification_uri_complete": complete}
    codes = parse_device_codes(response, ORIGIN)
    assert codes.verification_uri_complete is None
    assert codes.user_code == "ABCD-EFGH"


@pytest.mark.parametrize("user_code", ["A", "abc123", "AB CD-EF", "A" * 32])
def test_a_code_for_a_person_has_letters_digits_and_single_separators(user_code: str) -> None:
    assert parse_device_codes(RESPONSE | {"user_code": user_code}, ORIGIN).user_code == user_code


@pytest.mark.parametrize("user_code", ["", "A--B", "A  B", "-A", "A-", "A_B"])
def test_any_other_code_is_refused(user_code: str) -> None:
    with pytest.raises(InvalidResponseError, match="its codes are missing or malformed"):
        parse_device_codes(RESPONSE | {"user_code": user_code}, ORIGIN)


@pytest.mark.parametrize(
    ("times", "expires_in", "interval"),
    [
        ({"expires_in": 10**9, "interval": 10**9}, 86_400, 600),
        ({"expires_in": 1, "interval": 1}, 1, 1),
    ],
)
def test_times_are_cut_to_what_a_person_could_wait(
    times: dict[str, int], expires_in: int, interval: int
) -> None:
    codes = parse_device_codes(RESPONSE | times, ORIGIN)
    assert (codes.expires_in, codes.interval) == (expires_in, interval)


@pytest.mark.parametrize("origin", ["http://127.0.0.1:3000", "http://localhost:3000"])
def test_plain_http_is_for_a_tenant_on_this_machine(origin: str) -> None:
    local = RESPONSE | {"verification_uri": f"{origin}/activate"}
    assert parse_device_codes(local, origin).verification_uri == f"{origin}/activate"
    remote = origin.replace("127.0.0.1", "10.0.0.7").replace("localhost", "tenant.example")
    with pytest.raises(InvalidResponseError, match="not on the tenant's own host"):
        parse_device_codes(RESPONSE | {"verification_uri": f"{remote}/activate"}, remote)


def test_an_address_in_which_browsers_and_python_see_another_path_is_refused() -> None:
    with pytest.raises(InvalidResponseError, match="not on the tenant's own host"):
        parse_device_codes(RESPONSE | {"verification_uri": f"{ORIGIN}/a\\b"}, ORIGIN)


@pytest.mark.parametrize("extra", [0, 1])
def test_a_device_code_and_an_address_are_no_longer_than_4096_characters(extra: int) -> None:
    path = "a" * (4096 - len(f"{ORIGIN}/") + extra)
    for long in ({"device_code": "d" * (4096 + extra)}, {"verification_uri": f"{ORIGIN}/{path}"}):
        if extra:
            with pytest.raises(InvalidResponseError):
                parse_device_codes(RESPONSE | long, ORIGIN)
        else:
            assert parse_device_codes(RESPONSE | long, ORIGIN).user_code == "ABCD-EFGH"


@pytest.mark.parametrize("name", ["expires_in", "interval"])
def test_a_time_that_is_none_is_told_as_that(name: str) -> None:
    with pytest.raises(InvalidResponseError, match="its times are missing or malformed"):
        parse_device_codes(RESPONSE | {name: 0}, ORIGIN)
