"""The codes of the device flow (RFC 8628, 3.2), checked before anybody sees them.

A person types the code at the address because this package says so. Both come from the network, so
the address must be on the tenant's host, and the code must contain letters and digits only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from auth0_widget.base.characters import is_visible_ascii
from auth0_widget.base.origins import is_loopback
from auth0_widget.base.redaction import Secret
from auth0_widget.errors import InvalidResponseError

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_INTERVAL = 5
"""Seconds between two polls where the tenant names none (RFC 8628, 3.2)."""

_MAX_CODE_LIFETIME = 86_400  # seconds; Auth0 allows a day at most
_MAX_INTERVAL = 600  # seconds
_USER_CODE = re.compile(r"[A-Za-z0-9]+([ \-][A-Za-z0-9]+)*")
_MAX_USER_CODE = 32  # characters
_LONGEST_TEXT = 4096  # characters


@dataclass(frozen=True, slots=True)
class DeviceCodes:
    """The codes of one login by the device flow (RFC 8628, 3.2).

    Attributes:
        device_code: The code with which the kernel polls.
        user_code: The code that the person types: letters, digits, and single dashes or spaces.
        verification_uri: The address where the person types it, on the tenant's host.
        expires_in: Seconds until both codes expire.
        interval: The least number of seconds between two polls.
        verification_uri_complete: The same address with the code in it (RFC 8628, 3.3.1), on the
            tenant's host; None where the tenant sent none, or one that leads elsewhere.
    """

    device_code: Secret
    user_code: str
    verification_uri: str
    expires_in: int
    interval: int
    verification_uri_complete: str | None = None


def parse_device_codes(response: Mapping[str, Any], origin: str) -> DeviceCodes:
    """The codes in a response of the device authorization endpoint.

    Args:
        response: The JSON object that the tenant sent.
        origin: The tenant's origin, as in ``https://acme.eu.auth0.com``.

    Raises:
        InvalidResponseError: A member is missing or malformed, or the address is not an https
            address on the tenant's host.
    """
    device_code, user_code = response.get("device_code"), response.get("user_code")
    verification_uri = response.get("verification_uri")
    if (
        not isinstance(device_code, str)
        or not is_visible_ascii(device_code, longest=_LONGEST_TEXT)
        or not isinstance(user_code, str)
        or len(user_code) > _MAX_USER_CODE
        or not _USER_CODE.fullmatch(user_code)
    ):
        raise _malformed("its codes are missing or malformed")
    if not isinstance(verification_uri, str) or not _is_on_tenant(verification_uri, origin):
        raise _malformed("its address for the person is not on the tenant's own host")
    complete = response.get("verification_uri_complete")
    if not isinstance(complete, str) or not _is_on_tenant(complete, origin):
        complete = None  # this address only saves typing; the code is valid without it
    return DeviceCodes(
        verification_uri_complete=complete,
        device_code=Secret(device_code),
        user_code=user_code,
        verification_uri=verification_uri,
        expires_in=_seconds(response.get("expires_in"), _MAX_CODE_LIFETIME),
        interval=_seconds(response.get("interval", DEFAULT_INTERVAL), _MAX_INTERVAL),
    )


def _seconds(value: object, maximum: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise _malformed("its times are missing or malformed")
    return min(value, maximum)


def _is_on_tenant(uri: str, origin: str) -> bool:
    """Whether an address has the tenant's scheme, host and port; https, or http on loopback."""
    if not is_visible_ascii(uri, longest=_LONGEST_TEXT):
        return False
    tenant = urlsplit(origin)
    try:
        parts = urlsplit(uri)
        same_origin = (parts.scheme, parts.hostname, parts.port) == (
            tenant.scheme,
            tenant.hostname,
            tenant.port,
        )
    except ValueError:
        return False
    no_user = parts.username is None and parts.password is None and "\\" not in uri
    secure = parts.scheme == "https" or is_loopback(parts.hostname or "")
    return same_origin and no_user and secure


def _malformed(why: str) -> InvalidResponseError:
    return InvalidResponseError(f"The tenant's device response was refused: {why} (RFC 8628, 3.2).")
