"""A small API that checks its tokens: something for tutorials and tests to call.

It is not part of a tenant: it knows one by its address alone, as any API does, so it works for
tokens of the local tenant and of a real one. It listens on this machine's loopback and forgets
its notes when it stops.
"""

from __future__ import annotations

import os
import threading
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import jwt
from flask import Flask, jsonify, request

from auth0_widget.base.origins import is_loopback, tenant_origin
from auth0_widget.local_tenant.model import Api
from auth0_widget.local_tenant.serving import HOST, Service
from auth0_widget.local_tenant.step_up import MULTI_FACTOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response

AUDIENCE = "https://notes.example.com/"
"""The API's identifier: what an application names as the audience to get tokens for it."""

_LONGEST_NOTE = 1000
_RECENT = 300  # seconds since the login, for what cannot be undone


class Refusal(Exception):  # noqa: N818 - an answer, not a failure
    """Why a request was refused (RFC 6750, 3.1).

    Attributes:
        status: 401 where a better token would do, 403 where it lacks a permission.
        error: The code that goes into ``WWW-Authenticate``.
        wanted: What else goes there: what a better token would have.
    """

    def __init__(
        self, status: HTTPStatus, error: str, description: str, **wanted: str | int
    ) -> None:
        super().__init__(description)
        self.status, self.error, self.description = status, error, description
        self.wanted = wanted

    @property
    def challenge(self) -> str:
        """The header ``WWW-Authenticate`` (RFC 6750, 3; RFC 9470, 3)."""
        members = {"error": self.error, **self.wanted}
        return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in members.items())


class NotesApi(Service):
    """``GET``, ``POST`` and ``DELETE /notes``, each for the owner of the token.

    Reading needs the permission ``read:notes``, the others ``write:notes``. For ``DELETE`` the
    person must have shown a second factor, and have logged in within the last five minutes::

        with NotesApi() as api:
            httpx.get(f"{api.url}/notes", auth=session.auth_for(api.url))

    Args:
        domain: The tenant whose tokens count; or ``AUTH0_DOMAIN``.
        audience: What its tokens must be for.
        port: TCP port; 0 lets the system choose.

    Raises:
        InvalidDomainError: The domain is missing or malformed.
    """

    def __init__(
        self, domain: str | None = None, *, audience: str = AUDIENCE, port: int = 0
    ) -> None:
        self._origin = tenant_origin(domain or os.environ.get("AUTH0_DOMAIN"))
        self._audience = audience
        # The names under which the local tenant tells them, and an Action of Auth0's could.
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
        """The claims of the access token in an ``Authorization`` header, if it is good.

        Raises:
            Refusal: There is no token, it is not good here, or it lacks the permission.
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
        """Ask for a second factor and a fresh login.

        Raises:
            Refusal: It was by a password alone, or too long ago (RFC 9470, 3).
        """
        said = {name: claims.get(self._claim(name)) for name in ("acr", "auth_time")}
        auth_time = said["auth_time"]
        recent = isinstance(auth_time, int) and time.time() - auth_time <= _RECENT
        if said["acr"] != MULTI_FACTOR or not recent:
            raise Refusal(
                HTTPStatus.UNAUTHORIZED,
                "insufficient_user_authentication",
                "A second factor and a fresh login are needed.",
                acr_values=MULTI_FACTOR,
                max_age=_RECENT,
            )

    def _key(self, kid: str) -> jwt.PyJWK:
        """The tenant's key of this name; the set is fetched again when the name is new."""
        with self._lock:
            if kid not in self._keys:
                answer = httpx.get(
                    f"{self._origin}/.well-known/jwks.json",
                    timeout=10,
                    # No proxy leads to a tenant on this machine.
                    trust_env=not is_loopback(urlsplit(self._origin).hostname or ""),
                )
                keys = jwt.PyJWKSet.from_dict(answer.json()).keys
                self._keys = {key.key_id: key for key in keys if key.key_id is not None}
            if kid not in self._keys:
                message = "the tenant has no such key"
                raise jwt.InvalidKeyError(message)
            return self._keys[kid]

    def _application(self, url: str) -> Flask:  # noqa: ARG002 - the API does not name itself
        app = Flask("auth0_widget.local_tenant.notes_api", static_folder=None)
        # A page of another site that resolves its own name to 127.0.0.1 gets no answer.
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
            if not isinstance(text, str) or not 0 < len(text) <= _LONGEST_NOTE:
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
            answer = jsonify(error=refusal.error, error_description=refusal.description)
            return answer, refusal.status, {"WWW-Authenticate": refusal.challenge}

        return app
