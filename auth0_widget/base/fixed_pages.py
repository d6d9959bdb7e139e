"""The HTTP headers of a fixed page at a redirect URI, whose address holds an authorization code.

Such a page is the same for everybody and contains nothing of the request. The headers prevent the
browser from sending the page's address to another site, and from running any other script in it.
"""

from __future__ import annotations

import base64
import hashlib
import re


def headers_for(html: str) -> dict[str, str]:
    """The headers of a page whose scripts and styles are all inline."""
    policy = {
        "default-src": "'none'",
        "script-src": _sources(html, "script"),
        "style-src": _sources(html, "style"),
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Content-Type": "text/html; charset=utf-8",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }


def _sources(html: str, element: str) -> str:
    """The source expressions for the inline scripts or styles (CSP Level 3, 2.3.1)."""
    contents = re.findall(f"<{element}>(.*?)</{element}>", html, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(content.encode()).digest()) for content in contents]
    return " ".join(f"'sha256-{digest.decode()}'" for digest in digests) or "'none'"
