from __future__ import annotations

import base64
import hashlib

from auth0_widget.base.fixed_pages import headers_for


def policy_of(html: str) -> dict[str, str]:
    policy = headers_for(html)["Content-Security-Policy"]
    return dict(directive.split(" ", 1) for directive in policy.split("; "))


def source(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def test_the_page_s_own_scripts_and_styles_may_run_and_no_others() -> None:
    policy = policy_of("<style>p {}</style><script>one()</script><script>\n two()\n</script>")
    assert policy["script-src"] == f"{source('one()')} {source(chr(10) + ' two()' + chr(10))}"
    assert policy["style-src"] == source("p {}")


def test_where_the_page_has_none_none_may_run() -> None:
    policy = policy_of("<p>You can close this window.</p>")
    assert set(policy.values()) == {"'none'"}


def test_the_page_loads_nothing_sends_nothing_and_is_in_no_frame() -> None:
    policy = policy_of("<script>one()</script>")
    names = ("default-src", "base-uri", "form-action", "frame-ancestors")
    assert [policy[name] for name in names] == ["'none'"] * 4


def test_its_address_is_neither_passed_on_nor_kept() -> None:
    headers = headers_for("")
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
