from __future__ import annotations

import ast
import re

import pytest
from arrows import PACKAGE

from auth0_widget import errors
from auth0_widget.base.redaction import safe_text
from auth0_widget.errors import (
    Auth0WidgetError,
    CellCannotWaitError,
    IdTokenError,
    KernelBlockedError,
    MissingExtraError,
    TenantError,
    TokenRequestError,
)


def _children(error: type[Auth0WidgetError]) -> list[type[Auth0WidgetError]]:
    return [child for child in error.__subclasses__() if child.__module__ == errors.__name__]


def _tree(error: type[Auth0WidgetError]) -> list[type[Auth0WidgetError]]:
    return [error, *(one for child in _children(error) for one in _tree(child))]


EVERY = _tree(Auth0WidgetError)


def _make(error: type[Auth0WidgetError]) -> Auth0WidgetError:
    return error("demo") if error is MissingExtraError else error()


def test_the_tree_in_the_docstring_is_the_real_one() -> None:
    drawn: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"([│├└─ ]*)(\w+Error)\b", line)
        if match:
            drawn.append((len(match[1]) // 4, match[2]))

    def real(error: type[Auth0WidgetError], depth: int = 0) -> list[tuple[int, str]]:
        # The ID token's checks are many, and described as one in the drawing.
        children = [] if error is IdTokenError else _children(error)
        return [(depth, error.__name__), *(row for c in children for row in real(c, depth + 1))]

    assert sorted(drawn) == sorted(real(Auth0WidgetError))
    parents: dict[int, str] = {}
    for depth, name in drawn:
        parents[depth] = name
        if depth:
            parent = getattr(errors, parents[depth - 1])
            assert parent in getattr(errors, name).__mro__


@pytest.mark.parametrize("error", EVERY, ids=lambda error: error.__name__)
def test_each_error_has_a_code_a_sentence_and_a_next_step(error: type[Auth0WidgetError]) -> None:
    raised = _make(error)
    assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", raised.code)
    assert raised.message[0].isupper()
    assert raised.message.endswith(".")
    assert raised.next_step[0].isupper()
    assert str(raised) == f"{raised.message} {raised.next_step}"
    assert error.__doc__


def test_codes_are_unique() -> None:
    codes = [error.code for error in EVERY]
    assert sorted(set(codes)) == sorted(codes)
    assert all("code" in vars(error) for error in EVERY), "a code of its own, not its parent's"


def test_sentence_and_next_step_can_be_replaced() -> None:
    error = TenantError("It said no.", next_step="Ask again.")
    assert (error.message, error.next_step) == ("It said no.", "Ask again.")


def test_what_the_tenant_said_is_part_of_the_sentence() -> None:
    error = TokenRequestError(error="invalid_grant", error_description="Used twice")
    assert error.message.endswith("(invalid_grant: Used twice).")
    assert (error.error, error.error_description) == ("invalid_grant", "Used twice")


def test_a_missing_extra_says_what_to_install() -> None:
    assert "pip install 'auth0-widget[demo]'" in MissingExtraError("demo").next_step


def test_what_we_say_can_be_printed_on_a_console_that_knows_ascii_only() -> None:
    """Python raises there at any other character, also at the dots of "client_id='…'"."""
    foreign = []
    for path in sorted(PACKAGE.rglob("*.py")):
        if "local_tenant" in path.parts:
            continue  # its pages are read in a browser
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        foreign += [
            f"{path.name}:{node.lineno}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node not in docstrings
            and not node.value.isascii()
            and any(map(str.isspace, node.value))
        ]
    assert not foreign


def test_a_cut_text_can_be_printed_there_too() -> None:
    assert safe_text("x" * 40 + " ada@example.com " + "word " * 100).isascii()


@pytest.mark.parametrize(
    "error",
    [each for each in EVERY if each not in {KernelBlockedError, CellCannotWaitError}],
    ids=lambda error: error.__name__,
)
def test_advice_that_a_script_can_hear_speaks_of_no_cell(error: type[Auth0WidgetError]) -> None:
    assert "cell" not in re.findall(r"\w+", str(_make(error)).lower())
