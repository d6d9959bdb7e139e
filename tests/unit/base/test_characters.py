from __future__ import annotations

import re

import pytest

from auth0_widget.base.characters import SCOPE_CHARACTER, is_quoted, is_visible_ascii


@pytest.mark.parametrize("text", ["!", "~", 'a"\\b', "x" * 512])
def test_visible_ascii(text: str) -> None:
    assert is_visible_ascii(text)


@pytest.mark.parametrize("text", ["", " ", "a b", "a\n", "\x7f", "\x00", "\xe4", "x" * 513])
def test_other_texts(text: str) -> None:
    assert not is_visible_ascii(text)


@pytest.mark.parametrize("text", ['"a"', "'a", "a`", "\u201ca\u201d", "\u00aba\u00bb"])
def test_a_quotation_mark_at_either_end_is_seen(text: str) -> None:
    assert is_quoted(text)


@pytest.mark.parametrize("text", ["", "a", "a'b"])
def test_elsewhere_it_is_not(text: str) -> None:
    assert not is_quoted(text)


def test_a_caller_chooses_the_length() -> None:
    assert is_visible_ascii("x" * 600, longest=600)
    assert not is_visible_ascii("xx", longest=1)


def test_a_scope_has_every_visible_character_but_quotation_mark_and_backslash() -> None:
    allowed = {code for code in range(256) if re.fullmatch(SCOPE_CHARACTER, chr(code))}
    assert allowed == set(range(0x21, 0x7F)) - {ord('"'), ord("\\")}
