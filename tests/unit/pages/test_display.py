"""What all pages of one widget are told alike."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from kernel import ORIGIN, PAGE

if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant

OTHER_PAGE = "page-1111-1111-1111"


def test_a_page_learns_how_much_to_show(new_kernel: Callable[..., Kernel]) -> None:
    for show in ("card", "button", "badge"):
        kernel = new_kernel(display={"show": show})
        kernel.receive("hello", origin=ORIGIN)
        assert kernel.last("ready")["show"] == show


def test_the_tenant_s_own_session_ends_only_where_that_is_wanted(
    new_kernel: Callable[..., Kernel], tenant: LocalTenant
) -> None:
    kernel = new_kernel()
    kernel.receive("hello", origin=ORIGIN)
    assert kernel.last("ready")["logout_url"] is None
    kernel = new_kernel(display={"end_auth0_session": True})
    kernel.receive("hello", origin=ORIGIN)
    kernel.receive("hello", OTHER_PAGE, origin="https://hub.example.com")
    for page, origin in ((PAGE, ORIGIN), (OTHER_PAGE, "https://hub.example.com")):
        url = urlsplit(kernel.last("ready", page)["logout_url"])
        assert f"{url.scheme}://{url.netloc}{url.path}" == f"{tenant.url}/v2/logout"
        # The page's own origin and no other: an open redirect would begin here.
        assert dict(parse_qsl(url.query)) == {"client_id": tenant.client_id, "returnTo": origin}
