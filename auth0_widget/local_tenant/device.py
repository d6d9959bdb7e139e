"""The device authorization flow: ``/oauth/device/code``, its grant and ``/activate`` (RFC 8628)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from authlib.consts import default_json_headers
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import UnauthorizedClientError
from authlib.oauth2.rfc8628 import DeviceAuthorizationEndpoint, DeviceCodeGrant
from flask import Blueprint, request

from auth0_widget.local_tenant import interaction, scopes
from auth0_widget.local_tenant.device_requests import INTERVAL, DeviceRequest, DeviceRequests
from auth0_widget.local_tenant.grants import denied, printable
from auth0_widget.local_tenant.ledger import Authorization
from auth0_widget.local_tenant.model import DEVICE_CODE
from auth0_widget.local_tenant.pages import page
from auth0_widget.local_tenant.sessions import Transaction

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from auth0_widget.local_tenant.context import Context
    from auth0_widget.local_tenant.model import Application
    from auth0_widget.local_tenant.server import TenantRequest, TenantServer


class DeviceEndpoint(DeviceAuthorizationEndpoint):  # type: ignore[misc] # Authlib ships no types
    """``/oauth/device/code`` (RFC 8628 3.1; Authentication API, "Authorize Device").

    A parameter ``organization`` is ignored, and no token has ``org_id`` (Auth0 Support, "Missing
    org_id in Auth0 Device Authentication Flow").
    """

    def __init__(self, server: TenantServer, devices: DeviceRequests) -> None:
        super().__init__(server)
        self._devices = devices

    def create_endpoint_response(self, request: TenantRequest) -> tuple[int, Any, Any]:
        """The response with the codes for a device, if the application may use this flow."""
        context: Context = self.server.context
        client: Application = self.authenticate_client(request)
        if not client.check_grant_type(DEVICE_CODE):
            message = "Grant type device_code not allowed for the client."
            raise UnauthorizedClientError(message)
        audience = request.payload.data.get("audience")
        api = context.settings.api(audience)
        if audience and api is None:
            message = f"Service not found: {printable(audience)}"
            raise denied(message)
        lifetime = context.settings.lifetimes.device_code
        device = DeviceRequest(
            context=context,
            device_code=self.generate_device_code(),
            user_code=self.generate_user_code(),
            client=client,
            api=api,
            scope=scopes.granted_scope(request.payload.scope, client, api),
            expires_at=context.settings.now() + lifetime,
        )
        self._devices.add(device)
        if context.settings.auto_approve is not None:
            self._approve(device, context.settings.auto_approve)
        verification_uri = f"{context.settings.url}/activate"
        response = {
            "device_code": device.device_code,
            "user_code": device.user_code,
            "verification_uri": verification_uri,
            "verification_uri_complete": f"{verification_uri}?user_code={device.user_code}",
            "expires_in": lifetime,
            "interval": device.interval,
        }
        return 200, response, default_json_headers

    def _approve(self, device: DeviceRequest, email: str) -> None:
        """Do at once what this user would do at ``/activate``."""
        context = device.context
        user = context.settings.user(email)
        if user is None:
            return  # the user was removed since; another one can still type the code
        session = context.sessions.start(user)
        authorization = Authorization(
            client=device.client,
            user=user,
            audience=device.api.identifier if device.api else None,
            scope=device.scope,
            session_id=session.id,
            auth_time=session.auth_time,
            created_at=context.settings.now(),
        )
        self._devices.decide(device, authorization)
        device.interval = 1  # nobody has to type the code, so the device need not poll slowly


class DeviceGrant(DeviceCodeGrant):  # type: ignore[misc] # Authlib ships no types
    """The grant with which a device polls (RFC 8628 3.4 and 3.5)."""

    devices: DeviceRequests

    def query_device_credential(self, device_code: str) -> DeviceRequest:
        """The device that has this code."""
        device = self.devices.by_device_code(device_code)
        if device is None or device.redeemed:
            raise unknown_device_code()
        return device

    def query_user_grant(self, user_code: str) -> tuple[Authorization | None, bool] | None:
        """What the person decided, or None. An approval is returned once."""
        device = self.devices.by_user_code(user_code)
        if device is None or not device.decided:
            return None
        with self.devices.lock:
            if device.redeemed:
                raise unknown_device_code()
            device.redeemed = device.authorization is not None
        return device.authorization, device.redeemed

    def should_slow_down(self, credential: DeviceRequest) -> bool:
        """Whether the device polls too fast, which adds 5 s to the interval (RFC 8628 3.5)."""
        now = credential.context.settings.clock()
        with self.devices.lock:
            last, credential.last_poll = credential.last_poll, now
            too_fast = last is not None and now - last < credential.interval
            if too_fast:
                credential.interval += INTERVAL
        return too_fast


def unknown_device_code() -> OAuth2Error:
    """Auth0's error for a device code that is unknown, expired or redeemed."""
    return OAuth2Error("Invalid or expired device code.", error="invalid_grant")


def blueprint(context: Context, server: TenantServer) -> Blueprint:
    """The routes ``/oauth/device/code`` and ``/activate``."""
    devices = DeviceRequests()
    server.register_endpoint(DeviceEndpoint(server, devices))
    server.register_grant(type("BoundDeviceGrant", (DeviceGrant,), {"devices": devices}))
    routes = Blueprint("device", __name__)

    @routes.post("/oauth/device/code")
    def device_code() -> Response:
        response: Response = server.create_endpoint_response(DeviceEndpoint.ENDPOINT_NAME)
        return response

    @routes.get("/activate")
    def activate_page() -> Response:
        return page("activate.html", user_code=request.args.get("user_code", ""), wrong=False)

    @routes.post("/activate")
    def activate() -> Response:
        typed = request.form.get("user_code", "")
        device = devices.pending(typed)
        if device is None:
            return page("activate.html", status=400, user_code=typed, wrong=True)
        transaction = _transaction(context, devices, device)
        session = context.sessions.find(request)
        if session is None:
            return interaction.ask_for_login(context, transaction)
        return interaction.continue_transaction(context, transaction, session)

    return routes


def _transaction(context: Context, devices: DeviceRequests, device: DeviceRequest) -> Transaction:
    def decide(authorization: Authorization | None) -> Response:
        if not devices.decide(device, authorization):
            return page("activate.html", status=400, user_code="", wrong=True)
        return page("activated.html", approved=authorization is not None)

    settings = context.settings
    return Transaction(
        id=secrets.token_urlsafe(24),
        browser=context.sessions.browser(request),
        client=device.client,
        api=device.api,
        scope=device.scope,
        finish=decide,
        refuse=lambda _error, _description: decide(None),
        expires_at=settings.now() + settings.lifetimes.transaction,
        # The person must see and compare the code, however often they have consented before.
        force_consent=True,
        device_code=device.user_code,
    )
