"""The login for notebooks: Auth0's Universal Login as a widget, a verified session in Python."""

from importlib.metadata import version

from auth0_widget.errors import (
    Auth0WidgetError,
    ConfigurationError,
    LoginNotCompletedError,
    SessionError,
    TenantError,
    UnexpectedError,
    UnreachableError,
)
from auth0_widget.notebook.widget import LoginWidget
from auth0_widget.session.session import Session
from auth0_widget.session.user import User

__all__ = [
    "Auth0WidgetError",
    "ConfigurationError",
    "LoginNotCompletedError",
    "LoginWidget",
    "Session",
    "SessionError",
    "TenantError",
    "UnexpectedError",
    "UnreachableError",
    "User",
    "__version__",
]

__version__ = version("auth0-widget")
