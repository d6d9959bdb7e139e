"""What the tenant answers a device that asks for codes, checked before anybody sees it.

A person will type a code at an address because we say so. Both come from the network: the address
must be the tenant's own, and the code must be no more than a code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from auth0_widget.base.redaction import Secret
from auth0_widget.config import is_loopback
from auth0_widget.errors import InvalidResponseError

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_INTERVAL = 5
"""Seconds between two polls where the tenant names none (RFC 8628, 3.2)."""

_LONGEST_LIFE = 86_400  # seconds; Auth0 allows a day at most
_LONGEST_INTERVAL = 600
_USER_CODE = re.compile(r"[A-Za-z0-9]+([ \-][A-Za-z0-9]+)*")
_LONGEST_USER_CODE = 32
_VISIBLE = re.compile(r"[\x21-\x7e]{1,4096}")


@dataclass(frozen=True, slots=True)
class DeviceCodes:
    """The codes of one login by the device flow (RFC 8628, 3.2).

    Attributes:
        device_code: What the kernel polls with.
        user_code: What the person types: letters, digits, and single dashes or spaces.
        verification_uri: Where the person types it, on the tenant's own host.
        expires_in: Seconds that both codes are good for.
        interval: Seconds between two polls at least.
    """

    device_code: Secret
    user_code: str
    verification_uri: str
    expires_in: int
    interval: int


def parse_device_codes(answer: Mapping[str, Any], origin: str) -> DeviceCodes:
    """The codes in an answer of the device authorization endpoint.

    Args:
        answer: The JSON object the tenant sent.
        origin: The tenant's own, as in ``https://acme.eu.auth0.com``.

    Raises:
        InvalidResponseError: A member is missing or malformed, or the address is not https on
            the tenant's host.
    """
    device_code, user_code = answer.get("device_code"), answer.get("user_code")
    verification_uri = answer.get("verification_uri")
    if (
        not isinstance(device_code, str)
        or not _VISIBLE.fullmatch(device_code)
        or not isinstance(user_code, str)
        or len(user_code) > _LONGEST_USER_CODE
        or not _USER_CODE.fullmatch(user_code)
    ):
        raise _malformed("its codes are missing or malformed")
    if not isinstance(verification_uri, str) or not _is_on(origin, verification_uri):
        raise _malformed("its address for the person is not on the tenant's own host")
    return DeviceCodes(
        device_code=Secret(device_code),
        user_code=user_code,
        verification_uri=verification_uri,
        expires_in=_seconds(answer.get("expires_in"), _LONGEST_LIFE),
        interval=_seconds(answer.get("interval", DEFAULT_INTERVAL), _LONGEST_INTERVAL),
    )


def _seconds(value: object, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise _malformed("its times are missing or malformed")
    return min(value, most)


def _is_on(origin: str, uri: str) -> bool:
    """Whether a person may be sent there: https on the tenant's host, or the local tenant."""
    if not _VISIBLE.fullmatch(uri):
        return False
    tenant = urlsplit(origin)
    try:
        parts = urlsplit(uri)
        same = (parts.scheme, parts.hostname, parts.port) == (
            tenant.scheme,
            tenant.hostname,
            tenant.port,
        )
    except ValueError:
        return False
    plain = parts.username is None and parts.password is None and "\\" not in uri
    secure = parts.scheme == "https" or is_loopback(parts.hostname or "")
    return same and plain and secure


def _malformed(why: str) -> InvalidResponseError:
    return InvalidResponseError(f"The tenant's device answer was refused: {why} (RFC 8628, 3.2).")
