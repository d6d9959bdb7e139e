"""A simulated person, who fills in the tenant's pages over HTTP, without a browser."""

from __future__ import annotations

import json
import ssl
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from auth0_widget.local_tenant.step_up import ONE_TIME_CODE

if TYPE_CHECKING:
    from typing_extensions import Self


class Page(HTMLParser):
    """The parts of a page that a `Person` needs: hidden fields, and texts by element ID."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.ids: set[str] = set()
        self._reading: str | None = None
        self.texts: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect hidden fields and the elements that have an ID."""
        values = {name: value or "" for name, value in attrs}
        if tag == "input" and values.get("type") == "hidden":
            self.fields[values["name"]] = values.get("value", "")
        if "id" in values:
            self.ids.add(values["id"])
            self._reading = values["id"]

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - HTMLParser's signature
        """Stop reading text."""
        self._reading = None

    def handle_data(self, data: str) -> None:
        """Collect the text of the element that was opened last."""
        if self._reading:
            self.texts[self._reading] = self.texts.get(self._reading, "") + data


class Person:
    """A person with a browser that has cookies, but no JavaScript.

    Raises:
        RuntimeError: By the methods, if the tenant shows an error page. The message is its text.
    """

    def __init__(self, tenant_url: str, email: str, password: str, *, accept: bool = True) -> None:
        self._tenant_url = tenant_url
        self._login = {"username": email, "password": password}
        self._accept = accept
        # The tenant uses plain http, and a context without certificates is made faster.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        # The tenant is in this process, so a slow response means that the machine is busy.
        self._client = httpx.Client(trust_env=False, verify=context, timeout=60)

    def __enter__(self) -> Self:
        """Return the person."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the browser."""
        self._client.close()

    def authorize(self, url: str) -> dict[str, Any]:
        """Open an authorization URL, log in, and return the parameters of the response."""
        result = self._walk(self._client.get(url))
        if isinstance(result, dict):
            return result
        raise RuntimeError(_page_text(result))

    def activate(self, user_code: str) -> None:
        """Type a device's code, log in, and accept or decline."""
        url = f"{self._tenant_url}/activate"
        result = self._walk(self._client.post(url, data={"user_code": user_code}))
        if isinstance(result, dict) or "activated" not in result.ids:
            raise RuntimeError(_page_text(result))

    def _walk(self, response: httpx.Response) -> dict[str, Any] | Page:
        """Fill in page after page until there is a response, or a page without a known form."""
        while True:
            if response.is_redirect:
                target = str(response.url.join(response.headers["Location"]))
                if not target.startswith(f"{self._tenant_url}/"):
                    return dict(parse_qsl(urlsplit(target).query))
                response = self._client.get(target)
                continue
            page = Page(response.text)
            if "authorization-response" in page.texts:
                message: dict[str, Any] = json.loads(page.texts["authorization-response"])
                parameters: dict[str, Any] = message["response"]
                return parameters
            if "login-error" in page.ids:
                return page
            if "login" in page.ids:
                form = self._login
            elif "second-factor" in page.ids:
                form = {"code": ONE_TIME_CODE}
            elif page.ids & {"consent", "confirm"}:
                form = {"action": "accept" if self._accept else "decline"}
            else:
                return page
            response = self._client.post(str(response.url), data={**page.fields, **form})


def _page_text(result: dict[str, Any] | Page) -> str:
    if isinstance(result, Page):
        for part in ("login-error", "error-description"):
            if part in result.texts:
                return f"the local tenant's page says: {result.texts[part].strip()}"
    return "the local tenant's page has no form that can be filled in"
