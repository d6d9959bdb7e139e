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
from auth0_widget.session import Session
from auth0_widget.user import User
from auth0_widget.widget import LoginWidget

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
