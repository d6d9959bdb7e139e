"""The settings of a login, from arguments and environment variables."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from auth0_widget.base.environment import variable
from auth0_widget.base.origins import tenant_origin
from auth0_widget.config.checks import (
    check_choice,
    checked_acr_values,
    checked_age,
    checked_client_id,
    checked_flow,
    checked_leeway,
    checked_port,
    checked_remember,
    checked_scope,
    checked_scopes,
    checked_text,
)
from auth0_widget.config.choices import (
    CALLBACK_PAGE,
    DEFAULT_LEEWAY,
    DEFAULT_LOOPBACK_PORT,
    DEFAULT_SCOPE,
    ResponseDelivery,
)

if TYPE_CHECKING:
    from auth0_widget.config.choices import Flow, Remember

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
        ``AUTH0_WIDGET_LOOPBACK_PORT``; an empty one counts as not set, and spaces around a value
        are no part of it. The variable of
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
            client_id=checked_client_id(client_id),
            audience=checked_text("audience", audience),
            scope=checked_scope(scope),
            organization=checked_text("organization", organization),
            max_age=checked_age(max_age),
            leeway=checked_leeway(leeway),
            flow=checked_flow(flow),
            loopback_port=checked_port(loopback_port),
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
            audience=checked_text("audience", audience) or self.audience,
            scope=self.scope if scope is None else checked_scopes(scope),
            max_age=self.max_age if max_age is None else checked_age(max_age),
            acr_values=None if acr_values is None else checked_acr_values(acr_values),
        )

    @property
    def issuer(self) -> str:
        """The issuer identifier in the tenant's tokens: the origin and a slash."""
        return f"{self.origin}/"

    @property
    def identifiers(self) -> tuple[str | None, ...]:
        """The settings that the tenant's errors name. None of them is a secret."""
        domain = self.origin.partition("://")[2]
        return self.client_id, self.audience, self.organization, self.origin, domain


def is_callback_page(url: str, origin: str) -> bool:
    """Whether a URL is that of the callback page on this origin, below any base URL."""
    return url.startswith(origin) and _CALLBACK_PATH.fullmatch(url[len(origin) :]) is not None


def resolve_callback(callback: ResponseDelivery | None = None) -> ResponseDelivery:
    """How responses come back: the argument, or else ``AUTH0_WIDGET_CALLBACK``.

    Raises:
        InvalidSettingError: It is none of the values of `ResponseDelivery`.
    """
    chosen = _setting(callback, "AUTH0_WIDGET_CALLBACK") or "message"
    check_choice("callback", chosen, ResponseDelivery, variable="AUTH0_WIDGET_CALLBACK")
    return cast("ResponseDelivery", chosen)


def flow_and_port_from_environment() -> tuple[Flow, int]:
    """The flow and the loopback port, of ``AUTH0_WIDGET_FLOW`` and ``AUTH0_WIDGET_LOOPBACK_PORT``.

    Raises:
        InvalidSettingError: One of them is malformed.
    """
    flow = checked_flow(_setting(None, "AUTH0_WIDGET_FLOW"))
    return flow, checked_port(_setting(None, "AUTH0_WIDGET_LOOPBACK_PORT"))


def _setting(argument: str | None, name: str) -> str | None:
    return argument if argument is not None else variable(name)
