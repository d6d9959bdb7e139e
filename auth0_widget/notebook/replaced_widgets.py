"""Closes widgets that a cell created in an earlier run and that no page shows any more.

ipywidgets keeps each widget until it is closed, and the page keeps its model. If a cell was run
fifty times, there would be fifty widgets that listen to the login.

A widget is not closed at once. The file of the notebook has the ID of the model that was shown when
it was saved, and a page that is loaded before the next save needs that model.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import ipywidgets

from auth0_widget.notebook.running_cell import is_held_by_a_variable, running_cell

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.login.login import Login
    from auth0_widget.notebook.running_cell import RunningCell

UNSAVED = 150.0
"""Seconds for which a replaced widget is kept. JupyterLab saves the file every 120 seconds."""

MAX_UNSAVED = 10
"""The maximum number of replaced widgets that are kept."""


@dataclass(slots=True)
class _TrackedWidget:
    """A widget that may be closed later.

    Attributes:
        made_in: The run of the cell that created it.
        login: The login that it shows.
        loaded_since: Whether a page has loaded it since a moment of the monotonic clock.
        shown_in: The ID of a cell that shows it → the ID of the request that ran that cell.
        captured: Whether an ``Output`` widget, which may be shown anywhere, has captured it.
        replaced_at: When another run replaced it, by the monotonic clock; or None.
    """

    made_in: RunningCell
    login: Login
    loaded_since: Callable[[float], bool]
    shown_in: dict[str, str] = field(default_factory=dict)
    captured: bool = False
    replaced_at: float | None = None


_tracked: WeakKeyDictionary[ipywidgets.Widget, _TrackedWidget] = WeakKeyDictionary()


def track_created(
    widget: ipywidgets.Widget, login: Login, loaded_since: Callable[[float], bool]
) -> None:
    """Track a new widget. It replaces those of earlier runs of this cell for the same login.

    Args:
        widget: The widget.
        login: The login that it shows.
        loaded_since: Whether a page has loaded it since a moment of the monotonic clock.
    """
    here = running_cell()
    # ipywidgets 8.0.0 has no list of its widgets, so it is unknown which of them are inside others.
    if here is None or not hasattr(ipywidgets.widgets.widget, "_instances"):
        return
    for tracked in _tracked.values():
        if tracked.login is login and tracked.made_in.cell == here.cell and tracked.made_in != here:
            tracked.replaced_at = time.monotonic()
    _tracked[widget] = _TrackedWidget(here, login, loaded_since)
    _close_replaced(here)


def track_displayed(widget: ipywidgets.Widget) -> None:
    """Remember that the running cell shows a widget."""
    here = running_cell()
    if here is not None and widget in _tracked:
        tracked = _tracked[widget]
        if any(getattr(other, "msg_id", None) == here.request for other in _widgets()):
            tracked.captured = True
        tracked.shown_in[here.cell] = here.request
        _close_replaced(here)


def _close_replaced(here: RunningCell) -> None:
    """Close replaced widgets, unless a page may still show them or their login is under way."""
    unseen: list[tuple[float, ipywidgets.Widget]] = []
    for widget, tracked in tuple(_tracked.items()):
        # A cell that is run again no longer shows what it showed.
        if tracked.shown_in.get(here.cell) != here.request:
            tracked.shown_in.pop(here.cell, None)
        if tracked.replaced_at is not None and tracked.loaded_since(tracked.replaced_at):
            tracked.replaced_at = None  # a page whose file was saved earlier shows it again
        if (
            tracked.replaced_at is not None
            and not tracked.shown_in
            and tracked.login.status != "logging_in"
            and not tracked.captured
            and not _is_inside_another(widget)
            and not is_held_by_a_variable(widget)
        ):
            unseen.append((tracked.replaced_at, widget))
    unseen.sort(key=lambda each: each[0])
    saved_at = time.monotonic() - UNSAVED
    for number, (replaced_at, widget) in enumerate(reversed(unseen)):
        if replaced_at <= saved_at or number >= MAX_UNSAVED:
            del _tracked[widget]
            widget.close()


def _is_inside_another(widget: ipywidgets.Widget) -> bool:
    """Whether another widget, such as a box, contains it."""
    held = (getattr(other, "children", None) for other in _widgets())
    return any(widget is child for each in held if isinstance(each, tuple) for child in each)


def _widgets() -> tuple[ipywidgets.Widget, ...]:
    """All widgets of this kernel. ipywidgets has no public list of them."""
    return tuple(ipywidgets.widgets.widget._instances.values())  # noqa: SLF001
