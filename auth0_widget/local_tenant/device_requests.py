"""The pending device authorization requests, in memory (RFC 8628)."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auth0_widget.local_tenant.context import Context
    from auth0_widget.local_tenant.ledger import Authorization
    from auth0_widget.local_tenant.model import Api, Application

# Seconds between two polls, as at Auth0.
INTERVAL = 5


@dataclass(repr=False)
class DeviceRequest:
    """A device that waits for its person. Authlib calls the methods."""

    context: Context
    device_code: str
    user_code: str
    client: Application
    api: Api | None
    scope: str
    expires_at: int
    interval: int = INTERVAL
    last_poll: float | None = None
    decided: bool = False
    authorization: Authorization | None = None
    redeemed: bool = False

    def get_client_id(self) -> str:
        """The client the code was issued to."""
        return self.client.client_id

    def get_user_code(self) -> str:
        """The code the person types."""
        return self.user_code

    def get_scope(self) -> str:
        """The granted scopes."""
        return self.scope

    def is_expired(self) -> bool:
        """Whether the codes have expired."""
        return self.context.settings.now() >= self.expires_at


@dataclass(repr=False)
class DeviceRequests:
    """The devices of one tenant."""

    _all: dict[str, DeviceRequest] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def add(self, device: DeviceRequest) -> None:
        """Remember a device."""
        with self.lock:
            self._all[device.device_code] = device

    def by_device_code(self, device_code: str) -> DeviceRequest | None:
        """The device that polls with this code."""
        with self.lock:
            return self._all.get(device_code)

    def by_user_code(self, user_code: str) -> DeviceRequest | None:
        """The device that shows this code. Case and dashes are ignored."""
        wanted = "".join(char for char in user_code.upper() if char.isalnum())
        with self.lock:
            devices = self._all.values()
            return next((one for one in devices if one.user_code.replace("-", "") == wanted), None)

    def pending(self, user_code: str) -> DeviceRequest | None:
        """The device that shows this code, if it has not expired and nobody has decided yet."""
        device = self.by_user_code(user_code)
        return None if device is None or device.decided or device.is_expired() else device

    def decide(self, device: DeviceRequest, authorization: Authorization | None) -> bool:
        """Record the person's decision; False if there is one already, or the code has expired."""
        with self.lock:
            if device.decided or device.is_expired():
                return False
            device.decided = True
            device.authorization = authorization
            return True
