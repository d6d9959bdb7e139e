"""A person's browser at the tenant, and a page that can log in silently."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kernel import Kernel

    from auth0_widget import Session
    from auth0_widget.errors import Auth0WidgetError
    from auth0_widget.local_tenant.person import Person

LAB = "https://lab.example.com"
"""The origin of a page that is not of this machine."""


def log_in(kernel: Kernel, person: Person) -> Session:
    """The whole login, in the person's own browser."""
    kernel.receive("hello", origin=LAB)
    url = kernel.last("ready")["authorize_url"]
    kernel.receive("login_started")
    kernel.receive("authorization_response", response=person.authorize(url))
    session = kernel.login.session
    assert session is not None, kernel.login.problem
    return session


def start(kernel: Kernel) -> tuple[str, list[Auth0WidgetError]]:
    """Start a silent login. Returns the URL for the hidden frame, and what is told of failures."""
    errors: list[Auth0WidgetError] = []

    def ended(error: Auth0WidgetError | None) -> None:
        if error is not None:
            errors.append(error)

    assert kernel.bridge.start_silent_login(kernel.login.tenant, ended) is not None
    url: str = kernel.last("silent")["url"]
    return url, errors
