"""The person at the browser: logs in at the local tenant, in the popup that the card opens."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import Error, expect

from auth0_widget.local_tenant.step_up import ONE_TIME_CODE

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.notebook import Widget
    from playwright.sync_api import Page

    from auth0_widget.local_tenant import LocalTenant


class Person:
    """A person with an account at the local tenant.

    Attributes:
        email: Their e-mail address, which the login page lists.
    """

    def __init__(self, tenant: LocalTenant, email: str) -> None:
        self._tenant = tenant
        self.email = email

    def log_in(self, widget: Widget) -> None:
        """Click **Log in**, go through the popup, and wait until the card offers **Log out**."""
        self.finish(self.open_popup(widget))
        log_out = widget.card.get_by_role("button", name="Log out", exact=True)
        expect(log_out).to_be_enabled()

    def log_out(self, widget: Widget) -> None:
        """Click **Log out** and wait until the card offers **Log in** again."""
        widget.card.get_by_role("button", name="Log out", exact=True).click()
        expect(widget.card.get_by_role("button", name="Log in", exact=True)).to_be_enabled()

    def open_popup(self, widget: Widget) -> Page:
        """Click **Log in**, or **Log in again** after a session has ended; return the popup."""
        with widget.page.expect_popup() as popup:
            widget.card.get_by_role("button", name=re.compile("^Log in( again)?$")).click()
        return popup.value

    def finish(self, popup: Page) -> None:
        """Do what the popup asks for until it closes: a password, a consent, both or nothing.

        The tenant remembers its people: after the first time the popup may close at any step.
        """
        self.close_by(popup, lambda: self._go_through(popup))

    def _go_through(self, popup: Page) -> None:
        first_step = popup.get_by_role("button", name=re.compile("^(Continue|Accept)$"))
        first_step.wait_for()
        if first_step.inner_text() == "Continue":
            self.authenticate(popup)
        popup.get_by_role("button", name="Accept").click()

    def show_second_factor(self, popup: Page) -> None:
        """Type the one-time code that the popup asks for, and wait until it closes."""
        popup.get_by_label("One-time code").fill(ONE_TIME_CODE)
        self.close_by(popup, popup.get_by_role("button", name="Continue").click)

    def close_by(self, popup: Page, act: Callable[[], object]) -> None:
        """Do what makes the popup close, and wait until it has.

        It may close during a click or a key press, and Playwright then raises an error, which is
        ignored.
        """
        try:
            act()
            if not popup.is_closed():
                popup.wait_for_event("close")
        except Error:
            if not popup.is_closed():
                raise

    def approve(self, widget: Widget) -> None:
        """Open the address that the card shows, type the code, log in, and accept."""
        code = widget.card.locator(".a0w-user-code").inner_text()
        with widget.page.expect_popup() as opened:
            widget.card.get_by_role("link").first.click()
        device = opened.value
        device.get_by_label("Code").fill(code)
        device.get_by_role("button", name="Continue").click()
        self.authenticate(device)
        device.get_by_role("button", name="Accept").click()
        device.get_by_text("Your device is connected").wait_for()
        device.close()

    def authenticate(self, popup: Page, *, password: str | None = None) -> None:
        """Choose this person on the login page, type the password (or a wrong one) and continue."""
        popup.get_by_role("radio", name=self.email).check()
        popup.get_by_label("Password").fill(password or self._tenant.password)
        popup.get_by_role("button", name="Continue").click()
