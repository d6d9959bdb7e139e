"""The person at the browser: logs in at the local tenant, in the popup that the card opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from bench.notebook import Notebook
    from playwright.sync_api import Page

    from auth0_widget.local_tenant import LocalTenant


class Person:
    """Somebody with an account at the local tenant."""

    def __init__(self, tenant: LocalTenant, email: str) -> None:
        self._tenant = tenant
        self.email = email

    def log_in(self, notebook: Notebook) -> None:
        """Click **Log in** and go through the popup until it has closed."""
        popup = self.open_popup(notebook)
        if not popup.is_closed():
            self.sign_in(popup)

    def log_out(self, notebook: Notebook) -> None:
        """Click **Log out** and wait until the card offers **Log in** again."""
        notebook.card.get_by_role("button", name="Log out", exact=True).click()
        expect(notebook.card.get_by_role("button", name="Log in", exact=True)).to_be_enabled()

    def open_popup(self, notebook: Notebook) -> Page:
        """Click **Log in** and return the popup."""
        with notebook.page.expect_popup() as popup:
            notebook.card.get_by_role("button", name="Log in", exact=True).click()
        return popup.value

    def sign_in(self, popup: Page) -> None:
        """Fill in the login page and accept what the application asks for, if it asks."""
        raise NotImplementedError
