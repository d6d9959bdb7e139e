"""Which widgets a cell has left behind by being run again.

ipywidgets keeps every widget until it is closed, and the page keeps its model. Without this a cell
that is run fifty times, as cells are, leaves fifty that nobody sees, each following the login.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import ipywidgets

from auth0_widget.kernels import running_cell

if TYPE_CHECKING:
    from auth0_widget.kernels import RunningCell
    from auth0_widget.login import Login


@dataclass(slots=True)
class _Place:
    """Where a widget was made, for which login, and by which run of which cells it is shown."""

    made_in: RunningCell
    login: Login
    shown_in: dict[str, str] = field(default_factory=dict)
    replaced: bool = False


_places: WeakKeyDictionary[ipywidgets.Widget, _Place] = WeakKeyDictionary()


def note_made(widget: ipywidgets.Widget, login: Login) -> None:
    """A widget is made; what an earlier run of this very cell has made for the same login goes."""
    here = running_cell()
    if here is None:
        return
    for place in _places.values():
        if place.login is login and place.made_in.cell == here.cell and place.made_in != here:
            place.replaced = True
    _places[widget] = _Place(here, login)
    _sweep(here)


def note_shown(widget: ipywidgets.Widget) -> None:
    """The running cell shows a widget."""
    here = running_cell()
    if here is not None and widget in _places:
        _places[widget].shown_in[here.cell] = here.request
        _sweep(here)


def _sweep(here: RunningCell) -> None:
    """Close what has been replaced, unless it is still to be seen, or has its window open."""
    for widget, place in tuple(_places.items()):
        # What a cell has shown goes when it is run again.
        if place.shown_in.get(here.cell) != here.request:
            place.shown_in.pop(here.cell, None)
        unseen = place.replaced and not place.shown_in and not _is_inside_another(widget)
        if unseen and place.login.status != "logging_in":
            del _places[widget]
            widget.close()


def _is_inside_another(widget: ipywidgets.Widget) -> bool:
    """Whether a box or the like holds it; where ipywidgets does not tell, it may."""
    widgets = getattr(ipywidgets.widgets.widget, "_instances", None)
    if widgets is None:
        return True
    return any(widget in getattr(other, "children", ()) for other in tuple(widgets.values()))
