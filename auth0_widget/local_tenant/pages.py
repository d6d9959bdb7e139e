"""The tenant's HTML pages and their security headers."""

from __future__ import annotations

import secrets

from flask import render_template
from werkzeug.wrappers import Response

ERROR_HINTS = {
    "callback": "Add it to callbacks of the application: tenant.allow_origin('http://host:port').",
    "web_origin": "Add it to web_origins of the application: tenant.allow_origin(...).",
    "logout": "Add it to logout_urls of the application, or of the tenant if no client_id is sent.",
}


def page(
    template: str,
    *,
    status: int = 200,
    form_targets: str = "",
    frame_ancestors: str = "'none'",
    **values: object,
) -> Response:
    """A page with a strict Content Security Policy.

    Args:
        template: File name in ``templates/``.
        status: HTTP status.
        form_targets: Origins, other than the tenant's, to which the response to the page's form may
            redirect. Chromium applies ``form-action`` to the redirect as well.
        frame_ancestors: The origins whose pages may show this page in a frame.
        **values: The values for the template.
    """
    nonce = secrets.token_urlsafe(16)
    html = render_template(template, csp_nonce=nonce, **values)
    response = Response(html, status=status, content_type="text/html; charset=utf-8")
    policy = {
        "default-src": "'none'",
        "style-src": f"'nonce-{nonce}'",
        "script-src": f"'nonce-{nonce}'",
        "img-src": "'self' data:",
        "form-action": f"'self' {form_targets}".strip(),
        "frame-ancestors": frame_ancestors,
        "base-uri": "'none'",
    }
    response.headers["Content-Security-Policy"] = "; ".join(
        f"{name} {value}" for name, value in policy.items()
    )
    if frame_ancestors == "'none'":
        response.headers["X-Frame-Options"] = "DENY"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def error_page(error: str, description: str, *, status: int, hint: str = "") -> Response:
    """An error page for the person. The application, which may be hostile, gets no response."""
    return page(
        "error.html",
        status=status,
        error=error,
        description=description,
        hint=ERROR_HINTS.get(hint, ""),
    )
