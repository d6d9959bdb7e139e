"""All checks of the doctor, in the order in which a login needs what they check."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from auth0_widget.config import FLOW_FACTS, Settings, resolve_callback
from auth0_widget.doctor import machine
from auth0_widget.doctor.addresses import (
    addresses,
    link_callback,
    on_jupyterhub,
    placeholder_note,
    urls_to_enter,
)
from auth0_widget.doctor.report import Finding, Report, all_of, of_page
from auth0_widget.doctor.servers import extension, running_servers
from auth0_widget.doctor.tenant import TenantCheck
from auth0_widget.errors import Auth0WidgetError
from auth0_widget.flows import check_flow, flow_without_page
from auth0_widget.oauth.authorization_options import AuthorizationOptions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from auth0_widget.config import ResponseDelivery, Way
    from auth0_widget.doctor.report import Answer

_NO_OPTIONS = AuthorizationOptions()


def examine_environment(
    *, domain: str | None = None, client_id: str | None = None, origins: tuple[str, ...] = ()
) -> Report:
    """The report on a login by a widget that is made here without arguments.

    Args:
        domain: The tenant, in place of ``AUTH0_DOMAIN``.
        client_id: The application, in place of ``AUTH0_CLIENT_ID``.
        origins: The pages' origins; without any, those of the Jupyter Servers that run here.
    """
    try:
        settings = Settings.resolve(domain=domain, client_id=client_id)
        callback = resolve_callback()
    except Auth0WidgetError as error:
        return Report([*_machine(), Finding.of_error(error)])
    return examine(settings, callback, dict.fromkeys(origins))


def examine(  # noqa: PLR0913 - what the widget knows of itself and its pages
    settings: Settings,
    callback: ResponseDelivery,
    pages: Mapping[str, str | None] = MappingProxyType({}),
    page_ways: Sequence[tuple[Way, str | None]] = (),
    *,
    options: AuthorizationOptions = _NO_OPTIONS,
    no_page: str | None = None,
) -> Report:
    """The report on a login with these settings.

    Args:
        settings: The tenant and the application.
        callback: How the response of the login window comes back.
        pages: Origin of a page that shows the widget → the URL of its callback page, or None.
        page_ways: What **Log in** does in each page that is known, and why it is not a window.
        options: The parameters that are added to each authorization request.
        no_page: Why no page can show the widget, as the beginning of a sentence; None if one may.
    """
    findings = _machine()
    servers = running_servers() if no_page is None else []
    named, flow = settings.flow, FLOW_FACTS[settings.flow]
    served = extension(servers, callback if flow.opens_window else "message")
    findings += [
        served,
        Finding(
            "good",
            f"Tenant {urlsplit(settings.origin).netloc}, application {settings.client_id}, flow "
            f"{named!r}, callback {callback!r}",
        ),
    ]
    findings += [of_page(way, why) for way, why in dict.fromkeys(page_ways)]
    try:
        if no_page is not None and flow.clicked:
            instead, why = flow_without_page(named, no_page)
            findings.append(Finding("good", why.removesuffix(".")))
            settings, flow = replace(settings, flow=instead), FLOW_FACTS[instead]
        check_flow(settings, options)
        known = addresses(pages, [] if on_jupyterhub() or page_ways else servers)
    except Auth0WidgetError as error:
        return Report([*findings, Finding.of_error(error)])
    link = link_callback(settings.flow, settings.loopback_port, known)
    if page_ways and not known and "link" not in dict(page_ways):
        link = None
    findings.append(machine.connection(settings.origin))
    ways: dict[Way, Answer] = {}
    if findings[-1].verdict == "good":
        check = TenantCheck(settings, callback)
        try:
            # Pages that are no web pages, such as VS Code's, have no address.
            findings += check.findings(
                known,
                link,
                windows=bool(known or not page_ways),
                codes=flow.has_code or no_page is None,
            )
        finally:
            check.close()
        ways = check.ways
    if "window" in ways and served.way == "window":
        ways["window"] = all_of(ways["window"], served.answer)
    if "link" in ways:
        taken = machine.port_taken(settings.loopback_port, needed=flow.way == "link")
        if taken is not None:
            findings.append(taken)
            ways["link"] = "no"
    if settings.flow == "hub":
        return Report(findings, ways)  # the hub's application has the hub's own URLs
    urls = urls_to_enter(known, callback, link)
    return Report(findings, ways, urls, placeholder_note(urls))


def _machine() -> list[Finding]:
    missing = machine.missing_bundle()
    always = [machine.python(), machine.packages(), machine.runtime()]
    return always if missing is None else [*always, missing]
