from __future__ import annotations

import gc
import sys
import threading
import weakref
from dataclasses import fields, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from auth0_widget.login.registry import shared_login
from auth0_widget.notebook import front_ends
from auth0_widget.notebook.front_ends import current_kernel

if TYPE_CHECKING:
    from auth0_widget.config import Settings
    from auth0_widget.login.login import Login


def _in_a_kernel(settings: Settings) -> list[weakref.ref[Login]]:
    """The login that two widgets of one visitor get; gone when the visitor is."""
    found: list[weakref.ref[Login]] = []

    def kernel() -> None:
        found.extend(weakref.ref(shared_login(settings, current_kernel())) for _ in range(2))

    thread = threading.Thread(target=kernel)
    thread.start()
    thread.join()
    return found


def _kernel_application(*, initialized: bool) -> SimpleNamespace:
    return SimpleNamespace(IPKernelApp=SimpleNamespace(initialized=lambda: initialized))


@pytest.mark.parametrize("application", [None, _kernel_application(initialized=False)])
def test_where_a_process_may_serve_several_people_each_widget_has_its_own_login(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, application: object
) -> None:
    # As in Solara, Shiny, Panel, Streamlit, Dash and Gradio: their visitors share a process.
    monkeypatch.delitem(sys.modules, "marimo", raising=False)
    if application is None:
        monkeypatch.delitem(sys.modules, "ipykernel.kernelapp", raising=False)
    else:
        monkeypatch.setitem(sys.modules, "ipykernel.kernelapp", application)
    monkeypatch.setattr(front_ends, "_shares_logins", False)
    logins = [shared_login(settings, current_kernel()) for _ in range(2)]
    assert logins[0] is not logins[1]
    for login in logins:
        login.tenant.close()


def test_logins_that_differ_in_any_setting_are_different_ones(settings: Settings) -> None:
    kernel = threading.current_thread()
    others: dict[str, Any] = {field.name: "other" for field in fields(settings)}
    others |= {"origin": "https://other.example.com", "leeway": settings.leeway + 1}
    ours = shared_login(settings, kernel)
    logins = {shared_login(replace(settings, **{name: others[name]}), kernel) for name in others}
    assert len(logins | {ours}) == 1 + len(others)
    assert shared_login(replace(settings), kernel) is ours
    for login in logins | {ours}:
        login.tenant.close()


def test_threads_of_one_kernel_share_a_login(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "marimo", raising=False)  # other tests import it
    monkeypatch.setitem(sys.modules, "ipykernel.kernelapp", _kernel_application(initialized=True))
    ours = shared_login(settings, current_kernel())
    assert {each() for each in _in_a_kernel(settings)} == {ours}
    ours.tenant.close()


@pytest.mark.parametrize("mode", ["run", None], ids=["marimo's threads", "threads of their own"])
def test_visitors_of_a_marimo_app_do_not(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, mode: str | None
) -> None:
    marimo = SimpleNamespace(app_meta=lambda: SimpleNamespace(mode=mode))
    monkeypatch.setitem(sys.modules, "marimo", marimo)
    ours = shared_login(settings, current_kernel())
    assert shared_login(settings, current_kernel()) is ours
    first, second = _in_a_kernel(settings)
    assert first is second
    gc.collect()
    assert first() is None
    ours.tenant.close()
