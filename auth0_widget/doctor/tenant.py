"""Checks of the tenant that need no person: keys, clock, application, callback URLs.

The checks of the token endpoint are in `doctor.grants`.
"""

from __future__ import annotations

import re
import time
from dataclasses import replace
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from auth0_widget.base.redaction import safe_text
from auth0_widget.config import FLOW_FACTS
from auth0_widget.doctor.grants import SETTINGS, Grants, code_finding, token_finding
from auth0_widget.doctor.hub import hub_finding
from auth0_widget.doctor.report import Finding, all_of, any_of
from auth0_widget.errors import Auth0WidgetError, InvalidResponseError, KeySetError
from auth0_widget.flows.device import check_device_flow
from auth0_widget.oauth.authorization_request import (
    UNKNOWN_AUDIENCE,
    AuthorizationRequest,
    login_denied_error,
)
from auth0_widget.oauth.client import Tenant
from auth0_widget.oauth.jwks import usable_keys
from auth0_widget.oauth.responses import json_from_response
from auth0_widget.oauth.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auth0_widget.config import ResponseDelivery, Settings, Way
    from auth0_widget.doctor.addresses import PageAddress
    from auth0_widget.doctor.report import Answer
    from auth0_widget.oauth.transport import Response

_KEYS = "/.well-known/jwks.json"


class TenantCheck:
    """The checks of one tenant and one application.

    Args:
        settings: The tenant and the application.
        callback: How the response of the login window comes back.

    Attributes:
        ways: The ways to log in that the flow allows → whether the tenant lets each work. It is
            complete once the results have been read.
    """

    def __init__(self, settings: Settings, callback: ResponseDelivery) -> None:
        self._settings, self._callback = settings, callback
        self._flow = FLOW_FACTS[settings.flow]
        self._transport = Transport(settings.origin)
        self._tenant = Tenant(settings)
        self.ways: dict[Way, Answer] = {}

    def findings(
        self,
        known: list[PageAddress],
        link: str | None,
        *,
        windows: bool = True,
        codes: bool = True,
    ) -> Iterator[Finding]:
        """The results, in order. After a failure, the checks that depend on it are left out.

        Args:
            known: The addresses of pages.
            link: The redirect URI of a login by a link, or None.
            windows: Whether a page may have a login window.
            codes: Whether a page offers a code, or the flow prints one.
        """
        began = time.time()
        try:
            response = self._transport.request("GET", _KEYS)
            keys = usable_keys(json_from_response(response, KeySetError))
        except Auth0WidgetError as error:
            yield Finding.of_error(error)
            return
        yield Finding(
            "good",
            f"The tenant responds, and publishes {len(keys)} signing key"
            f"{'' if len(keys) == 1 else 's'}",
        )
        yield self._clock(response, (began + time.time()) / 2)
        if not self._flow.needs_person:
            token = (
                token_finding(self._tenant)
                if self._flow.as_application
                else hub_finding(self._tenant)
            )
            self.ways["unattended"] = token.answer
            yield token
            return
        grants = Grants(self._transport, self._settings)
        if not grants.application_is_known:
            yield Finding(
                "bad",
                "The tenant does not know the application, or not as one without a secret",
                f"{SETTINGS}: compare the Client ID and the Domain; the "
                "type must be Native or Single Page Application.",
            )
            return
        yield Finding("good", "The tenant knows the application as one without a secret")
        yield from grants.findings()
        asked: list[Finding] = []
        if self._flow.opens_window and windows:
            asked = self._callback_findings(known)
            yield from asked
            self.ways["window"] = all_of(
                grants.authorization_code, any_of(*(one.answer for one in asked))
            )
        if link is not None:
            allowed = self._redirect_finding(link, "query", link, "link")
            asked.append(allowed)
            yield self._link_finding(allowed)
            self.ways["link"] = all_of(grants.authorization_code, allowed.answer)
        if not codes:
            return
        try:
            check_device_flow(self._settings)
        except Auth0WidgetError as error:
            yield Finding("note", error.message, error.next_step)
            return
        self.ways["code"] = grants.device_code
        refused = any(one.verdict == "bad" and one.way is None for one in asked)
        if grants.device_code == "yes" and self._settings.audience is not None and not refused:
            code = code_finding(self._tenant)
            self.ways["code"] = code.answer
            yield code

    def _clock(self, response: Response, now: float) -> Finding:
        """Compare the response's ``Date`` (RFC 9110, 6.6.1), plus a cache's ``Age``, with now."""
        try:
            theirs = parsedate_to_datetime(response.headers.get("date", "")).timestamp()
        except (TypeError, ValueError):
            return Finding(
                "note", "The tenant's response has no date, so the clocks were not compared"
            )
        age = response.headers.get("age", "")
        theirs += int(age) if age.isdecimal() else 0
        behind = round(theirs + 0.5 - now)  # the header has whole seconds, cut off
        if abs(behind) <= 1:
            return Finding("good", "This machine's clock and the tenant's agree")
        side = "behind" if behind > 0 else "ahead of"
        said = f"This machine's clock is {abs(behind)} seconds {side} the tenant's"
        leeway = self._settings.leeway
        if abs(behind) <= leeway:
            return Finding("good", f"{said}; up to {leeway} are allowed")
        return Finding(
            "bad",
            f"{said}, and only {leeway} are allowed",
            "Set this machine's clock right, or pass a larger leeway (seconds).",
        )

    def _callback_findings(self, known: list[PageAddress]) -> list[Finding]:
        if not known:
            return [
                Finding(
                    "note",
                    "No address of a page is known, so none was checked",
                    "Name it: auth0-widget doctor --origin https://hub.example.com",
                )
            ]
        findings = [self._callback_finding(one) for one in known]
        some_work = any(finding.verdict == "good" for finding in findings)
        return [
            # People may reach a server at another address than the one that it reports.
            replace(finding, verdict="note")
            if finding.verdict == "bad" and not one.named and some_work
            else finding
            for one, finding in zip(known, findings, strict=True)
        ]

    def _callback_finding(self, address: PageAddress) -> Finding:
        """Whether a login window works for this address."""
        shown = address.published_origin
        if self._callback == "page":
            shown = address.published_callback_page or shown
        redirect_uri = address.redirect_uri(self._callback) or ""
        mode = "web_message" if self._callback == "message" else "query"
        finding = self._redirect_finding(redirect_uri, mode, shown, "window")
        if mode == "query" or finding.verdict != "note":
            return finding
        # A script sends the reason of a refusal to the page. The other mode has it in a redirect.
        refusal = self._redirect_finding(redirect_uri, "query", shown, None)
        return refusal if refusal.verdict == "bad" else finding

    def _link_finding(self, finding: Finding) -> Finding:
        """What is said about a login by a link. Only ``flow="loopback"`` needs it."""
        if finding.verdict != "bad" or finding.way is None or self._flow.way == "link":
            return finding
        step = f"Pages without a window, such as VS Code's, need it. {finding.next_step}"
        return replace(finding, verdict="note", next_step=step)

    def _redirect_finding(
        self, redirect_uri: str, mode: str, shown: str, way: Way | None
    ) -> Finding:
        """Whether the tenant shows its login page or its error page for this redirect URI.

        Args:
            redirect_uri: The redirect URI.
            mode: The response mode of the request.
            shown: What the finding calls the redirect URI.
            way: The way to log in that needs the redirect URI.
        """
        url = AuthorizationRequest(redirect_uri, mode).url(self._tenant)
        try:
            response = self._transport.request("GET", url.removeprefix(self._settings.origin))
        except InvalidResponseError:
            return Finding("note", f"The tenant did not say whether {shown} is allowed")
        except Auth0WidgetError as error:
            return Finding.of_error(error)
        return _authorization_finding(response, self._settings, shown, way)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()
        self._tenant.close()


def _authorization_finding(
    response: Response, settings: Settings, shown: str, way: Way | None
) -> Finding:
    """What a response of the authorization endpoint shows about this redirect URI."""
    location = urlsplit(response.headers.get("location", ""))
    if location.scheme and f"{location.scheme}://{location.netloc}" != settings.origin:
        parameters = parse_qs(location.query)
        (description,) = parameters.get("error_description", [""])[:1]
        if description.startswith(UNKNOWN_AUDIENCE):
            return Finding.of_error(
                login_denied_error(safe_text(description, settings.identifiers))
            )
        reason = " ".join(parameters.get("error", []) + parameters.get("error_description", []))
        return Finding(
            "bad",
            f"The tenant refuses the login: {safe_text(reason, settings.identifiers)}",
            "Look at the tenant's log in Auth0: Monitoring, Logs.",
        )
    if location.path:
        return Finding("good", f"The tenant allows {shown} as a callback and opens its login page")
    text = re.sub(rb"<[^>]*>", b" ", response.body).decode(errors="replace")
    field = ""
    if "Callback URL mismatch" in text:
        field = "Allowed Callback URLs"
    elif "does not have a registered origin" in text:
        field = "Allowed Web Origins"
    if field:
        return Finding(
            "bad",
            f"{shown} is not among the application's {field}",
            f"{SETTINGS}, {field}: add it, see below.",
            way,
        )
    if response.status == HTTPStatus.OK:
        return Finding("note", f"The tenant did not say whether {shown} is allowed")
    return Finding(
        "bad",
        f"The tenant refuses {shown} (HTTP {response.status})",
        "Open the tenant's log in Auth0, Monitoring, Logs: it says why.",
        way,
    )
