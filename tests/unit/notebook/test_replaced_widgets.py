"""Cells that are run again, in a real kernel: what goes, and what is still to be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from kernel import ABLE, PAGE

if TYPE_CHECKING:
    from real_kernel import RealKernel

MAKE = """
import ipywidgets
from auth0_widget import LoginWidget
from auth0_widget.notebook import replaced_widgets
replaced_widgets.UNSAVED = 0  # every file has been saved

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
    real_kernel.run(f"{make}pair = [login]\n{make}pair.append(login); del login", "e")
    real_kernel.run("assert all(each.comm for each in pair), 'and these'", "z")
    real_kernel.run(f"{make}login", "a")
    real_kernel.run("first", "b")
    real_kernel.run(f"{make}box = ipywidgets.VBox([login])\nbox", "c")
    real_kernel.run("kept = [first]; del first", "z")
    for _ in range(2):
        real_kernel.run(f"{make}login", "a")
        real_kernel.run(f"{make}login", "c")
        real_kernel.run("assert kept[0].comm, 'cell b shows it'", "z")
        real_kernel.run("assert box.children[0].comm, 'a box holds it'", "z")


def test_what_has_another_name_or_stands_in_an_output_stays(
    real_kernel: RealKernel, make: str
) -> None:
    real_kernel.run(
        f"{make}captured = login\nout = ipywidgets.Output()\nwith out:\n    display(login)", "a"
    )
    real_kernel.run("out", "b")
    real_kernel.run(f"{make}alias = login\nlogin", "c")
    for cell in "aacc":
        real_kernel.run(f"{make}login", cell)
    real_kernel.run("assert alias.comm, 'it has a name'", "z")
    real_kernel.run("kept = [captured]; del captured", "z")
    real_kernel.run(f"{make}login", "a")
    real_kernel.run("assert kept[0].comm, 'the output has captured it'", "z")


def test_other_people_s_widgets_are_of_any_kind(real_kernel: RealKernel, make: str) -> None:
    real_kernel.run("import traitlets, ipywidgets", "z")
    odd = "class Odd(ipywidgets.Widget):\n    children = traitlets.Any(None)\nodd = Odd()"
    real_kernel.run(odd, "z")
    for _ in range(3):
        real_kernel.run(f"{make}login", "a")


def test_where_ipywidgets_does_not_tell_what_there_is_everything_stays(
    real_kernel: RealKernel, make: str
) -> None:
    real_kernel.run("kept = []", "z")
    # As in ipywidgets 8.0.0. Only our own look at it: the installed one needs the list itself.
    hide = "from auth0_widget.notebook import replaced_widgets as rooms\n"
    hide += "from types import SimpleNamespace as Names\n"
    hide += "rooms.ipywidgets = Names(widgets=Names(widget=Names()))"
    real_kernel.run(hide, "z")
    for _ in range(3):
        real_kernel.run(f"{make}kept.append(login)\nlogin", "a")
    real_kernel.run("assert all(each.comm for each in kept)", "z")
    real_kernel.run("import ipywidgets; rooms.ipywidgets = ipywidgets", "z")


def test_another_login_s_widget_stays(real_kernel: RealKernel, make: str) -> None:
    real_kernel.run(f"{make}kept = [login]", "a")
    for _ in range(2):
        real_kernel.run(make.replace('client_id="', 'client_id="other-'), "a")
    real_kernel.run("assert kept[0].comm", "z")


def test_one_whose_window_may_be_open_stays_until_the_login_is_over(
    real_kernel: RealKernel, make: str
) -> None:
    real_kernel.run(f"{make}kept = [login]\nlogin._login.start()\nlogin", "a")
    real_kernel.run(f"{make}login", "a")
    real_kernel.run("assert kept[0].comm\nlogin._login.cancel()", "z")
    real_kernel.run(f"{make}login", "a")
    real_kernel.run("assert not kept[0].comm", "z")


@pytest.fixture
def make_unsaved(make: str) -> str:
    """The same, where no file has been saved since."""
    return make.replace("UNSAVED = 0", "UNSAVED = 3600")


def test_what_a_file_may_name_that_was_saved_before_stays(
    real_kernel: RealKernel, make_unsaved: str
) -> None:
    real_kernel.run(f"{make_unsaved}kept = [login]\nlogin", "a")
    for _ in range(10):
        real_kernel.run(f"{make_unsaved}login", "a")
    real_kernel.run("assert kept[0].comm", "z")
    for _ in range(2):
        real_kernel.run(f"{make_unsaved}login", "a")
    real_kernel.run("assert not kept[0].comm, 'there is an end to it'", "z")


def test_what_a_page_has_loaded_from_such_a_file_stays_until_its_cell_is_run_again(
    real_kernel: RealKernel, make: str, make_unsaved: str
) -> None:
    real_kernel.run(f"{make_unsaved}kept = [login]\nlogin", "a")
    real_kernel.run(f"{make_unsaved}login", "a")
    hello = {"type": "hello", "page": PAGE, "origin": "http://localhost", **ABLE}
    real_kernel.run(f"kept[0]._handle_custom_msg({hello}, [])", "z")
    for _ in range(2):
        real_kernel.run(f"{make}login", "b")
        real_kernel.run("assert kept[0].comm", "z")
    real_kernel.run(f"{make}login", "a")
    real_kernel.run("assert not kept[0].comm", "z")
