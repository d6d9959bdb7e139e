"""What the tenant is asked, by its own count, while a page and a real kernel talk over a comm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from kernel import ABLE, ORIGIN, PAGE
from real_kernel import RealKernel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from auth0_widget.local_tenant import LocalTenant

COST = ("/oauth/token", "/userinfo", "/.well-known/jwks.json")


class Page:
    """A page that shows the widget of a kernel's first cell, and stores what it is told to.

    Attributes:
        record: What its storage holds.
    """

    def __init__(self, tenant: LocalTenant) -> None:
        self._tenant = tenant
        self.record: str | None = None
        self._kernel = RealKernel()
        self._client = self._kernel.client
        self.run_the_cell()

    def run_the_cell(self) -> None:
        """The cell shows the widget, whose comm opens."""
        self._client.wait_for_ready(timeout=60)
        self._client.execute(
            "from auth0_widget import LoginWidget\n"
            f"LoginWidget(domain={self._tenant.url!r}, client_id={self._tenant.client_id!r})"
        )
        while True:
            opened = self._client.get_iopub_msg(timeout=60)
            state = opened["content"].get("data", {}).get("state", {})
            if opened["msg_type"] == "comm_open" and "_esm" in state:
                self._comm_id = opened["content"]["comm_id"]
                return

    def restart_the_kernel(self) -> None:
        self._kernel.manager.restart_kernel(now=True)

    def send(self, kind: str, **fields: Any) -> None:
        content = {"type": kind, "page": PAGE, **fields}
        data = {"method": "custom", "content": content}
        message = self._client.session.msg("comm_msg", {"comm_id": self._comm_id, "data": data})
        self._client.shell_channel.send(message)

    def hear(self, kind: str) -> Any:
        """The next message of this kind; what is to be stored on the way is."""
        while True:
            message = self._client.get_iopub_msg(timeout=60)
            data = message["content"].get("data", {})
            if message["msg_type"] == "comm_msg" and data.get("method") == "custom":
                content = data["content"]
                if content["type"] == "store":
                    self.record = content["record"]
                if content["type"] == kind:
                    return content

    def load(self) -> Any:
        """What the card shows after the page was loaded."""
        self.send("hello", origin=ORIGIN, **ABLE)
        self.url = self.hear("ready")["authorize_url"]
        self.send("stored_record", record=self.record)
        return self.hear("state")

    def log_in(self) -> None:
        self.send("login_started", way="window")
        self.hear("state")
        self.send("authorization_response", response=self._tenant.sign_in(self.url))
        while self.hear("state")["status"] != "authenticated":
            pass

    def close(self) -> None:
        self._kernel.close()


@pytest.fixture
def page(tenant: LocalTenant, private_home: Path) -> Iterator[Page]:
    assert private_home  # the kernel's caches are this test's, too
    page = Page(tenant)
    yield page
    page.close()


def test_a_login_costs_three_requests_twenty_refreshes_and_a_restart_none(
    page: Page, tenant: LocalTenant
) -> None:
    assert page.load()["status"] == "logged_out"
    tenant.requests.clear()
    page.log_in()
    assert [tenant.requests[path] for path in COST] == [1, 1, 1]

    tenant.requests.clear()
    for _ in range(20):
        state = page.load()
        assert (state["status"], state["card"]["name"]) == ("authenticated", "Ada Lovelace")
    assert tenant.requests.total == 0

    page.restart_the_kernel()
    page.run_the_cell()
    state = page.load()
    assert (state["status"], state["card"]["name"]) == ("authenticated", "Ada Lovelace")
    assert tenant.requests.total == 0
