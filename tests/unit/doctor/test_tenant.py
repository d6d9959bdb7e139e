"""What the tenant's responses show without anybody logging in; grant types: test_grants.py."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import time_machine
from kernel import ORIGIN

from auth0_widget.config import Settings
from auth0_widget.doctor.addresses import PageAddress
from auth0_widget.doctor.tenant import TenantCheck
from auth0_widget.local_tenant import LocalTenant
from auth0_widget.oauth.loopback_address import redirect_uri

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.doctor.report import Finding


@pytest.fixture
def look(tenant: LocalTenant) -> Callable[..., dict[str, Finding]]:
    """Examine the tenant; what was said → the finding."""

    def run(
        *known: PageAddress, callback: str = "message", link: str | None = None, **changed: str
    ) -> dict[str, Finding]:
        given = {"domain": tenant.url, "client_id": tenant.client_id} | changed
        check = TenantCheck(Settings.resolve(**given), callback)  # type: ignore[arg-type]
        found = list(check.findings(list(known), link))
        check.close()
        return {finding.said: finding for finding in found}

    return run


def address(origin: str = ORIGIN, *, named: bool = True) -> PageAddress:
    return PageAddress(origin, f"{origin}/auth0-widget/callback", named=named)


def bad(found: dict[str, Finding]) -> list[str]:
    return [said for said, finding in found.items() if finding.verdict == "bad"]


def test_everything_is_well(look: Callable[..., dict[str, Finding]]) -> None:
    found = look(address())
    assert {finding.verdict for finding in found.values()} == {"good"}
    assert f"The tenant allows {ORIGIN} as a callback and opens its login page" in found


def test_the_checks_log_nobody_in_and_redeem_nothing(
    look: Callable[..., dict[str, Finding]], tenant: LocalTenant
) -> None:
    look(address())
    counts = {path: tenant.requests[path] for path in ("/oauth/token", "/authorize", "/userinfo")}
    assert counts == {"/oauth/token": 3, "/authorize": 1, "/userinfo": 0}
    assert tenant.requests["/oauth/device/code"] == 0, "no code is asked for that nobody enters"


def test_an_application_with_a_secret_is_of_the_wrong_type(
    look: Callable[..., dict[str, Finding]],
) -> None:
    (said,) = bad(look(address(), client_id="local-tenant-job"))
    assert said.startswith("The tenant does not know the application, or not as one without")


def test_an_origin_that_is_only_a_callback(
    look: Callable[..., dict[str, Finding]], tenant: LocalTenant
) -> None:
    tenant.application.callbacks.append("http://localhost:9999")
    (said,) = bad(look(address("http://localhost:9999")))
    assert said == "http://localhost:9999 is not among the application's Allowed Web Origins"


def test_the_callback_page_is_what_counts_where_it_was_chosen(
    look: Callable[..., dict[str, Finding]], tenant: LocalTenant
) -> None:
    (said,) = bad(look(address(), callback="page"))
    page = f"{ORIGIN}/auth0-widget/callback"
    assert said == f"{page} is not among the application's Allowed Callback URLs"
    tenant.application.callbacks.append(f"{ORIGIN}/auth0-widget/callback")
    assert bad(look(address(), callback="page")) == []


def test_of_addresses_that_nobody_named_one_is_enough(
    look: Callable[..., dict[str, Finding]],
) -> None:
    other = address("http://localhost:9999", named=False)
    assert bad(look(other, address(named=False))) == []
    assert len(bad(look(other))) == 1
    assert len(bad(look(address("http://localhost:9999"), address()))) == 1


@pytest.mark.parametrize(("flow", "verdict"), [("auto", "note"), ("loopback", "bad")])
def test_a_link_s_callback_is_needed_by_pages_without_a_window_and_by_name(
    look: Callable[..., dict[str, Finding]], tenant: LocalTenant, flow: str, verdict: str
) -> None:
    link = redirect_uri(18484)
    said = f"{link} is not among the application's Allowed Callback URLs"
    finding = look(address(), link=link, flow=flow)[said]
    assert finding.verdict == verdict
    assert "Allowed Callback URLs: add it" in (finding.next_step or "")
    tenant.application.callbacks.append(link)
    found = look(address(), link=link, flow=flow)
    assert {finding.verdict for finding in found.values()} == {"good"}
    assert f"The tenant allows {link} as a callback and opens its login page" in found


def test_an_error_that_is_sent_to_the_callback_is_told(
    look: Callable[..., dict[str, Finding]], tenant: LocalTenant
) -> None:
    tenant.application.callbacks.append(f"{ORIGIN}/auth0-widget/callback")
    audience = "api://0f3e2d1c-4b5a-6978-8796-a5b4c3d2e1f0"
    (said,) = bad(look(address(), callback="page", audience=audience))
    assert said == (
        f"The tenant has no API with the audience {audience}, or the application may not use it."
    )


def test_without_an_address_nothing_is_tried(look: Callable[..., dict[str, Finding]]) -> None:
    found = look()
    assert bad(found) == []
    assert "No address of a page is known, so none was checked" in found


@pytest.mark.parametrize(
    ("seconds", "leeway", "verdict", "said"),
    [
        (0, 60, "good", "agree"),
        (45, 60, "good", "45 seconds behind the tenant's; up to 60 are allowed"),
        (-45, 10, "bad", "45 seconds ahead of the tenant's, and only 10 are allowed"),
        (600, 60, "bad", "600 seconds behind"),
    ],
)
def test_the_clocks(seconds: int, leeway: int, verdict: str, said: str) -> None:
    # In the middle of a second: a header has whole ones.
    with (
        time_machine.travel(1_800_000_000.5, tick=False),
        LocalTenant(clock=lambda: time.time() + seconds) as tenant,
    ):
        settings = Settings.resolve(
            domain=tenant.url, client_id=tenant.client_id, leeway=leeway, flow="device"
        )
        found = list(TenantCheck(settings, "message").findings([], None))
    (clock,) = [finding for finding in found if "clock" in finding.said]
    assert clock.verdict == verdict
    assert said in clock.said
