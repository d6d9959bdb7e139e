"""A small API that checks access tokens, for tutorials and tests.

It is not part of a tenant. Like any API, it knows only the tenant's address, so it accepts tokens
of the local tenant and of a real one. It listens on loopback, and keeps its notes in memory.
"""

from __future__ import annotations

import threading
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import httpx
import jwt
from flask import Flask, jsonify, request

from auth0_widget.base.environment import variable
from auth0_widget.base.origins import is_loopback_url, tenant_origin
from auth0_widget.local_tenant.model import Api
from auth0_widget.local_tenant.serving import HOST, Service
from auth0_widget.local_tenant.step_up import MULTI_FACTOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response

AUDIENCE = "https://notes.example.com/"
"""The API's identifier, which applications name as the audience."""

_MAX_NOTE = 1000
_MAX_AGE_TO_DELETE = 300  # seconds since the login


class Refusal(Exception):  # noqa: N818 - a response, not a failure
    """Why a request was refused (RFC 6750, 3.1).

    Attributes:
        status: 401 where another token is needed, 403 where it lacks a permission.
        error: The error code in ``WWW-Authenticate``.
        required: The other members of that header: what the token must have.
    """

    def __init__(
        self, status: HTTPStatus, error: str, description: str, **required: str | int
    ) -> None:
        super().__init__(description)
        self.status, self.error, self.description = status, error, description
        self.required = required

    @property
    def challenge(self) -> str:
        """The header ``WWW-Authenticate`` (RFC 6750, 3; RFC 9470, 3)."""
        members = {"error": self.error, **self.required}
        return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in members.items())


class NotesApi(Service):
    """``GET``, ``POST`` and ``DELETE /notes``, for the notes of the token's person.

    Reading needs the permission ``read:notes``, the others ``write:notes``. For ``DELETE`` the
    person must have shown a second factor, and have logged in within the last five minutes::

        with NotesApi() as api:
            httpx.get(f"{api.url}/notes", auth=session.auth_for(api.url))

    Args:
        domain: The tenant whose tokens are accepted; by default ``AUTH0_DOMAIN``.
        audience: The audience that tokens must have.
        port: TCP port; 0 lets the system choose.

    Raises:
        InvalidDomainError: The domain is missing or malformed.
    """

    def __init__(
        self, domain: str | None = None, *, audience: str = AUDIENCE, port: int = 0
    ) -> None:
        self._origin = tenant_origin(domain or variable("AUTH0_DOMAIN"))
        self._audience = audience
        # The claim names that the local tenant uses, and that an Action at Auth0 could use.
        self._claim = Api(audience, "").claim
        super().__init__(port)
        self._lock = threading.Lock()
        self._keys: dict[str, jwt.PyJWK] = {}
        self._notes: dict[str, list[str]] = {}

    @property
    def url(self) -> str:
        """Where it listens, as in ``http://127.0.0.1:8401``."""
        return f"http://{HOST}:{self._port}"

    def claims(self, authorization: str, permission: str) -> dict[str, Any]:
        """The claims of the access token in an ``Authorization`` header.

        Raises:
            Refusal: There is no token, it is invalid, or it lacks the permission.
        """
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refusal(HTTPStatus.UNAUTHORIZED, "invalid_request", "A bearer token is needed.")
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key(jwt.get_unverified_header(token).get("kid", "")),
                algorithms=["RS256"],
                audience=self._audience,
                issuer=f"{self._origin}/",
                options={"require": ["exp", "sub"]},
            )
        except jwt.PyJWTError as error:
            raise Refusal(
                HTTPStatus.UNAUTHORIZED, "invalid_token", f"The token is not good here: {error}."
            ) from None
        if permission not in claims.get("scope", "").split():
            raise Refusal(
                HTTPStatus.FORBIDDEN,
                "insufficient_scope",
                f"The permission is {permission}.",
                scope=permission,
            )
        return claims

    def check_authentication(self, claims: Mapping[str, Any]) -> None:
        """Check that the person has logged in recently and with a second factor.

        Raises:
            Refusal: They have not (RFC 9470, 3).
        """
        auth_time = claims.get(self._claim("auth_time"))
        recent = isinstance(auth_time, int) and time.time() - auth_time <= _MAX_AGE_TO_DELETE
        if claims.get(self._claim("acr")) != MULTI_FACTOR or not recent:
            raise Refusal(
                HTTPStatus.UNAUTHORIZED,
                "insufficient_user_authentication",
                "A second factor and a fresh login are needed.",
                acr_values=MULTI_FACTOR,
                max_age=_MAX_AGE_TO_DELETE,
            )

    def _key(self, kid: str) -> jwt.PyJWK:
        """The tenant's key with this ID. For an unknown ID, the key set is fetched again."""
        with self._lock:
            if kid not in self._keys:
                response = httpx.get(
                    f"{self._origin}/.well-known/jwks.json",
                    timeout=10,
                    # No proxy can reach a tenant on this machine.
                    trust_env=not is_loopback_url(self._origin),
                )
                keys = jwt.PyJWKSet.from_dict(response.json()).keys
                self._keys = {key.key_id: key for key in keys if key.key_id is not None}
            if kid not in self._keys:
                message = "the tenant has no such key"
                raise jwt.InvalidKeyError(message)
            return self._keys[kid]

    def _application(self, url: str) -> Flask:  # noqa: ARG002 - the API does not name itself
        app = Flask("auth0_widget.local_tenant.notes_api", static_folder=None)
        # Refuses requests of another site's page whose host name resolves to 127.0.0.1.
        app.config["TRUSTED_HOSTS"] = ["127.0.0.1", "localhost"]

        def checked(permission: str) -> dict[str, Any]:
            return self.claims(request.headers.get("Authorization", ""), permission)

        def owner(permission: str) -> list[str]:
            return self._notes.setdefault(checked(permission)["sub"], [])

        @app.get("/notes")
        def read() -> Response:
            return jsonify(notes=owner("read:notes"))

        @app.post("/notes")
        def write() -> tuple[Response, HTTPStatus]:
            notes = owner("write:notes")
            body = request.get_json(silent=True)
            text = body.get("text") if isinstance(body, dict) else None
            if not isinstance(text, str) or not 0 < len(text) <= _MAX_NOTE:
                return jsonify(error="A note is JSON: {'text': '…'}"), HTTPStatus.BAD_REQUEST
            notes.append(text)
            return jsonify(notes=notes), HTTPStatus.CREATED

        @app.delete("/notes")
        def forget() -> Response:
            claims = checked("write:notes")
            self.check_authentication(claims)
            self._notes.pop(claims["sub"], None)
            return jsonify(notes=[])

        @app.errorhandler(Refusal)
        def refuse(refusal: Refusal) -> tuple[Response, HTTPStatus, dict[str, str]]:
            response = jsonify(error=refusal.error, error_description=refusal.description)
            return response, refusal.status, {"WWW-Authenticate": refusal.challenge}

        return app
