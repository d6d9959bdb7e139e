from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

import auth0_widget
from auth0_widget import Auth0WidgetError, errors


def test_all_is_sorted_and_true() -> None:
    names = auth0_widget.__all__
    assert names == sorted(names)
    assert len(set(names)) == len(names)
    assert all(hasattr(auth0_widget, name) for name in names)


def test_what_type_checkers_see_is_what_there_is() -> None:
    seen = {"__version__"}
    for node in ast.walk(ast.parse(Path(auth0_widget.__file__).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("auth0_widget."):
            module = import_module(node.module or "")
            for alias in node.names:
                assert getattr(auth0_widget, alias.name) is getattr(module, alias.name)
                seen.add(alias.name)
    assert seen == set(auth0_widget.__all__) == set(dir(auth0_widget))


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    assert not hasattr(auth0_widget, "Widget")
    with pytest.raises(AttributeError, match="module 'auth0_widget' has no attribute 'Widget'"):
        getattr(auth0_widget, "Widget")  # noqa: B009 - mypy knows that it is not there


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
