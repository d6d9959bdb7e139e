from __future__ import annotations

import pkgutil

import auth0_widget
from auth0_widget import Auth0WidgetError, errors


def test_all_is_sorted_and_true() -> None:
    names = auth0_widget.__all__
    assert names == sorted(names)
    assert len(set(names)) == len(names)
    assert all(hasattr(auth0_widget, name) for name in names)


def test_all_is_complete() -> None:
    modules = {module.name for module in pkgutil.iter_modules(auth0_widget.__path__)}
    names = filter(str.isidentifier, vars(auth0_widget))  # pytest adds some that are none
    public = {name for name in names if not name.startswith("_")} - modules
    assert public - {"version"} | {"__version__"} == set(auth0_widget.__all__)


def test_the_public_errors_are_the_root_and_its_children() -> None:
    public = {
        name
        for name in auth0_widget.__all__
        if isinstance(value := getattr(auth0_widget, name), type)
        and issubclass(value, Auth0WidgetError)
    }
    children = {
        error.__name__
        for error in Auth0WidgetError.__subclasses__()
        if error.__module__ == errors.__name__
    }
    assert public == children | {"Auth0WidgetError"}
