"""``/authorize``: authorization requests, and whether they need a person (OpenID Core 3.1.2)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from authlib.oauth2 import OAuth2Error
from flask import Blueprint, g, request
from werkzeug.wrappers import Response

from auth0_widget.local_tenant import interaction, scopes
from auth0_widget.local_tenant.confirmation import wants_confirmation
from auth0_widget.local_tenant.failure_kinds import MFA
from auth0_widget.local_tenant.front_channel import FrontChannel, open_front_channel
from auth0_widget.local_tenant.sessions import Session, Transaction
from auth0_widget.local_tenant.step_up import wants_second_factor

if TYPE_CHECKING:
    from auth0_widget.local_tenant.context import Context
    from auth0_widget.local_tenant.ledger import Authorization
    from auth0_widget.local_tenant.server import Params, TenantServer


def blueprint(context: Context, server: TenantServer) -> Blueprint:
    """The route ``/authorize``."""
    routes = Blueprint("authorize", __name__)

    @routes.route("/authorize", methods=["GET", "POST"])
    def authorize() -> Response:
        oauth = server.create_oauth2_request(None)
        params: Params = oauth.payload.data
        channel = open_front_channel(context, params)
        if isinstance(channel, Response):
            return channel
        if g.failure and g.failure.refusal:
            return channel.refuse(*g.failure.refusal)
        try:
            server.get_consent_grant(oauth)
            return _Decision(context, channel, params).make()
        except OAuth2Error as error:
            return channel.refuse(error.error, error.get_error_description())

    return routes


class _Decision:
    """Decides on one authorization request: a code, a refusal, or a page for the person."""

    def __init__(self, context: Context, channel: FrontChannel, params: Params) -> None:
        self._context = context
        self._channel = channel
        self._params = params
        self._prompts = params.get("prompt", "").split()

    def make(self) -> Response:
        audience = self._params.get("audience")
        if audience and self._context.settings.api(audience) is None:
            # Auth0's words; a request for an API that does not exist (auth0/lock issue 842).
            return self._channel.refuse("access_denied", f"Service not found: {audience}")
        wanted = self._params.get("organization")
        if wanted and self._context.settings.organization(wanted) is None:
            return self._channel.refuse("invalid_request", "parameter organization is invalid")
        session = self._usable_session()
        transaction = self._transaction()
        if "none" in self._prompts:
            return self._silently(transaction, session)
        if session is None:
            return interaction.ask_for_login(self._context, transaction)
        return interaction.continue_transaction(self._context, transaction, session)

    def _silently(self, transaction: Transaction, session: Session | None) -> Response:
        """``prompt=none``: a response without a page (Auth0 docs, "Silent Authentication")."""
        if len(self._prompts) > 1:
            return self._channel.refuse("invalid_request", "prompt=none allows no other prompt")
        organization = transaction.organization
        if session is None or (organization and not organization.has_member(session.user)):
            return self._channel.refuse("login_required", "Login required")
        if not self._context.sessions.has_consented(transaction, session.user):
            return self._channel.refuse("consent_required", "Consent required")
        if transaction.wants_second_factor:
            # auth0-spa-js FAQ, "Using Multi-factor Authentication (MFA)".
            return self._channel.refuse("mfa_required", MFA)
        if transaction.lacks_confirmation:
            # Auth0 documents that it refuses, and does not document the error code.
            return self._channel.refuse("interaction_required", "Confirmation required")
        return transaction.finish(self._context.authorize(transaction, session))

    def _usable_session(self) -> Session | None:
        session = self._context.sessions.find(request)
        if session is None or "login" in self._prompts or "select_account" in self._prompts:
            return None
        max_age = self._params.get("max_age", "")
        age = self._context.settings.now() - session.auth_time
        # max_age=0 asks for a new login however fresh the last one is (OpenID Core 3.1.2.1).
        too_old = max_age.isdecimal() and (age > int(max_age) or int(max_age) == 0)
        return None if too_old else session

    def _transaction(self) -> Transaction:
        settings = self._context.settings
        api = settings.api(self._params.get("audience"))
        client = self._channel.client
        organization = self._params.get("organization")
        return Transaction(
            id=secrets.token_urlsafe(24),
            browser=self._context.sessions.browser(request),
            client=client,
            api=api,
            scope=scopes.granted_scope(self._params.get("scope"), client, api),
            finish=self._issue_code,
            refuse=self._channel.refuse,
            expires_at=settings.now() + settings.lifetimes.transaction,
            nonce=self._params.get("nonce"),
            organization=settings.organization(organization) if organization else None,
            login_hint=self._params.get("login_hint"),
            asks_auth_time="max_age" in self._params,
            force_consent="consent" in self._prompts,
            wants_second_factor=wants_second_factor(
                self._params.get("acr_values", ""), self._params.get("scope", ""), api
            ),
            wants_confirmation=wants_confirmation(self._channel.redirect_uri, client, settings),
            form_targets=self._channel.origin,
        )

    def _issue_code(self, authorization: Authorization) -> Response:
        code = self._context.ledger.add_code(
            authorization, self._channel.redirect_uri, self._params.get("code_challenge")
        )
        return self._channel.respond(code=code.value)
