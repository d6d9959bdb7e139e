"""The pages for the person: login, second factor, consent, confirmation.

The paths are those of Auth0's Universal Login.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flask import Blueprint, redirect, request

from auth0_widget.local_tenant import scopes
from auth0_widget.local_tenant.pages import error_page, page
from auth0_widget.local_tenant.step_up import ONE_TIME_CODE

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response

    from auth0_widget.local_tenant.context import Context
    from auth0_widget.local_tenant.model import User
    from auth0_widget.local_tenant.sessions import Session, Transaction


def ask_for_login(context: Context, transaction: Transaction) -> Response:
    """Send the browser to the login page."""
    return _send(context, transaction, "/u/login")


def ask_for_consent(context: Context, transaction: Transaction, session: Session) -> Response:
    """Send the browser to the consent page for this person."""
    transaction.session = session
    return _send(context, transaction, "/u/consent")


def continue_transaction(context: Context, transaction: Transaction, session: Session) -> Response:
    """Show the next page that is missing (second factor, consent, confirmation), or finish."""
    organization = transaction.organization
    if organization and not organization.has_member(session.user):
        context.sessions.release(transaction)
        description = f"user {session.user.sub} is not part of the {organization.id} organization"
        return transaction.refuse("access_denied", description)
    if transaction.lacks_second_factor:
        transaction.session = session
        return _send(context, transaction, "/u/mfa-otp-challenge")
    if transaction.force_consent or not context.sessions.has_consented(transaction, session.user):
        return ask_for_consent(context, transaction, session)
    if transaction.lacks_confirmation:
        transaction.session = session
        return _send(context, transaction, "/u/confirm")
    context.sessions.release(transaction)
    return transaction.finish(context.authorize(transaction, session))


def blueprint(context: Context) -> Blueprint:
    """The routes ``/u/login``, ``/u/mfa-otp-challenge``, ``/u/consent`` and ``/u/confirm``."""
    routes = Blueprint("interaction", __name__)

    def with_transaction(view: Callable[[Context, Transaction, Session], Response]) -> Response:
        transaction = context.sessions.held(request)
        if transaction is None or transaction.session is None:
            return _no_transaction_page()
        return view(context, transaction, transaction.session)

    @routes.get("/u/login")
    def login_page() -> Response:
        transaction = context.sessions.held(request)
        return _login_page(context, transaction) if transaction else _no_transaction_page()

    @routes.post("/u/login")
    def login() -> Response:
        transaction = context.sessions.held(request)
        return _log_in(context, transaction) if transaction else _no_transaction_page()

    for path, show, submit in (
        ("/u/mfa-otp-challenge", _second_factor_page, _second_factor),
        ("/u/consent", _consent_page, _consent),
        ("/u/confirm", _confirmation_page, _confirm),
    ):
        routes.add_url_rule(path, f"show {path}", partial(with_transaction, show))
        submitted = partial(with_transaction, submit)
        routes.add_url_rule(path, f"submit {path}", submitted, methods=["POST"])
    return routes


def _log_in(context: Context, transaction: Transaction) -> Response:
    username = request.form.get("username", "")
    user = context.settings.user(username)
    if user is None or request.form.get("password") != context.settings.password:
        return _login_page(context, transaction, wrong_for=username)
    session = context.sessions.start(user)
    response = continue_transaction(context, transaction, session)
    context.sessions.remember(session, response)
    return response


def _second_factor(context: Context, transaction: Transaction, session: Session) -> Response:
    if request.form.get("code") != ONE_TIME_CODE:
        return _second_factor_page(context, transaction, session, wrong=True)
    transaction.second_factor_given = True
    return continue_transaction(context, transaction, session)


def _consent(context: Context, transaction: Transaction, session: Session) -> Response:
    if transaction.lacks_second_factor:  # the person has skipped that page
        return continue_transaction(context, transaction, session)
    if not context.sessions.release(transaction):  # the second request of a double click
        return _no_transaction_page()
    if request.form.get("action") != "accept":
        return transaction.refuse("access_denied", "User did not authorize the request")
    context.sessions.consent(transaction, session.user)
    return transaction.finish(context.authorize(transaction, session))


def _confirm(context: Context, transaction: Transaction, session: Session) -> Response:
    if request.form.get("action") == "accept":
        return continue_transaction(context, transaction, session)
    if not context.sessions.release(transaction):
        return _no_transaction_page()
    return transaction.refuse("access_denied", "User did not confirm the login")


def _send(context: Context, transaction: Transaction, path: str) -> Response:
    transaction.page_shown = True
    context.sessions.hold(transaction)
    response = redirect(f"{path}?state={transaction.id}")
    context.sessions.remember_browser(transaction.browser, response)
    response.headers["Cache-Control"] = "no-store"
    return response


def _login_page(
    context: Context, transaction: Transaction, *, wrong_for: str | None = None
) -> Response:
    chosen = wrong_for or transaction.login_hint
    users: list[User] = context.settings.users
    if chosen not in {user.email for user in users}:
        chosen = users[0].email if users else None
    return page(
        "login.html",
        status=200 if wrong_for is None else 400,
        form_targets=transaction.form_targets,
        transaction=transaction,
        users=users,
        chosen=chosen,
        password=context.settings.password,
        wrong=wrong_for is not None,
    )


def _second_factor_page(
    _context: Context, transaction: Transaction, session: Session, *, wrong: bool = False
) -> Response:
    return page(
        "second_factor.html",
        status=400 if wrong else 200,
        form_targets=transaction.form_targets,
        transaction=transaction,
        user=session.user,
        code=ONE_TIME_CODE,
        wrong=wrong,
    )


def _consent_page(_context: Context, transaction: Transaction, session: Session) -> Response:
    return page(
        "consent.html",
        form_targets=transaction.form_targets,
        transaction=transaction,
        user=session.user,
        permissions=scopes.describe(transaction.scope, transaction.api),
    )


def _confirmation_page(_context: Context, transaction: Transaction, session: Session) -> Response:
    return page(
        "confirm.html",
        form_targets=transaction.form_targets,
        transaction=transaction,
        user=session.user,
    )


def _no_transaction_page() -> Response:
    return error_page(
        "invalid_request",
        "This page has expired, was answered already, or was opened in another browser. "
        "Go back to the application and log in again.",
        status=400,
    )
