"""Cells that are run again, in a real kernel: what goes, and what is still to be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from real_kernel import RealKernel

MAKE = """
import ipywidgets
from auth0_widget import LoginWidget

login = LoginWidget(domain="acme.eu.auth0.com", client_id="{}")
"""
# The listeners of the login, and the widgets that ipywidgets keeps.
COUNT = "print(len(login._login._changed), len(ipywidgets.widgets.widget._instances))"


@pytest.fixture
def make(request: pytest.FixtureRequest) -> str:
    """Code that makes a widget for an application of this test's own."""
    return MAKE.format(request.node.name)


def test_a_cell_that_is_run_again_leaves_nothing_behind(real_kernel: RealKernel, make: str) -> None:
    real_kernel.run(f"{make}login", "a")
    before = real_kernel.run(COUNT, "z")
    for _ in range(50):
        real_kernel.run(f"{make}login", "a")
    assert real_kernel.run(COUNT, "z") == before


def test_nor_does_one_whose_widget_another_cell_shows(real_kernel: RealKernel, make: str) -> None:
    real_kernel.run(make, "a")
    real_kernel.run("login", "b")
    before = real_kernel.run(COUNT, "z")
    for _ in range(5):
        for _ in range(3):
            real_kernel.run(make, "a")
        real_kernel.run("login", "b")
    assert real_kernel.run(COUNT, "z") == before


def test_what_is_still_seen_stays(real_kernel: RealKernel, make: str) -> None:
    real_kernel.run(f"{make}first = login\n{make}login", "a")
    real_kernel.run("assert first.comm and login.comm, 'made on purpose'", "z")
    real_kernel.run("first", "b")
    real_kernel.run(f"{make}boxed = login\nbox = ipywidgets.VBox([boxed])\nbox", "c")
    for _ in range(2):
        real_kernel.run(f"{make}login", "a")
        real_kernel.run(f"{make}login", "c")
        real_kernel.run("assert first.comm, 'cell b shows it'", "z")
        real_kernel.run("assert boxed.comm, 'a box holds it'", "z")


def test_another_login_s_widget_stays(real_kernel: RealKernel, make: str) -> None:
    real_kernel.run(f"{make}first = login", "a")
    real_kernel.run(make.replace('client_id="', 'client_id="other-'), "a")
    real_kernel.run("assert first.comm", "z")


def test_one_whose_window_may_be_open_stays_until_the_login_is_over(
    real_kernel: RealKernel, make: str
) -> None:
    real_kernel.run(f"{make}opened = login\nlogin._login.start()\nlogin", "a")
    real_kernel.run(f"{make}login", "a")
    real_kernel.run("assert opened.comm\nlogin._login.cancel()", "z")
    real_kernel.run(f"{make}login", "a")
    real_kernel.run("assert not opened.comm", "z")
