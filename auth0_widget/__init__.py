"""The login for notebooks: Auth0's Universal Login as a widget, a verified session in Python."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auth0_widget.errors import (
        Auth0WidgetError,
        ConfigurationError,
        HubError,
        LoginNotCompletedError,
        RememberingError,
        SessionError,
        TenantError,
        UnexpectedError,
        UnreachableError,
    )
    from auth0_widget.notebook.widget import LoginWidget
    from auth0_widget.session.session import Session
    from auth0_widget.session.user import User

    __version__: str

__all__ = [
    "Auth0WidgetError",
    "ConfigurationError",
    "HubError",
    "LoginNotCompletedError",
    "LoginWidget",
    "RememberingError",
    "Session",
    "SessionError",
    "TenantError",
    "UnexpectedError",
    "UnreachableError",
    "User",
    "__version__",
]

# Each name is loaded when it is asked for: a Jupyter Server, and pytest with our plugin, load this
# package and need neither the widget nor what the widget needs.
_MODULES = {"LoginWidget": "notebook.widget", "Session": "session.session", "User": "session.user"}


def _load(name: str) -> object:
    import importlib.metadata  # noqa: PLC0415 - it loads the whole of email

    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    if name == "__version__":
        return importlib.metadata.version("auth0-widget")
    module = importlib.import_module(f"{__name__}.{_MODULES.get(name, 'errors')}")
    return vars(module)[name]


def __dir__() -> list[str]:
    return __all__


if not TYPE_CHECKING:  # or a type checker would find every name here, mistyped ones too

    def __getattr__(name: str) -> object:
        value = globals()[name] = _load(name)
        return value
