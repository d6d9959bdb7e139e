"""Fixed pages at addresses that bear an authorization code: what they are served with.

Such a page is the same few lines for everybody, repeats nothing of what it was asked with, and may
pass nothing on: neither to another site nor to a script that is not its own.
"""

from __future__ import annotations

import base64
import hashlib
import re


def headers_for(html: str) -> dict[str, str]:
    """The headers of a page whose scripts and styles all stand in it."""
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
    """The source expressions for its inline scripts or styles (CSP Level 3, 2.3.1)."""
    contents = re.findall(f"<{element}>(.*?)</{element}>", html, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(content.encode()).digest()) for content in contents]
    return " ".join(f"'sha256-{digest.decode()}'" for digest in digests) or "'none'"
