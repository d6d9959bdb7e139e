"""A small API that checks its tokens: something for tutorials and tests to call.

It is not part of a tenant: it knows one by its address alone, as any API does, so it works for
tokens of the local tenant and of a real one. It listens on this machine's loopback and forgets
its notes when it stops.
"""

from __future__ import annotations

import os
import threading
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import jwt
from flask import Flask, jsonify, request

from auth0_widget.config import is_loopback, tenant_origin
from auth0_widget.local_tenant.serving import HOST, Service

if TYPE_CHECKING:
    from flask import Response

AUDIENCE = "https://notes.example.com/"
"""The API's identifier: what an application names as the audience to get tokens for it."""

_LONGEST_NOTE = 1000


class Refusal(Exception):  # noqa: N818 - an answer, not a failure
    """Why a request was refused (RFC 6750, 3.1).

    Attributes:
        status: 401 where a better token would do, 403 where it lacks a permission.
        error: The code that goes into ``WWW-Authenticate``.
    """

    def __init__(self, status: HTTPStatus, error: str, description: str) -> None:
        super().__init__(description)
        self.status, self.error, self.description = status, error, description


class NotesApi(Service):
    """``GET /notes`` and ``POST /notes``, each for the owner of the token.

    Reading needs the permission ``read:notes``, writing ``write:notes``::

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
                HTTPStatus.FORBIDDEN, "insufficient_scope", f"The permission is {permission}."
            )
        return claims

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

        def owner(permission: str) -> list[str]:
            claims = self.claims(request.headers.get("Authorization", ""), permission)
            return self._notes.setdefault(claims["sub"], [])

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

        @app.errorhandler(Refusal)
        def refuse(refusal: Refusal) -> tuple[Response, HTTPStatus, dict[str, str]]:
            answer = jsonify(error=refusal.error, error_description=refusal.description)
            header = {"WWW-Authenticate": f'Bearer error="{refusal.error}"'}
            return answer, refusal.status, header

        return app
