"""The settings of a login: arguments, environment variables, validation."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from typing import Literal, cast, get_args

from auth0_widget.base.origins import VISIBLE_ASCII, tenant_origin
from auth0_widget.errors import InvalidClientIdError, InvalidSettingError

DEFAULT_SCOPE = "openid profile email offline_access"
"""The default scope. With ``offline_access``, the kernel can renew the access token."""

Flow = Literal["auto", "popup", "loopback", "device", "hub", "client_credentials"]
"""The ways to log in: ``auto`` tries those that work in this front end; ``popup`` opens a browser
window; ``loopback`` shows a link, whose response comes to this machine; ``device`` shows a code to
type on any device; ``hub`` uses JupyterHub's own login; ``client_credentials`` logs in the
application itself, without a person."""

StorageKind = Literal["local", "session", "memory"]
"""Where the browser keeps the session: until logout, until the tab is closed, or nowhere."""

Show = Literal["card", "button", "badge"]
"""How much the widget shows."""

OnExpiry = Literal["raise", "wait"]
"""What a call does once the session has expired for good: raise an error, or wait for a login."""

Callback = Literal["message", "page"]
"""How the response of the login window comes back: as a web message, or by the callback page."""

Remember = Literal["machine", "file"]
"""How this machine remembers a login: ``"machine"`` in a private file, which is encrypted with a
key from the system's keyring if the extra ``keyring`` is installed; ``"file"`` unencrypted."""

CALLBACK_PAGE = "auth0-widget/callback"
"""The path, below a Jupyter Server's base URL, at which our extension serves the callback page."""

HUB_CALLBACK_PAGE = "AUTH0_WIDGET_CALLBACK_PAGE"
"""The environment variable in which a JupyterHub names the path of its shared callback page."""

DEFAULT_LOOPBACK_PORT = 18484
"""The port for the response of the loopback flow. Systems assign higher ports at random."""

KEEPER_VARIABLE = "AUTH0_WIDGET_KEEPER"
"""The environment variable in which a Jupyter Server names the address file of its keeper."""

REMEMBER_VARIABLE = "AUTH0_WIDGET_REMEMBER"
"""The environment variable that sets ``remember`` in kernels and in terminals."""

DEFAULT_LEEWAY = 60
"""Seconds by which this machine's clock and the tenant's may differ."""

_PORT_RANGE = range(1024, 65_536)  # the lower ones belong to the system
_MAX_LEEWAY = 600  # seconds; a larger difference needs a correction of the clock
_MAX_AGE = 10 * 365 * 86_400  # seconds
# RFC 6749 (appendix A.1) allows any visible character; Auth0 uses letters and digits. Characters
# that could change the meaning of a URL, a header or a file name are refused.
_CLIENT_ID = re.compile(r"[A-Za-z0-9_\-.~]{1,128}")
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*")
# Segments as in RFC 3986 (3.3). None is empty, "." or "..".
_CALLBACK_PATH = re.compile(
    rf"(/(?!(\.|%2[eE]){{1,2}}/)[\w.~!$&'()*+,;=:@%-]+)*/{CALLBACK_PAGE}", re.ASCII
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The validated settings of one application of one tenant.

    Attributes:
        origin: Scheme, host and port of the tenant, as in ``https://acme.eu.auth0.com``.
        client_id: The application's public identifier.
        audience: The API that the access token is for, or None for ``/userinfo`` only.
        scope: Space-separated scopes (RFC 6749, 3.3); contains ``openid``.
        organization: An Auth0 organization's ID (``org_…``) or name, or None.
        max_age: The greatest age in seconds of the person's authentication, or None for any (OpenID
            Connect Core 3.1.2.1).
        acr_values: The kinds of login that one request asks for (OpenID Connect Core 3.1.2.1), or
            None.
        leeway: Seconds by which clocks may differ.
        flow: The way to log in.
        loopback_port: The port for the response of the loopback flow.
        remember: How this machine remembers the login, or None.
    """

    origin: str
    client_id: str
    audience: str | None = None
    scope: str = DEFAULT_SCOPE
    organization: str | None = None
    max_age: int | None = None
    acr_values: str | None = None
    leeway: int = DEFAULT_LEEWAY
    flow: Flow = "auto"
    loopback_port: int = DEFAULT_LOOPBACK_PORT
    remember: Remember | None = None

    @classmethod
    def resolve(  # noqa: PLR0913 - one argument for each setting a user may give
        cls,
        *,
        domain: str | None = None,
        client_id: str | None = None,
        audience: str | None = None,
        scope: str | None = None,
        organization: str | None = None,
        max_age: int | None = None,
        leeway: int = DEFAULT_LEEWAY,
        flow: Flow | None = None,
        loopback_port: int | None = None,
        remember: Remember | None = None,
    ) -> Settings:
        """Settings from the arguments; from the environment where an argument is None.

        The variables are ``AUTH0_DOMAIN``, ``AUTH0_CLIENT_ID``, ``AUTH0_AUDIENCE``,
        ``AUTH0_SCOPE``, ``AUTH0_ORGANIZATION``, ``AUTH0_WIDGET_FLOW`` and
        ``AUTH0_WIDGET_LOOPBACK_PORT``; an empty one counts as not set. The variable of
        ``remember`` is not read here, see `notebook.remembering`.

        Raises:
            InvalidDomainError: The domain is missing or not a plain host.
            InvalidClientIdError: The client ID is missing or malformed.
            InvalidSettingError: Another setting is malformed.
        """
        return cls.checked(
            domain=_setting(domain, "AUTH0_DOMAIN"),
            client_id=_setting(client_id, "AUTH0_CLIENT_ID"),
            audience=_setting(audience, "AUTH0_AUDIENCE"),
            scope=_setting(scope, "AUTH0_SCOPE"),
            organization=_setting(organization, "AUTH0_ORGANIZATION"),
            max_age=max_age,
            leeway=leeway,
            flow=_setting(flow, "AUTH0_WIDGET_FLOW"),
            loopback_port=(
                loopback_port
                if loopback_port is not None
                else _setting(None, "AUTH0_WIDGET_LOOPBACK_PORT")
            ),
            remember=remember,
        )

    @classmethod
    def checked(  # noqa: PLR0913 - as above
        cls,
        *,
        domain: object,
        client_id: object,
        audience: object = None,
        scope: object = None,
        organization: object = None,
        max_age: object = None,
        leeway: object = DEFAULT_LEEWAY,
        flow: object = None,
        loopback_port: object = None,
        remember: object = None,
    ) -> Settings:
        """Settings from these values, without the environment. Raises as `resolve` does."""
        return cls(
            origin=tenant_origin(domain),
            client_id=_checked_client_id(client_id),
            audience=_checked_text("audience", audience),
            scope=_checked_scope(scope),
            organization=_checked_text("organization", organization),
            max_age=_checked_age(max_age),
            leeway=_checked_leeway(leeway),
            flow=_checked_flow(flow),
            loopback_port=_checked_port(loopback_port),
            remember=checked_remember(remember),
        )

    def with_changes(
        self,
        *,
        audience: str | None = None,
        scope: str | None = None,
        max_age: int | None = None,
        acr_values: str | None = None,
    ) -> Settings:
        """The settings with other values, for one request. None keeps a value.

        Raises:
            InvalidSettingError: A value is malformed.
        """
        return replace(
            self,
            audience=_checked_text("audience", audience) or self.audience,
            scope=self.scope if scope is None else _checked_scopes(scope),
            max_age=self.max_age if max_age is None else _checked_age(max_age),
            acr_values=None if acr_values is None else _checked_acr_values(acr_values),
        )

    @property
    def issuer(self) -> str:
        """The issuer identifier in the tenant's tokens: the origin and a slash."""
        return f"{self.origin}/"


def is_callback_page(url: str, origin: str) -> bool:
    """Whether a URL is that of the callback page on this origin, below any base URL."""
    return url.startswith(origin) and _CALLBACK_PATH.fullmatch(url[len(origin) :]) is not None


def resolve_callback(callback: Callback | None = None) -> Callback:
    """How responses come back: the argument, or else ``AUTH0_WIDGET_CALLBACK``.

    Raises:
        InvalidSettingError: It is none of the values of `Callback`.
    """
    chosen = _setting(callback, "AUTH0_WIDGET_CALLBACK") or "message"
    check_choice("callback", chosen, Callback, variable="AUTH0_WIDGET_CALLBACK")
    return cast("Callback", chosen)


def resolve_link() -> tuple[Flow, int]:
    """The flow and the loopback port, of ``AUTH0_WIDGET_FLOW`` and ``AUTH0_WIDGET_LOOPBACK_PORT``.

    Raises:
        InvalidSettingError: One of them is malformed.
    """
    flow = _checked_flow(_setting(None, "AUTH0_WIDGET_FLOW"))
    return flow, _checked_port(_setting(None, "AUTH0_WIDGET_LOOPBACK_PORT"))


def check_choice(name: str, value: object, choices: object, *, variable: str | None = None) -> None:
    """Check that an argument is one of the values of a `typing.Literal`.

    Args:
        name: The name of the argument.
        value: Its value.
        choices: The literal type.
        variable: The environment variable that the value may come from, or None.

    Raises:
        InvalidSettingError: It is not.
    """
    allowed = get_args(choices)
    if value not in allowed:
        source = f"argument {name}" + (f" or {variable}" if variable else "")
        raise InvalidSettingError(
            f"The {name} ({source}) is none of {', '.join(map(repr, allowed))}.",
            next_step=f"Leave it out, or pass {name}={allowed[0]!r}.",
        )


def checked_remember(remember: object) -> Remember | None:
    """The value of ``remember``, or None.

    Raises:
        InvalidSettingError: It is not a value of `Remember`.
    """
    if remember is None:
        return None
    check_choice("remember", remember, Remember, variable=REMEMBER_VARIABLE)
    return cast("Remember", remember)


def _setting(argument: str | None, variable: str) -> str | None:
    return argument if argument is not None else os.environ.get(variable) or None


def _checked_client_id(client_id: object) -> str:
    if client_id is None:
        raise InvalidClientIdError(
            "No client ID was given: the argument client_id is missing and AUTH0_CLIENT_ID "
            "is not set."
        )
    if not isinstance(client_id, str) or not _CLIENT_ID.fullmatch(client_id):
        raise InvalidClientIdError(
            "The client ID (argument client_id or AUTH0_CLIENT_ID) is malformed: letters, "
            "digits and -._~ only."
        )
    return client_id


def _checked_scope(scope: object) -> str:
    if scope is None:
        return DEFAULT_SCOPE
    checked = _checked_scopes(scope)
    if "openid" not in checked.split():
        raise InvalidSettingError(
            "The scope (argument scope or AUTH0_SCOPE) does not contain openid.",
            next_step="Add openid: without it there is no ID token and so nobody to log in.",
        )
    return checked


def _checked_scopes(scope: object) -> str:
    if not isinstance(scope, str) or not _SCOPE.fullmatch(scope):
        raise InvalidSettingError(
            "The scope (argument scope or AUTH0_SCOPE) is malformed.",
            next_step="Write scopes with one space between them, as in 'openid profile email'.",
        )
    if "," in scope:
        raise InvalidSettingError(
            "The scope (argument scope or AUTH0_SCOPE) has a comma in it.",
            next_step="Write scopes with one space between them, as in 'openid profile email'.",
        )
    return scope


def _checked_acr_values(acr_values: object) -> str:
    if not isinstance(acr_values, str) or not _SCOPE.fullmatch(acr_values):
        raise InvalidSettingError(
            "The argument acr_values is malformed.",
            next_step="Write the values with one space between them, as the API names them.",
        )
    return acr_values


def _checked_text(name: str, value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not VISIBLE_ASCII.fullmatch(value):
        raise InvalidSettingError(
            f"The {name} (argument {name} or AUTH0_{name.upper()}) is malformed.",
            next_step=f"Copy the {name} from Auth0: visible characters, no spaces.",
        )
    return value


def _checked_age(max_age: object) -> int | None:
    if max_age is None:
        return None
    if isinstance(max_age, bool) or not isinstance(max_age, int) or not 0 <= max_age <= _MAX_AGE:
        raise InvalidSettingError(
            "The argument max_age is not a number of seconds.",
            next_step="Pass a whole number, such as max_age=3600. With 0, each login asks for the "
            "password.",
        )
    return max_age


def _checked_leeway(leeway: object) -> int:
    if isinstance(leeway, bool) or not isinstance(leeway, int) or not 0 <= leeway <= _MAX_LEEWAY:
        raise InvalidSettingError(
            "The leeway is not a number of seconds from 0 to 600.",
            next_step="Pass leeway=60, and set the clock of this machine right.",
        )
    return leeway


def _checked_flow(flow: object) -> Flow:
    if flow is None:
        return "auto"
    check_choice("flow", flow, Flow, variable="AUTH0_WIDGET_FLOW")
    return cast("Flow", flow)


def _checked_port(port: object) -> int:
    if port is None:
        return DEFAULT_LOOPBACK_PORT
    number = int(port) if isinstance(port, str) and port.isascii() and port.isdecimal() else port
    if isinstance(number, bool) or not isinstance(number, int) or number not in _PORT_RANGE:
        raise InvalidSettingError(
            "The port (argument loopback_port or AUTH0_WIDGET_LOOPBACK_PORT) is not a number from "
            "1024 to 65535.",
            next_step=f"Leave it out for {DEFAULT_LOOPBACK_PORT}, or pass another free port.",
        )
    return number
